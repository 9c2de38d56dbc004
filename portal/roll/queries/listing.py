"""Reading the roll: every enterprise that the chamber knows.

With membership and balance in the list's own query.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from portal.accounts.models import Person, Representation
from portal.foundation.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from portal.members.enterprises.models import Enterprise, Tag
from portal.members.membership.models import Grade, Membership
from portal.money.invoices.models import OPEN_STATES, Invoice
from portal.roll.models import RollExport, SavedView, Standing
from portal.roll.queries.narrowing import RollFilter, conditions_of
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class RollRow:
    """One enterprise of the roll on a day. Amounts in fen.

    `overdue` is what of `owed` was due before it; `contact` is who is written to about dues.
    """

    on: dt.date
    enterprise: Enterprise
    membership: Membership | None
    grade: Grade | None
    owed: int
    overdue: int
    contact: str | None

    @property
    def standing(self) -> Standing:
        """How it stands, from the row alone: the list's short form of rules.judge."""
        if self.membership is None:
            return Standing.NO_MEMBER
        if self.membership.has_ended(self.on):
            return Standing.LEFT
        if self.membership.has_lapsed(self.on):
            return Standing.LAPSED
        return Standing.ARREARS if self.overdue else Standing.GOOD


def list_roll(
    session: ChamberSession,
    narrow: RollFilter,
    on: dt.date,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[RollRow]:
    """One page of the roll by name in pinyin order.

    The same number of queries however many rows.
    """
    query = _rows(session, narrow, on).limit(size + 1)
    after = decode_cursor(cursor, str, uuid.UUID)
    if after:
        name, last_id = sa.literal(after[0]), sa.literal(after[1], sa.Uuid())
        query = query.where(
            sa.tuple_(Enterprise.pinyin_key, Enterprise.id) > sa.tuple_(name, last_id)
        )
    rows = [
        RollRow(on, known, membership, grade, int(owed), int(late), contact)
        for known, membership, grade, owed, late, contact in session.execute(query).all()
    ]
    last = rows[size - 1].enterprise if len(rows) > size else None
    return Page(rows[:size], encode_cursor(last.pinyin_key, str(last.id)) if last else None)


def stream_roll(
    session: ChamberSession, narrow: RollFilter, on: dt.date, chunk: int = 1_000
) -> Iterator[list[RollRow]]:
    """The whole roll in pages of `chunk` rows, in bounded memory."""
    cursor: str | None = None
    while True:
        page = list_roll(session, narrow, on, cursor, chunk)
        if page.rows:
            yield list(page.rows)
        if page.next_cursor is None:
            return
        cursor = page.next_cursor
        session.expunge_all()


def count_roll(session: ChamberSession, narrow: RollFilter, on: dt.date) -> int:
    """How many enterprises match, exactly: what is done to many says to how many."""
    query = _select(session, narrow, on, Enterprise.id).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(query)) or 0


def count_without_contact(session: ChamberSession, narrow: RollFilter, on: dt.date) -> int:
    """How many of those that match have nobody who acts for them in the portal."""
    acting = (
        sa.select(Representation.id)
        .where(Representation.enterprise_id == Enterprise.id, Representation.ended_at.is_(None))
        .correlate(Enterprise)
        .exists()
    )
    query = _select(session, narrow, on, Enterprise.id).where(~acting).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(query)) or 0


def list_matching_ids(
    session: ChamberSession, narrow: RollFilter, on: dt.date
) -> Sequence[uuid.UUID]:
    """The ids of all that match, for what is done to many at once."""
    return session.scalars(_select(session, narrow, on, Enterprise.id)).all()


def contacts_of(
    session: ChamberSession, enterprise_ids: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, Person]:
    """Who is written to about dues, of some enterprises.

    Or else the first who acts for each.
    """
    found: dict[uuid.UUID, Person] = {}
    for row in _acting(session, enterprise_ids):
        found.setdefault(row.enterprise_id, row.person)
    return found


def listeners_of(session: ChamberSession, enterprise_ids: Sequence[uuid.UUID]) -> list[Person]:
    """Who is told what concerns some enterprises, each once.

    Those who vote for them and those who are written to about dues; where there are none, the first
    who acts.
    """
    found: dict[uuid.UUID, Person] = {}
    told: set[uuid.UUID] = set()
    for row in sorted(
        _acting(session, enterprise_ids),
        key=lambda r: not (r.is_member_representative or r.is_dues_contact),
    ):
        if row.is_member_representative or row.is_dues_contact or row.enterprise_id not in told:
            found.setdefault(row.person_id, row.person)
            told.add(row.enterprise_id)
    return list(found.values())


