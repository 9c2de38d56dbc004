"""Reading meetings, and the matters that wait for one."""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from portal.accounts.models import Person, Representation
from portal.foundation.labels import N_
from portal.foundation.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from portal.governance.meetings.models import (
    MATTER_KINDS,
    Described,
    Matter,
    Meeting,
    MeetingAttendee,
    MeetingItem,
    MeetingState,
)
from portal.tenancy.actor import Actor
from portal.tenancy.my_day import MOST, Waiting
from portal.tenancy.session import ChamberSession


def find_meeting(session: ChamberSession, id: uuid.UUID) -> Meeting | None:
    """A meeting with its body, its attendees, its agenda and what became of it."""
    items = selectinload(Meeting.items)
    query = sa.select(Meeting).options(
        joinedload(Meeting.body),
        selectinload(Meeting.attendees),
        items.joinedload(MeetingItem.matter),
        items.joinedload(MeetingItem.result),
    )
    return session.scalars(query.where(Meeting.id == id)).one_or_none()


def list_meetings(
    session: ChamberSession,
    *,
    words: str = "",
    state: str = "",
    body_id: uuid.UUID | None = None,
    cursor: str | None = None,
) -> Page[tuple[Meeting, int]]:
    """One page of meetings, the latest first, with how many matters stand on each agenda."""
    count = sa.select(sa.func.count()).where(MeetingItem.meeting_id == Meeting.id).scalar_subquery()
    query = sa.select(Meeting, count).options(joinedload(Meeting.body))
    if words:
        named = (Meeting.title, Meeting.number)
        query = query.where(sa.or_(*(column.icontains(words, autoescape=True) for column in named)))
    if state in set(MeetingState):
        query = query.where(Meeting.state == MeetingState(state))
    if body_id:
        query = query.where(Meeting.body_id == body_id)
    after = decode_cursor(cursor, dt.date.fromisoformat, uuid.UUID)
    if after:
        query = query.where(sa.tuple_(Meeting.held_on, Meeting.id) < sa.tuple_(*after))
    found = session.execute(
        query.order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(PAGE_SIZE + 1)
    ).all()
    rows = [(meeting, int(matters)) for meeting, matters in found]
    last = rows[PAGE_SIZE - 1][0] if len(rows) > PAGE_SIZE else None
    return Page(
        rows[:PAGE_SIZE], encode_cursor(last.held_on.isoformat(), str(last.id)) if last else None
    )


def list_waiting(
    session: ChamberSession, body_id: uuid.UUID | None = None, *, besides: uuid.UUID | None = None
) -> Sequence[Matter]:
    """Matters that wait for a body, the longest waiting first.

    Those that stand on no planned agenda, but that of the meeting `besides`.
    """
    query = sa.select(Matter).where(*_waiting(besides))
    if body_id:
        query = query.where(Matter.body_id == body_id)
    return session.scalars(query.order_by(Matter.brought_at, Matter.id)).all()


def count_waiting(session: ChamberSession) -> Sequence[tuple[uuid.UUID, int, dt.datetime]]:
    """How many matters wait for each body, and since when the first does.

    Those that stand on no planned agenda.
    """
    query = sa.select(Matter.body_id, sa.func.count(), sa.func.min(Matter.brought_at)).where(
        *_waiting(None)
    )
    rows = session.execute(
        query.group_by(Matter.body_id).order_by(sa.func.min(Matter.brought_at))
    ).all()
    return [(body_id, count, since) for body_id, count, since in rows]


def still_waiting(session: ChamberSession, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which of some matters wait for their decision."""
    return set(session.scalars(sa.select(Matter.id).where(Matter.id.in_(ids), _undecided())))


def describe(session: ChamberSession, matters: Sequence[Matter]) -> Mapping[uuid.UUID, Described]:
    """How each matter is told, by its id; each kind is asked once."""
    found: dict[uuid.UUID, Described] = {}
    for code, group in itertools.groupby(
        sorted(matters, key=lambda m: m.kind), key=lambda m: m.kind
    ):
        found |= MATTER_KINDS[code].describe(session, list(group))
    return found


def find_planned_meeting(session: ChamberSession, subject_id: uuid.UUID) -> Meeting | None:
    """The planned meeting on whose agenda a matter about this subject stands."""
    query = sa.select(Meeting).join(MeetingItem, MeetingItem.meeting_id == Meeting.id)
    query = query.join(Matter, Matter.id == MeetingItem.matter_id)
    planned = query.where(Matter.subject_id == subject_id, Meeting.state == MeetingState.PLANNED)
    return session.scalars(planned.limit(1)).first()


def list_representatives(session: ChamberSession, meeting: Meeting) -> Sequence[Person]:
    """Who acts today for the enterprises that sit in a meeting, and can be mailed."""
    sitting = sa.select(MeetingAttendee.enterprise_id).where(
        MeetingAttendee.meeting_id == meeting.id, MeetingAttendee.enterprise_id.is_not(None)
    )
    query: sa.Select[Any] = sa.select(Person).join(
        Representation, Representation.person_id == Person.id
    )
    acting = query.where(
        Representation.ended_at.is_(None),
        Representation.enterprise_id.in_(sitting),
        Person.email != "",
    )
    return session.scalars(acting.distinct().order_by(Person.id)).all()


def list_due(session: ChamberSession, _actor: Actor, today: dt.date) -> Iterable[Waiting]:
    """Meetings to enter, and matters that wait for one."""
    query = sa.select(Meeting).where(
        Meeting.state == MeetingState.PLANNED, Meeting.held_on <= today
    )
    for meeting in session.scalars(query.order_by(Meeting.held_on, Meeting.id).limit(MOST)):
        yield Waiting(
            N_("Meeting to enter"),
            meeting.title,
            meeting.created_at,
            "meetings.show_meeting",
            N_("Enter the results"),
            {"meeting_id": meeting.id},
            meeting.number,
            meeting.held_on,
        )
    for body_id, count, since in count_waiting(session):
        yield Waiting(
            N_("Matters for a meeting"),
            str(count),
            since,
            "meetings.call_meeting",
            N_("Call a meeting"),
            {"body": body_id},
        )


def _waiting(besides: uuid.UUID | None) -> tuple[sa.ColumnElement[bool], ...]:
    listed = sa.select(MeetingItem.matter_id).join(Meeting, Meeting.id == MeetingItem.meeting_id)
    listed = listed.where(Meeting.state == MeetingState.PLANNED)
    if besides:
        listed = listed.where(Meeting.id != besides)
    return _undecided(), Matter.id.not_in(listed)


def _undecided() -> sa.ColumnElement[bool]:
    kinds = (sa.and_(Matter.kind == kind.code, kind.waits()) for kind in MATTER_KINDS.values())
    return sa.or_(sa.false(), *kinds)
