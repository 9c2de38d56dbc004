"""Council meetings: called with their candidates, held with attendance and a vote on each, recorded in minutes."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.applications.models import (
    MEETING_MOVES,
    Application,
    ApplicationAction,
    ApplicationStep,
    CouncilMeeting,
    MeetingAttendee,
    MeetingItem,
    MeetingOutcome,
    MeetingResult,
    MeetingState,
)
from portal.applications.papers import candidates_paper, minutes_paper
from portal.applications.policies import may_keep_meetings
from portal.applications.queries.meetings import find_meeting, list_candidates
from portal.applications.queries.reading import find_application
from portal.applications.rules import MOST_VOTERS, Vote, carries, check_counts, check_quorum, waits_for
from portal.applications.services.reviewing import record_vote, reject_application
from portal.audit.record import record
from portal.foundation.errors import DomainError, InvalidInput, NotFound, Refused
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.members.enterprises.models import Enterprise
from portal.members.offices.queries import list_holdings
from portal.money.invoices.queries import list_standing_invoices
from portal.papers.filing.models import Retention
from portal.papers.filing.services import file_paper
from portal.papers.issuing.models import IssuedPaper, PaperKind
from portal.papers.issuing.queries import list_papers
from portal.papers.issuing.services import issue_paper, void_paper
from portal.tenancy.actor import OFFICE, Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.counters import next_number
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession

MOST_CANDIDATES = 500


@dataclass(frozen=True)
class MeetingPlan:
    """What a meeting is called for."""

    title: str
    held_on: dt.date
    place: str = ""
    chaired_by: str = ""
    minutes_by: str = ""


@dataclass(frozen=True)
class Ballot:
    """What the council made of one candidate: the votes in favour where it voted, the reason where it declined or postponed."""

    outcome: MeetingOutcome
    in_favour: int | None = None
    reason: str = ""


class WrongLines(InvalidInput):
    """Lines of a meeting that cannot be entered, each with its item's id as field."""

    def __init__(self, lines: Sequence[InvalidInput]) -> None:
        first = lines[0]
        super().__init__(first.field, first.sentence.msgid, **first.sentence.values)
        self.lines = lines


def call_meeting(session: ChamberSession, plan: MeetingPlan, step_ids: Sequence[uuid.UUID], *, actor: Actor) -> CouncilMeeting:
    """Plans a meeting with candidates from those who wait for the council; its attendees are who holds an office of the council that day.

    NotPermitted for others than officers of 会员部 and 办公室; InvalidInput as change_candidates.
    """
    guard(may_keep_meetings, actor)
    waiting = _take(session, step_ids, None)
    year = today_of(session).year
    meeting = CouncilMeeting(
        number=f"HY{year}-{next_number(session, f'meeting {year}'):04d}", created_at=session.now(), **{name: getattr(plan, name) for name in MeetingPlan.__dataclass_fields__}
    )
    session.add(meeting)
    session.flush()
    held = [h for h in list_holdings(session, on=plan.held_on) if h.office.in_council]
    _seat(session, meeting, [(h.held_by, f"{h.office.name_zh} · {h.enterprise.name}") for h in held])
    _list(session, meeting, waiting)
    record(session, ApplicationAction.MEETING_CALLED, meeting, actor=actor, number=meeting.number, candidates=len(step_ids))
    return meeting


def change_meeting(session: ChamberSession, meeting: CouncilMeeting, plan: MeetingPlan, *, actor: Actor) -> None:
    """Changes day, place and the like of a planned meeting. NotPermitted; Refused once it is held or cancelled."""
    meeting = _planned(session, meeting, actor=actor)
    for name in MeetingPlan.__dataclass_fields__:
        setattr(meeting, name, getattr(plan, name))
    _void_lists(session, meeting, actor=actor)
    record(session, ApplicationAction.MEETING_CHANGED, meeting, actor=actor)


def change_candidates(session: ChamberSession, meeting: CouncilMeeting, step_ids: Sequence[uuid.UUID], *, actor: Actor) -> None:
    """Replaces the list of a planned meeting, in the order of waiting.

    NotPermitted; Refused once it is held or cancelled; InvalidInput for more than 500, or for one that does not wait for the council
    or stands on another planned meeting's list.
    """
    meeting = _planned(session, meeting, actor=actor)
    waiting = _take(session, step_ids, meeting)
    session.execute(sa.delete(MeetingItem).where(MeetingItem.meeting_id == meeting.id))
    _list(session, meeting, waiting)
    _void_lists(session, meeting, actor=actor)
    record(session, ApplicationAction.MEETING_CHANGED, meeting, actor=actor, candidates=len(step_ids))


