"""A meeting that was held.

Attendance, a vote on each matter, its resolutions and its minutes.
"""

import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.audit.record import record
from portal.foundation.errors import DomainError, InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.governance.bodies.rules import Vote, carries, check_carried, check_counts, check_quorum
from portal.governance.meetings.models import (
    MATTER_KINDS,
    MEETING_MOVES,
    Matter,
    Meeting,
    MeetingAction,
    MeetingItem,
    MeetingOutcome,
    MeetingPaper,
    MeetingResult,
    MeetingState,
    Verdict,
)
from portal.governance.meetings.papers import minutes_paper, resolution_text
from portal.governance.meetings.queries import (
    describe,
    still_waiting,
)
from portal.governance.meetings.services.meetings import planned, whole_meeting
from portal.governance.resolutions.services import Decision, adopt_resolution
from portal.papers.filing.services import file_paper
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.services import issue_paper
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.counters import hold
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class Ballot:
    """What the meeting made of one matter.

    The votes in favour where it voted, the reason where it declined or postponed.
    """

    outcome: MeetingOutcome
    in_favour: int | None = None
    reason: str = ""


class WrongLines(InvalidInput):
    """Lines of a meeting that cannot be entered, each with its item's id as field."""

    def __init__(self, lines: Sequence[InvalidInput]) -> None:
        first = lines[0]
        super().__init__(first.field, first.sentence.msgid, **first.sentence.values)
        self.lines = lines


def hold_meeting(
    session: ChamberSession,
    meeting: Meeting,
    present: Sequence[uuid.UUID],
    ballots: Mapping[uuid.UUID, Ballot],
    *,
    actor: Actor,
) -> IssuedPaper:
    """Enters a meeting whole: who was present, and what became of each matter.

    All of it, or nothing; returns the minutes.

    A carried matter is carried by its own rule, a declined one has a quorum too; its kind says what
    follows. A postponed one waits for another meeting; one that was decided or withdrawn meanwhile
    fell away. What was carried becomes a resolution for each kind of matter. Minutes and
    resolutions are filed. NotPermitted; Refused where it is held already or nobody is entitled;
    WrongLines, all of them, where a line cannot be entered. **Locks** the meeting, the matters,
    then what each kind locks, each sorted.
    """
    meeting = planned(session, meeting, actor=actor)
    if meeting.held_on > today_of(session):
        raise Refused(N_("The meeting lies in the future."))
    whole = whole_meeting(session, meeting)
    if not whole.attendees or not whole.items:
        raise Refused(N_("A meeting needs its attendees and its agenda first."))
    for attendee in whole.attendees:
        attendee.present = attendee.id in set(present)
    _lock_all(session, whole)
    _enter_all(session, whole, ballots, actor=actor)
    move(meeting, MeetingState.HELD, MEETING_MOVES)
    entitled, there = len(whole.attendees), sum(a.present for a in whole.attendees)
    record(
        session, MeetingAction.MEETING_HELD, meeting, actor=actor, entitled=entitled, present=there
    )
    return _write_down(session, whole_meeting(session, meeting), actor=actor)


def _lock_all(session: ChamberSession, meeting: Meeting) -> None:
    """Locks whatever entering the meeting will change before the first matter is decided."""
    matters = [
        session.lock(item.matter) for item in sorted(meeting.items, key=lambda item: item.matter_id)
    ]
    for code, kind in MATTER_KINDS.items():
        kind.lock(session, [matter for matter in matters if matter.kind == code])
    hold(session, f"resolution {meeting.held_on.year}")


def _enter_all(
    session: ChamberSession, meeting: Meeting, ballots: Mapping[uuid.UUID, Ballot], *, actor: Actor
) -> None:
    entitled, there = len(meeting.attendees), sum(a.present for a in meeting.attendees)
    waiting = still_waiting(session, [item.matter_id for item in meeting.items])
    wrong = []
    for item in meeting.items:
        ballot = ballots.get(item.id, Ballot(MeetingOutcome.POSTPONED))
        if item.matter_id not in waiting:
            session.add(MeetingResult(item_id=item.id, outcome=MeetingOutcome.FELL_AWAY))
            continue
        try:
            vote = Vote(entitled, there, ballot.in_favour or 0)
            _enter(
                session,
                item,
                Verdict(ballot.outcome, meeting.held_on, vote, ballot.reason),
                ballot,
                actor=actor,
            )
        except DomainError as refusal:
            sentence = refusal.sentence
            wrong.append(InvalidInput(str(item.id), sentence.msgid, **sentence.values))
    if wrong:
        raise WrongLines(wrong)


def _enter(
    session: ChamberSession, item: MeetingItem, verdict: Verdict, ballot: Ballot, *, actor: Actor
) -> None:
    """One matter's result, and what follows from it."""
    matter = item.matter
    if verdict.outcome is MeetingOutcome.CARRIED:
        if ballot.in_favour is None:
            raise InvalidInput("", N_("How many were in favour?"))
        check_carried(matter, verdict.vote)
    elif verdict.outcome is MeetingOutcome.DECLINED:
        _check_declined(matter, ballot, verdict.vote)
    if verdict.outcome is not MeetingOutcome.POSTPONED:
        MATTER_KINDS[matter.kind].settle(session, matter, verdict, actor=actor)
    in_favour = ballot.in_favour if verdict.outcome is not MeetingOutcome.POSTPONED else None
    reason = ballot.reason.strip()
    session.add(
        MeetingResult(item_id=item.id, outcome=verdict.outcome, in_favour=in_favour, reason=reason)
    )


def _check_declined(matter: Matter, ballot: Ballot, vote: Vote) -> None:
    """A body declines as it carries: with its quorum, and not with the votes that carry."""
    check_counts(vote)
    check_quorum(matter, vote)
    if ballot.in_favour is not None and carries(matter, vote):
        raise InvalidInput(
            "", N_("With this count the matter is carried. Correct the count or the outcome.")
        )


def _write_down(session: ChamberSession, meeting: Meeting, *, actor: Actor) -> IssuedPaper:
    """The resolutions of a held meeting, one for each kind of what was carried, and its minutes."""
    listed = describe(session, [item.matter for item in meeting.items])
    carried = [i for i in meeting.items if i.result and i.result.outcome is MeetingOutcome.CARRIED]
    resolutions = []
    for code, group in itertools.groupby(
        sorted(carried, key=lambda i: i.matter.kind), key=lambda i: i.matter.kind
    ):
        items = list(group)
        title = MATTER_KINDS[code].resolution_title([listed[item.matter_id].name for item in items])
        decision = Decision(
            title, meeting.held_on, resolution_text(items, listed), _one_vote(meeting, items)
        )
        resolutions.append(
            adopt_resolution(session, meeting.body, decision, origin=meeting, actor=actor)
        )
    snapshot = minutes_paper(meeting, listed, resolutions)
    paper = issue_paper(
        session,
        MeetingPaper.MINUTES,
        meeting,
        number=meeting.number,
        enterprise_id=None,
        snapshot=snapshot,
        actor=actor,
    )
    file_paper(session, paper, title=f"{meeting.title} 会议纪要", origin=meeting, actor=actor)
    return paper


def _one_vote(meeting: Meeting, items: Sequence[MeetingItem]) -> Vote | None:
    """The counts of what was carried, where they are the same for all of it."""
    counts = {item.result.in_favour for item in items if item.result}
    in_favour = counts.pop() if len(counts) == 1 else None
    if in_favour is None:
        return None
    return Vote(len(meeting.attendees), sum(a.present for a in meeting.attendees), in_favour)
