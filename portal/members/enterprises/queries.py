"""Reading enterprises."""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.foundation.paging import Page
from portal.members.enterprises.models import (
    Amendment,
    AmendmentState,
    Debtor,
    Enterprise,
    EnterpriseNote,
    EnterpriseTag,
    FormerName,
    Party,
    PastEvent,
    Tag,
    as_debtor,
)
from portal.members.enterprises.rules.uscc import normalise_uscc
from portal.tenancy.newest import page_of_newest
from portal.tenancy.search_index import few_or_all
from portal.tenancy.session import ChamberSession


def find_enterprise_by_uscc(session: ChamberSession, uscc: str) -> Enterprise | None:
    """The chamber's enterprise of this (normalised) code."""
    return session.scalars(
        sa.select(Enterprise).where(Enterprise.uscc == uscc, Enterprise.same_as_id.is_(None))
    ).one_or_none()


def search_enterprises(session: ChamberSession, words: str, limit: int) -> Sequence[Enterprise]:
    """Enterprises by name, former name, pinyin initials, contact or USCC, in pinyin order."""
    named = few_or_all(session, "enterprise", words)
    code = Enterprise.uscc == normalise_uscc(words)
    query = sa.select(Enterprise).where(
        Enterprise.same_as_id.is_(None),
        code if named is None else sa.or_(code, Enterprise.id.in_(named)),
    )
    return session.scalars(query.order_by(Enterprise.pinyin_key, Enterprise.id).limit(limit)).all()


def find_debtor(session: ChamberSession, party_id: uuid.UUID) -> Debtor:
    """Who owes or pays; NotFound where nobody has this id."""
    return as_debtor(session.fetch(Party, party_id), session.find(Enterprise, party_id))


def list_former_names(session: ChamberSession, enterprise_id: uuid.UUID) -> Sequence[FormerName]:
    """The former names of an enterprise, newest first."""
    return session.scalars(
        sa.select(FormerName)
        .where(FormerName.enterprise_id == enterprise_id)
        .order_by(FormerName.id.desc())
    ).all()


def list_enterprise_notes(
    session: ChamberSession, enterprise_id: uuid.UUID
) -> Sequence[EnterpriseNote]:
    """The colleagues' notes on an enterprise, newest first."""
    return session.scalars(
        sa.select(EnterpriseNote)
        .where(EnterpriseNote.enterprise_id == enterprise_id)
        .order_by(EnterpriseNote.id.desc())
    ).all()


def list_past_events(session: ChamberSession, enterprise_id: uuid.UUID) -> Sequence[PastEvent]:
    """An enterprise's history from before the portal, newest first."""
    return session.scalars(
        sa.select(PastEvent)
        .where(PastEvent.enterprise_id == enterprise_id)
        .order_by(PastEvent.happened_on.desc(), PastEvent.id.desc())
    ).all()


def list_tags(session: ChamberSession) -> Sequence[Tag]:
    """The chamber's tags by name."""
    return session.scalars(sa.select(Tag).order_by(Tag.name)).all()


def tags_of(
    session: ChamberSession, enterprise_ids: Sequence[uuid.UUID]
) -> Mapping[uuid.UUID, list[Tag]]:
    """The tags that some enterprises carry."""
    query = (
        sa.select(EnterpriseTag)
        .options(joinedload(EnterpriseTag.tag))
        .where(EnterpriseTag.enterprise_id.in_(enterprise_ids))
    )
    found: dict[uuid.UUID, list[Tag]] = {}
    for row in session.scalars(query).all():
        found.setdefault(row.enterprise_id, []).append(row.tag)
    return {
        enterprise_id: sorted(tags, key=lambda tag: tag.name)
        for enterprise_id, tags in found.items()
    }


def list_amendments(
    session: ChamberSession,
    *,
    enterprise_id: uuid.UUID | None = None,
    state: AmendmentState | None = None,
    limit: int = 100,
) -> Sequence[Amendment]:
    """Amendments with their enterprises and decisions, newest first.

    Of one enterprise, or in one state.
    """
    query = (
        sa.select(Amendment)
        .options(joinedload(Amendment.enterprise), joinedload(Amendment.decision))
        .order_by(Amendment.id.desc())
        .limit(limit)
    )
    if enterprise_id:
        query = query.where(Amendment.enterprise_id == enterprise_id)
    if state:
        query = query.where(Amendment.state == state)
    return session.scalars(query).all()


def page_amendments(
    session: ChamberSession,
    *,
    state: AmendmentState | None = None,
    words: str = "",
    cursor: str | None = None,
) -> Page[Amendment]:
    """One page of changes of identity, newest first.

    In one state, and of enterprises of a name, pinyin or USCC.
    """
    query = sa.select(Amendment).options(
        joinedload(Amendment.enterprise), joinedload(Amendment.decision)
    )
    if state:
        query = query.where(Amendment.state == state)
    if words:
        named = few_or_all(session, "enterprise", words)
        query = query.where(Amendment.enterprise_id.in_([] if named is None else named))
    return page_of_newest(session, query, Amendment.id, cursor)


def find_waiting_amendment(session: ChamberSession, enterprise_id: uuid.UUID) -> Amendment | None:
    """The change of an enterprise's identity that waits to be decided.

    Until then nobody asks for another.
    """
    return session.scalars(
        sa.select(Amendment)
        .where(Amendment.enterprise_id == enterprise_id, Amendment.state == AmendmentState.ASKED)
        .limit(1)
    ).first()


def find_amendment(session: ChamberSession, amendment_id: uuid.UUID) -> Amendment | None:
    """One amendment with its enterprise and decision."""
    query = (
        sa.select(Amendment)
        .options(joinedload(Amendment.enterprise), joinedload(Amendment.decision))
        .where(Amendment.id == amendment_id)
    )
    return session.scalars(query).one_or_none()