def _void_lists(session: ChamberSession, meeting: CouncilMeeting, *, actor: Actor) -> None:
    """A printed list of candidates ends with what it lists: another list, another day, no meeting."""
    for paper in list_papers(session, [meeting.id], PaperKind.CANDIDATES):
        void_paper(session, paper, meeting.number, actor=actor)


def seat_attendees(session: ChamberSession, meeting: CouncilMeeting, seats: Sequence[tuple[str, str]], *, actor: Actor) -> None:
    """Replaces who is entitled to vote: (name, capacity) in order. NotPermitted; Refused once it is held; InvalidInput for nobody."""
    meeting = _planned(session, meeting, actor=actor)
    if not 0 < len(seats) <= min(MOST_VOTERS, 2_000):
        raise InvalidInput("lines", N_("Someone must be entitled to vote."))
    session.execute(sa.delete(MeetingAttendee).where(MeetingAttendee.meeting_id == meeting.id))
    _seat(session, meeting, seats)
    record(session, ApplicationAction.MEETING_CHANGED, meeting, actor=actor, entitled=len(seats))


def cancel_meeting(session: ChamberSession, meeting: CouncilMeeting, *, actor: Actor) -> None:
    """Calls a planned meeting off; its candidates wait for another. NotPermitted; Refused once it is held."""
    meeting = _planned(session, meeting, actor=actor)
    move(meeting, MeetingState.CANCELLED, MEETING_MOVES)
    _void_lists(session, meeting, actor=actor)
    record(session, ApplicationAction.MEETING_CANCELLED, meeting, actor=actor)


def print_candidates(session: ChamberSession, meeting: CouncilMeeting, *, actor: Actor) -> IssuedPaper:
    """Freezes the list of candidates as it stands into a paper; each printing has a number of its own.

    NotPermitted; Refused without candidates, and once the meeting is held or cancelled. **Locks** the meeting.
    """
    whole = _whole(session, _planned(session, meeting, actor=actor))
    if not whole.items:
        raise Refused(N_("No candidate stands on the list yet."))
    number = f"{meeting.number}-{next_number(session, f'candidates {meeting.number}')}"
    paper = issue_paper(session, PaperKind.CANDIDATES, meeting, number=number, enterprise_id=None, snapshot=candidates_paper(whole), actor=actor)
    record(session, ApplicationAction.MEETING_LISTED, meeting, actor=actor, number=number)
    return paper


def hold_meeting(session: ChamberSession, meeting: CouncilMeeting, present: Sequence[uuid.UUID], ballots: Mapping[uuid.UUID, Ballot], *, actor: Actor) -> IssuedPaper:
    """Enters a meeting whole: who was present, and what became of each candidate. All of it, or nothing; returns the minutes, which are filed.

    A carried candidate passes its step by the step's own rule, a declined one is rejected with the reason (by a quorum too), a postponed one waits for another
    meeting; one that was withdrawn or decided meanwhile fell away. NotPermitted; Refused where it is held already or nobody is entitled;
    WrongLines, all of them, where a vote does not carry, a reason is missing, or an application cannot be decided.
    **Locks** the meeting, then all applications, steps, enterprises and their invoices, each sorted.
    """
    meeting = _planned(session, meeting, actor=actor)
    if meeting.held_on > today_of(session):
        raise Refused(N_("The meeting lies in the future."))
    whole = _whole(session, meeting)
    if not whole.attendees or not whole.items:
        raise Refused(N_("A meeting needs its attendees and its candidates first."))
    for attendee in whole.attendees:
        attendee.present = attendee.id in set(present)
    there = sum(attendee.present for attendee in whole.attendees)
    _lock_all(session, whole)
    wrong = []
    for item in whole.items:
        ballot = ballots.get(item.id, Ballot(MeetingOutcome.POSTPONED))
        try:
            _enter(session, whole, item, ballot, Vote(len(whole.attendees), there, ballot.in_favour or 0), actor=actor)
        except InvalidInput as refusal:
            wrong.append(refusal)
    if wrong:
        raise WrongLines(wrong)
    move(meeting, MeetingState.HELD, MEETING_MOVES)
    record(session, ApplicationAction.MEETING_HELD, meeting, actor=actor, entitled=len(whole.attendees), present=there)
    paper = issue_paper(session, PaperKind.MINUTES, meeting, number=meeting.number, enterprise_id=None, snapshot=minutes_paper(_whole(session, meeting)), actor=actor)
    file_paper(session, paper, title=f"{meeting.title} 会议纪要", department_code=OFFICE, retention=Retention.PERMANENT, origin=meeting, actor=actor)
    return paper


