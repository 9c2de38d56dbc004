"""What narrows the roll: words, standing, grade, trade, place, tags, days and what is owed."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from portal.foundation.search import tokens_to_find
from portal.members.enterprises.models import Enterprise, EnterpriseTag
from portal.members.enterprises.rules.uscc import normalise_uscc
from portal.members.membership.models import Membership, MembershipState
from portal.money.invoices.models import OPEN_STATES, Invoice
from portal.money.ledger.models import Account, Posting
from portal.roll.models import Standing
from portal.tenancy.models import SearchToken
from portal.tenancy.search_index import FEW
from portal.tenancy.session import ChamberSession

MANY = 1_000


@dataclass(frozen=True)
class RollFilter:
    """What narrows the roll.

    `owes` is `overdue` (whatever the membership) or `credit` (has credit on account).

    `state` is `member` (active or lapsed), `applicant` (never admitted) or a membership's state;
    ids and dates as in the address.
    """

    q: str = ""
    state: str = ""
    standing: str = ""
    grade: str = ""
    industry: str = ""
    region: str = ""
    tag: str = ""
    joined_from: str = ""
    joined_to: str = ""
    owes: str = ""
    ids: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "RollFilter":
        """What an address or a saved view asks, each part cut to a sensible length."""
        return cls(
            **{
                f.name: str(asked.get(f.name, ""))[: 2_000 if f.name == "ids" else 60]
                for f in fields(cls)
            }
        )

    def asked(self) -> dict[str, Any]:
        """The parts that narrow anything, as they stand in an address."""
        return {name: value for name, value in asdict(self).items() if value}

    def as_query(self) -> str:
        """The same as an address writes it after the question mark."""
        return urlencode(self.asked())


def conditions_of(
    session: ChamberSession, narrow: RollFilter, on: dt.date
) -> list[sa.ColumnElement[bool]]:
    """What an enterprise must be on a day to stand in the narrowed roll.

    It, and its newest membership.
    """
    found = [
        *_state(narrow, on),
        *_standing(narrow, on),
        *_owes(narrow, on),
        *_found_by(session, narrow.q),
    ]
    if grade := _uuids(narrow.grade):
        found.append(Membership.grade_id.in_(grade))
    for column, prefix in (
        (Enterprise.industry, narrow.industry),
        (Enterprise.region, narrow.region),
    ):
        if prefix:
            found.append(column.startswith(prefix, autoescape=True))
    for day, bound in (
        (_day(narrow.joined_from), Membership.joined_on.__ge__),
        (_day(narrow.joined_to), Membership.joined_on.__le__),
    ):
        if day:
            found.append(bound(day))
    if tags := _uuids(narrow.tag):
        found.append(
            sa.select(EnterpriseTag.id)
            .where(EnterpriseTag.enterprise_id == Enterprise.id, EnterpriseTag.tag_id.in_(tags))
            .exists()
        )
    if narrow.ids:
        found.append(Enterprise.id.in_(_uuids(narrow.ids)))
    return found


def _state(narrow: RollFilter, on: dt.date) -> list[sa.ColumnElement[bool]]:
    known: dict[str, sa.ColumnElement[bool]] = {
        "member": ~Membership.ended_by(on),
        "applicant": Membership.id.is_(None),
        MembershipState.ACTIVE: sa.not_(sa.or_(Membership.ended_by(on), Membership.lapsed_by(on))),
        MembershipState.LAPSED: Membership.lapsed_by(on),
        MembershipState.EXITED: Membership.ended_by(on),
    }
    return [known[narrow.state]] if narrow.state in known else []


def _late(on: dt.date) -> sa.Exists:
    return (
        sa.select(Invoice.id)
        .where(
            Invoice.party_id == Enterprise.id, Invoice.state.in_(OPEN_STATES), Invoice.due_on < on
        )
        .exists()
    )


def _owes(narrow: RollFilter, on: dt.date) -> list[sa.ColumnElement[bool]]:
    if narrow.owes == "overdue":
        return [_late(on)]
    if narrow.owes == "credit":
        held = (
            sa.select(Posting.party_id)
            .where(Posting.account == Account.CREDIT_ON_ACCOUNT)
            .group_by(Posting.party_id)
        )
        return [Enterprise.id.in_(held.having(sa.func.sum(Posting.amount) < 0))]
    return []


def _standing(narrow: RollFilter, on: dt.date) -> list[sa.ColumnElement[bool]]:
    late = _late(on)
    if narrow.standing == Standing.ARREARS:
        return [Membership.standing_on(on), late]
    return [Membership.standing_on(on), ~late] if narrow.standing == Standing.GOOD else []


def _found_by(session: ChamberSession, words: str) -> list[sa.ColumnElement[bool]]:
    """What carries every token of the words. A rare token gives its few ids.

    Where all are common, each row in pinyin order is asked, so that a page ends early.
    """
    wanted = _rarest_first(session, sorted(tokens_to_find(words)))
    if not words:
        return []
    if not wanted:
        return [Enterprise.uscc == normalise_uscc(words)]
    asked: list[sa.ColumnElement[bool]] = [
        sa.select(SearchToken.id)
        .where(*_carries(token), SearchToken.subject_id == Enterprise.id)
        .exists()
        for token in wanted
    ]
    carrying = sa.select(SearchToken.subject_id).where(*_carries(wanted[0]))
    for token in wanted[1:]:
        also = aliased(SearchToken)
        carrying = carrying.where(
            sa.select(also.id)
            .where(
                also.subject_type == "enterprise",
                also.token == token,
                also.subject_id == SearchToken.subject_id,
            )
            .exists()
        )
    few = session.scalars(carrying.limit(FEW + 1)).all()
    return [Enterprise.id.in_(few)] if len(few) <= FEW else asked


def _rarest_first(session: ChamberSession, tokens: list[str]) -> list[str]:
    """The tokens in the order of how many enterprises carry them, counted up to MANY.

    The rarest leads the search.
    """
    if len(tokens) < 2:
        return tokens
    carriers = (
        sa.select(SearchToken.id).where(*_carries(token)).limit(MANY).subquery() for token in tokens
    )
    counts = session.execute(
        sa.select(
            *(sa.select(sa.func.count()).select_from(part).scalar_subquery() for part in carriers)
        )
    ).one()
    return [token for _, token in sorted(zip(counts, tokens, strict=True))]


def _carries(token: str) -> tuple[sa.ColumnElement[bool], ...]:
    return SearchToken.subject_type == "enterprise", SearchToken.token == token


def _uuids(words: str) -> list[uuid.UUID]:
    found = []
    for word in words.split(","):
        try:
            found.append(uuid.UUID(word))
        except ValueError:
            continue
    return found


def _day(word: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(word)
    except ValueError:
        return None