def _acting(
    session: ChamberSession, enterprise_ids: Sequence[uuid.UUID]
) -> Sequence[Representation]:
    query = (
        sa.select(Representation)
        .options(joinedload(Representation.person))
        .where(Representation.enterprise_id.in_(enterprise_ids), Representation.ended_at.is_(None))
        .order_by(Representation.is_dues_contact.desc(), Representation.id)
    )
    return session.scalars(query).all()


@dataclass(frozen=True)
class Option:
    """A grade, a tag or a saved view, as the list offers it. Of a view, `more` is what it asks.

    Of a grade, its English name.
    """

    kind: str
    id: uuid.UUID
    name: str
    more: str


def list_options(session: ChamberSession, person_id: uuid.UUID | None) -> list[Option]:
    """The chamber's grades and tags and a colleague's views, by kind and in order, in one query."""
    parts = (
        sa.select(
            sa.literal("grade", sa.String).label("kind"),
            Grade.id,
            Grade.name_zh.label("name"),
            Grade.name_en.label("more"),
            Grade.position.label("place"),
        ),
        sa.select(sa.literal("tag"), Tag.id, Tag.name, sa.literal(""), sa.literal(0)),
        sa.select(
            sa.literal("view"), SavedView.id, SavedView.name, SavedView.query, sa.literal(0)
        ).where(SavedView.person_id == person_id),
    )
    found = sa.union_all(*parts).subquery()
    query = sa.select(found.c.kind, found.c.id, found.c.name, found.c.more).order_by(
        found.c.kind, found.c.place, found.c.name
    )
    return [Option(*row) for row in session.execute(query).all()]


def list_exports(
    session: ChamberSession, person_id: uuid.UUID | None, limit: int = 20
) -> Sequence[RollExport]:
    """A colleague's exports, newest first."""
    query = (
        sa.select(RollExport)
        .options(joinedload(RollExport.file))
        .where(RollExport.person_id == person_id)
    )
    return session.scalars(
        query.order_by(RollExport.asked_at.desc(), RollExport.id.desc()).limit(limit)
    ).all()


def _rows(session: ChamberSession, narrow: RollFilter, on: dt.date) -> sa.Select[Any]:
    left = Invoice.amount - Invoice.paid - Invoice.credited
    mine = sa.select(sa.func.coalesce(sa.func.sum(left), 0)).where(
        Invoice.party_id == Enterprise.id, Invoice.state.in_(OPEN_STATES)
    )
    owed, overdue = mine.scalar_subquery(), mine.where(Invoice.due_on < on).scalar_subquery()
    writes = sa.select(Person.name).join(Representation, Representation.person_id == Person.id)
    writes = writes.where(
        Representation.enterprise_id == Enterprise.id, Representation.ended_at.is_(None)
    ).correlate(Enterprise)
    contact = (
        writes.order_by(Representation.is_dues_contact.desc(), Representation.id)
        .limit(1)
        .scalar_subquery()
    )
    query = _select(session, narrow, on, Enterprise, Membership, Grade, owed, overdue, contact)
    return query.outerjoin(Grade, Grade.id == Membership.grade_id).order_by(
        Enterprise.pinyin_key, Enterprise.id
    )


def _select(
    session: ChamberSession, narrow: RollFilter, on: dt.date, *columns: Any
) -> sa.Select[Any]:
    """Each enterprise with its newest membership.

    The last that it joined, or of two on one day the last that was entered.
    """
    other = aliased(Membership)
    later = sa.or_(
        other.joined_on > Membership.joined_on,
        sa.and_(other.joined_on == Membership.joined_on, other.id > Membership.id),
    )
    newer = (
        sa.select(other.id)
        .where(other.enterprise_id == Enterprise.id, later)
        .correlate(Enterprise, Membership)
        .exists()
    )
    query = sa.select(*columns).select_from(Enterprise)
    query = query.outerjoin(Membership, sa.and_(Membership.enterprise_id == Enterprise.id, ~newer))
    return query.where(Enterprise.same_as_id.is_(None), *conditions_of(session, narrow, on))