def _lock_all(session: ChamberSession, meeting: CouncilMeeting) -> None:
    """Locks whatever entering the meeting will change, table by table and sorted, before the first candidate is decided."""
    ids = sorted(item.application_id for item in meeting.items)
    applications = [session.lock(session.fetch(Application, application_id)) for application_id in ids]
    for step_id in sorted(item.step_id for item in meeting.items):
        session.lock(session.fetch(ApplicationStep, step_id))
    owners = sorted({application.enterprise_id for application in applications if application.enterprise_id})
    for enterprise_id in owners:
        session.lock(session.fetch(Enterprise, enterprise_id))
    for invoice in list_standing_invoices(session, owners):
        session.lock(invoice)


def _enter(session: ChamberSession, meeting: CouncilMeeting, item: MeetingItem, ballot: Ballot, vote: Vote, *, actor: Actor) -> None:
    """One candidate's result; a refusal stands beside its item."""
    application = session.lock(session.fetch(Application, item.application_id))
    step = session.lock(session.fetch(ApplicationStep, item.step_id))
    if not waits_for(application, step):
        session.add(MeetingResult(item_id=item.id, outcome=MeetingOutcome.FELL_AWAY))
        return
    try:
        if ballot.outcome is MeetingOutcome.CARRIED:
            if ballot.in_favour is None:
                raise InvalidInput("", N_("How many were in favour?"))
            record_vote(session, _found(session, application), step, vote, meeting.held_on, actor=actor)
        elif ballot.outcome is MeetingOutcome.DECLINED:
            _check_declined(step, ballot, vote)
            reject_application(session, _found(session, application), step, ballot.reason, actor=actor)
    except DomainError as refusal:
        raise InvalidInput(str(item.id), refusal.sentence.msgid, **refusal.sentence.values) from refusal
    in_favour = ballot.in_favour if ballot.outcome is not MeetingOutcome.POSTPONED else None
    session.add(MeetingResult(item_id=item.id, outcome=ballot.outcome, in_favour=in_favour, reason=ballot.reason.strip()))


def _check_declined(step: ApplicationStep, ballot: Ballot, vote: Vote) -> None:
    """A council declines as it carries: with its quorum, and not with the votes that carry."""
    check_counts(vote)
    check_quorum(step, vote)
    if ballot.in_favour is not None and carries(step, vote):
        raise InvalidInput("", N_("With this count the candidate is carried. Correct the count or the outcome."))


def _found(session: ChamberSession, application: Application) -> Application:
    found = find_application(session, application.id)
    if found is None:
        raise NotFound(N_("There is nothing at this address."))
    return found


def _take(session: ChamberSession, step_ids: Sequence[uuid.UUID], meeting: CouncilMeeting | None) -> Sequence[tuple[Application, ApplicationStep]]:
    """Locks the steps of the wanted candidates, sorted, and then sees whether all of them still wait for a council."""
    wanted = set(step_ids)
    if len(wanted) <= MOST_CANDIDATES:
        for step_id in sorted(wanted):
            step = session.find(ApplicationStep, step_id)
            if step is not None:
                session.lock(step)
    waiting = [(application, step) for application, step in list_candidates(session, besides=meeting.id if meeting else None) if step.id in wanted]
    if len(waiting) != len(wanted) or len(wanted) > MOST_CANDIDATES:
        raise InvalidInput("candidates", N_("A candidate no longer waits for the council, or stands on another meeting's list. Look at the list again."))
    return waiting


def _list(session: ChamberSession, meeting: CouncilMeeting, waiting: Sequence[tuple[Application, ApplicationStep]]) -> None:
    for position, (application, step) in enumerate(waiting, 1):
        session.add(MeetingItem(meeting_id=meeting.id, step_id=step.id, application_id=application.id, position=position))


def _seat(session: ChamberSession, meeting: CouncilMeeting, seats: Sequence[tuple[str, str]]) -> None:
    for position, (name, capacity) in enumerate(seats, 1):
        session.add(MeetingAttendee(meeting_id=meeting.id, position=position, name=name, capacity=capacity[:200]))


def _planned(session: ChamberSession, meeting: CouncilMeeting, *, actor: Actor) -> CouncilMeeting:
    guard(may_keep_meetings, actor)
    meeting = session.lock(meeting)
    if meeting.state is not MeetingState.PLANNED:
        raise Refused(N_("This meeting is held or cancelled already."))
    return meeting


def _whole(session: ChamberSession, meeting: CouncilMeeting) -> CouncilMeeting:
    session.flush()
    session.expire_all()
    whole = find_meeting(session, meeting.id)
    if whole is None:
        raise NotFound(N_("There is nothing at this address."))
    return whole
