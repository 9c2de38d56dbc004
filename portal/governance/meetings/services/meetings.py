"""Meetings: called with their agenda and their attendees, changed, printed, cancelled."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from portal.audit.record import record
from portal.foundation.errors import InvalidInput, NotFound, Refused
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.governance.bodies.models import Body
from portal.governance.bodies.queries import list_seated
from portal.governance.meetings.models import (
    MEETING_MOVES,
    Matter,
    Meeting,
    MeetingAction,
    MeetingAttendee,
    MeetingItem,
    MeetingPaper,
    MeetingState,
)
from portal.governance.meetings.papers import agenda_paper
from portal.governance.meetings.policies import may_keep_meetings
from portal.governance.meetings.queries import describe, find_meeting, list_waiting
from portal.governance.meetings.rules import MOST_MATTERS, MOST_SEATS
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.queries import list_papers
from portal.papers.issuing.services import issue_paper, void_paper
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.counters import next_number
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class MeetingPlan:
    """What a meeting is called for."""

    title: str
    held_on: dt.date
    place: str = ""
    chaired_by: str = ""
    minutes_by: str = ""
    begins_at: dt.time | None = None


def call_meeting(
    session: ChamberSession,
    body: Body,
    plan: MeetingPlan,
    matter_ids: Sequence[uuid.UUID],
    *,
    actor: Actor,
) -> Meeting:
    """Plans a meeting of a body with its agenda.

    Its attendees are who holds an office that sits there that day.

    NotPermitted for others than officers of 会员部 and 办公室; Refused for a body that meets no
    more; InvalidInput as change_agenda.
    **Locks** the matters, sorted, then the latch of the meeting's number.
    """
    guard(may_keep_meetings, actor)
    if body.retired_at is not None:
        raise Refused(N_("This body meets no more."))
    matters = _take(session, body.id, matter_ids, None)
    year = today_of(session).year
    meeting = Meeting(
        body_id=body.id,
        number=f"HY{year}-{next_number(session, f'meeting {year}'):04d}",
        created_at=session.now(),
        **asdict(plan),
    )
    session.add(meeting)
    session.flush()
    _seat_holders(session, meeting, body)
    _list(session, meeting, matters)
    record(
        session,
        MeetingAction.MEETING_CALLED,
        meeting,
        actor=actor,
        number=meeting.number,
        matters=len(matters),
    )
    return meeting


def _seat_holders(session: ChamberSession, meeting: Meeting, body: Body) -> None:
    """Whoever holds an office that sits in the body on the day of the meeting."""
    for position, holding in enumerate(list_seated(session, body, meeting.held_on), 1):
        capacity = f"{holding.office.name_zh} · {holding.enterprise.name}"[:200]
        session.add(
            MeetingAttendee(
                meeting_id=meeting.id,
                position=position,
                name=holding.held_by,
                capacity=capacity,
                enterprise_id=holding.enterprise_id,
            )
        )


def change_meeting(
    session: ChamberSession, meeting: Meeting, plan: MeetingPlan, *, actor: Actor
) -> None:
    """Changes day, hour, place and the like of a planned meeting. NotPermitted.

    Refused once it is held or cancelled.
    """
    meeting = planned(session, meeting, actor=actor)
    for name, value in asdict(plan).items():
        setattr(meeting, name, value)
    _void_agendas(session, meeting, actor=actor)
    record(session, MeetingAction.MEETING_CHANGED, meeting, actor=actor)


def change_agenda(
    session: ChamberSession, meeting: Meeting, matter_ids: Sequence[uuid.UUID], *, actor: Actor
) -> None:
    """Replaces the agenda of a planned meeting, in the order of waiting.

    NotPermitted; Refused once it is held or cancelled; InvalidInput for more than 500 matters, or
    for one that does not wait for this body or stands on another planned meeting's agenda.
    **Locks** the meeting, then the matters, sorted.
    """
    meeting = planned(session, meeting, actor=actor)
    matters = _take(session, meeting.body_id, matter_ids, meeting)
    session.execute(sa.delete(MeetingItem).where(MeetingItem.meeting_id == meeting.id))
    _list(session, meeting, matters)
    _void_agendas(session, meeting, actor=actor)
    record(session, MeetingAction.MEETING_CHANGED, meeting, actor=actor, matters=len(matters))


def seat_attendees(
    session: ChamberSession, meeting: Meeting, seats: Sequence[tuple[str, str]], *, actor: Actor
) -> None:
    """Replaces who is entitled to vote: (name, capacity) in order.

    Whoever stays under the same words stays for its enterprise.

    NotPermitted; Refused once it is held; InvalidInput for nobody, or more than 2,000.
    """
    meeting = planned(session, meeting, actor=actor)
    if not 0 < len(seats) <= MOST_SEATS:
        raise InvalidInput("lines", N_("Someone must be entitled to vote."))
    sitting = sa.select(MeetingAttendee).where(MeetingAttendee.meeting_id == meeting.id)
    known = {(a.name, a.capacity): a.enterprise_id for a in session.scalars(sitting)}
    session.execute(sa.delete(MeetingAttendee).where(MeetingAttendee.meeting_id == meeting.id))
    for position, seat in enumerate(seats, 1):
        name, capacity = seat
        session.add(
            MeetingAttendee(
                meeting_id=meeting.id,
                position=position,
                name=name,
                capacity=capacity,
                enterprise_id=known.get(seat),
            )
        )
    record(session, MeetingAction.MEETING_CHANGED, meeting, actor=actor, entitled=len(seats))


def cancel_meeting(session: ChamberSession, meeting: Meeting, *, actor: Actor) -> None:
    """Calls a planned meeting off; its matters wait for another. NotPermitted.

    Refused once it is held.
    """
    meeting = planned(session, meeting, actor=actor)
    move(meeting, MeetingState.CANCELLED, MEETING_MOVES)
    _void_agendas(session, meeting, actor=actor)
    record(session, MeetingAction.MEETING_CANCELLED, meeting, actor=actor)


def print_agenda(session: ChamberSession, meeting: Meeting, *, actor: Actor) -> IssuedPaper:
    """Freezes the agenda as it stands into a paper; each printing has a number of its own.

    NotPermitted; Refused without matters, and once the meeting is held or cancelled. **Locks** the
    meeting.
    """
    whole = whole_meeting(session, planned(session, meeting, actor=actor))
    if not whole.items:
        raise Refused(N_("No matter stands on the agenda yet."))
    number = f"{meeting.number}-{next_number(session, f'candidates {meeting.number}')}"
    snapshot = agenda_paper(whole, describe(session, [item.matter for item in whole.items]))
    paper = issue_paper(
        session,
        MeetingPaper.CANDIDATES,
        meeting,
        number=number,
        enterprise_id=None,
        snapshot=snapshot,
        actor=actor,
    )
    record(session, MeetingAction.MEETING_LISTED, meeting, actor=actor, number=number)
    return paper


def _take(
    session: ChamberSession,
    body_id: uuid.UUID,
    matter_ids: Sequence[uuid.UUID],
    meeting: Meeting | None,
) -> Sequence[Matter]:
    """Locks the wanted matters, sorted, and sees whether all still wait for this body."""
    wanted = set(matter_ids)
    if len(wanted) <= MOST_MATTERS:
        for matter_id in sorted(wanted):
            matter = session.find(Matter, matter_id)
            if matter is not None:
                session.lock(matter)
    waiting = list_waiting(session, body_id, besides=meeting.id if meeting else None)
    matters = [matter for matter in waiting if matter.id in wanted]
    if len(matters) != len(wanted) or len(wanted) > MOST_MATTERS:
        raise InvalidInput(
            "matters",
            N_(
                "A matter no longer waits for this body, or stands on another agenda. Look "
                "at the list again."
            ),
        )
    return matters


def _list(session: ChamberSession, meeting: Meeting, matters: Sequence[Matter]) -> None:
    for position, matter in enumerate(matters, 1):
        session.add(MeetingItem(meeting_id=meeting.id, matter_id=matter.id, position=position))


def _void_agendas(session: ChamberSession, meeting: Meeting, *, actor: Actor) -> None:
    """A printed agenda ends with what it lists: another list, another day, no meeting."""
    for paper in list_papers(session, [meeting.id], MeetingPaper.CANDIDATES):
        void_paper(session, paper, meeting.number, actor=actor)


def planned(session: ChamberSession, meeting: Meeting, *, actor: Actor) -> Meeting:
    """**Locks** a meeting that is to change. NotPermitted; Refused once it is held or cancelled."""
    guard(may_keep_meetings, actor)
    meeting = session.lock(meeting)
    if meeting.state is not MeetingState.PLANNED:
        raise Refused(N_("This meeting is held or cancelled already."))
    return meeting


def whole_meeting(session: ChamberSession, meeting: Meeting) -> Meeting:
    """A meeting read afresh, with its agenda and its attendees. NotFound where it is gone."""
    session.flush()
    session.expire_all()
    whole = find_meeting(session, meeting.id)
    if whole is None:
        raise NotFound(N_("There is nothing at this address."))
    return whole
