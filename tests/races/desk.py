"""Races of the desk: drafting, claiming, holding a meeting, giving back, leaving.

Each says what must be true after it.
"""

import uuid

import sqlalchemy as sa

from portal.accounts.models import Representation
from portal.accounts.services.people import ensure_person
from portal.accounts.services.representing import add_representation, end_representation
from portal.admission.applications.models import (
    Application,
    ApplicationEnding,
    ApplicationState,
    StepDecision,
)
from portal.admission.applications.queries.reading import find_application
from portal.admission.applying.models import ApplicationDraft
from portal.admission.applying.services.drafting import Change, open_draft, save_draft
from portal.admission.reviewing.models import Handover
from portal.admission.reviewing.services.desk import claim_application
from portal.admission.reviewing.services.ending import withdraw_application
from portal.admission.reviewing.services.returning import return_application
from portal.admission.reviewing.services.reviewing import approve_step, record_vote
from portal.governance.bodies.rules import Vote
from portal.governance.meetings.models import Meeting, MeetingOutcome, MeetingPaper
from portal.governance.meetings.queries import find_meeting
from portal.governance.meetings.services.holding import Ballot, hold_meeting
from portal.governance.meetings.services.meetings import MeetingPlan, call_meeting, seat_attendees
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Grade
from portal.money.dues.services.charging import raise_dues_of_year
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.invoices.services.raising import Addressee
from portal.papers.issuing.models import IssuedPaper
from portal.tenancy.actor import VISITOR, Actor, ActorKind
from tests.cast import House, apply_through_pages
from tests.races.crowd import at_once
from tests.scenes import council, list_candidates


def drafting(house: House, count: int) -> None:
    """Tabs of one form save a field each: every field is kept."""
    key = uuid.uuid4()
    with house.doors.chamber(house.jia.id, writing=True) as session:
        open_draft(session, key, "word", actor=VISITOR)

    def save(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            save_draft(
                session,
                open_draft(session, key, "word", actor=VISITOR),
                [Change(f"field{number}", "x")],
            )

    crowd = at_once(count, save)
    assert not crowd.errors, crowd.errors
    with house.doors.chamber(house.jia.id) as session:
        assert len(session.scalars(sa.select(ApplicationDraft)).one().fields) == count


def claiming(house: House, count: int) -> None:
    """Three colleagues claim one application again and again: it goes over once."""
    _, application = apply_through_pages(house)

    def claim(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            actor = house.actor(
                session, ("membership", "membership-clerk", "secretary")[number % 3]
            )
            claim_application(session, session.fetch(Application, application.id), actor=actor)

    crowd = at_once(count, claim)
    assert not crowd.errors, crowd.errors
    with house.doors.chamber(house.jia.id) as session:
        holders = session.scalars(sa.select(Handover.to_person_id)).all()
        assert holders == [session.fetch(Application, application.id).handler_id]


def holding(house: House, count: int) -> None:
    """Everybody enters the same meeting.

    It is entered once, with one decision and one paper of minutes.
    """
    _, application = apply_through_pages(house)
    house.browser("membership").send(f"/applications/{application.id}/approve")
    with house.doors.chamber(house.jia.id, writing=True) as session:
        actor = house.actor(session, "membership")
        meeting = call_meeting(
            session,
            council(session),
            MeetingPlan("会", house.clock.at.date()),
            [step.id for _, step in list_candidates(session)],
            actor=actor,
        )
        seat_attendees(session, meeting, [("张三", ""), ("李四", "")], actor=actor)

    def hold(_number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            whole = find_meeting(session, meeting.id)
            assert whole is not None
            ballots = {whole.items[0].id: Ballot(MeetingOutcome.CARRIED, 2)}
            hold_meeting(
                session,
                session.fetch(Meeting, meeting.id),
                [a.id for a in whole.attendees],
                ballots,
                actor=house.actor(session, "membership"),
            )

    crowd = at_once(count, hold)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (1, count - 1)
    with house.doors.chamber(house.jia.id) as session:
        assert len(session.scalars(sa.select(StepDecision)).all()) == 2
        assert (
            len(
                session.scalars(
                    sa.select(IssuedPaper).where(IssuedPaper.kind == MeetingPaper.MINUTES)
                ).all()
            )
            == 1
        )


def withdrawing(house: House, count: int) -> None:
    """The council approves while the applicant withdraws.

    One ending, and no invoice stands for what has ended.
    """
    _, application = apply_through_pages(house)
    house.browser("membership").send(f"/applications/{application.id}/approve")

    def act(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            whole = find_application(session, application.id)
            assert whole is not None
            if number % 2:
                record_vote(
                    session,
                    whole,
                    whole.steps[1],
                    Vote(3, 3, 3),
                    house.clock.at.date(),
                    actor=house.actor(session, "membership"),
                )
            else:
                withdraw_application(
                    session,
                    whole,
                    "",
                    actor=Actor(ActorKind.APPLICANT, "李四", application_id=whole.id),
                )

    crowd = at_once(count, act)
    assert not crowd.errors, crowd.errors
    assert len(crowd.got) in {1, 2}
    with house.doors.chamber(house.jia.id) as session:
        assert session.fetch(Application, application.id).state is ApplicationState.WITHDRAWN
        assert len(session.scalars(sa.select(ApplicationEnding)).all()) == 1
        assert len(session.scalars(sa.select(StepDecision)).all()) == len(crowd.got)
        assert [i.state for i in session.scalars(sa.select(Invoice))] == [InvoiceState.VOID] * (
            len(crowd.got) - 1
        )


def meeting(house: House, count: int) -> None:
    """A meeting of two is entered while others vote on one of them and raise the dues of the other:
    all end, each candidate is decided once.
    """
    waiting = [apply_through_pages(house, n)[1] for n in (1, 2)]
    for application in waiting:
        house.browser("membership").send(f"/applications/{application.id}/approve")
    with house.doors.chamber(house.jia.id, writing=True) as session:
        actor = house.actor(session, "membership")
        called = call_meeting(
            session,
            council(session),
            MeetingPlan("会", house.clock.at.date()),
            [step.id for _, step in list_candidates(session)],
            actor=actor,
        )
        seat_attendees(session, called, [("张三", ""), ("李四", "")], actor=actor)
        grade = session.fetch(Application, waiting[0].id).grade_id

    def act(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            actor = house.actor(session, "membership")
            if number % 3 == 0:
                whole = find_meeting(session, called.id)
                assert whole is not None
                ballots = {item.id: Ballot(MeetingOutcome.CARRIED, 2) for item in whole.items}
                hold_meeting(
                    session,
                    session.fetch(Meeting, called.id),
                    [a.id for a in whole.attendees],
                    ballots,
                    actor=actor,
                )
            elif number % 3 == 1:
                single = find_application(session, waiting[1].id)
                assert single is not None
                record_vote(
                    session,
                    single,
                    single.steps[1],
                    Vote(3, 3, 3),
                    house.clock.at.date(),
                    actor=actor,
                )
            else:
                enterprise = session.fetch(Enterprise, waiting[1].enterprise_id)
                to = Addressee("x", "x@y.example")
                raise_dues_of_year(
                    session,
                    enterprise,
                    session.fetch(Grade, grade),
                    to,
                    2026,
                    actor=house.actor(session, "finance"),
                )

    crowd = at_once(count, act)
    assert not crowd.errors, crowd.errors
    with house.doors.chamber(house.jia.id) as session:
        decided = session.scalars(
            sa.select(StepDecision.step_id).where(StepDecision.entitled.is_not(None))
        ).all()
        assert len(decided) == len(set(decided)) == 2
        assert session.fetch(Meeting, called.id).state.value == "held"


def returning(house: House, count: int) -> None:
    """Half give an application back, half approve its step.

    One of both, and what is decided is not given back.
    """
    _, application = apply_through_pages(house)

    def act(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            whole = find_application(session, application.id)
            assert whole is not None
            actor = house.actor(session, "membership")
            if number % 2:
                return_application(session, whole, whole.steps[0], {"address": "理由"}, actor=actor)
            else:
                approve_step(session, whole, whole.steps[0], actor=actor)

    crowd = at_once(count, act)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (1, count - 1)
    with house.doors.chamber(house.jia.id) as session:
        decided = len(session.scalars(sa.select(StepDecision)).all())
        returned = session.fetch(Application, application.id).state is ApplicationState.RETURNED
        assert decided + returned == 1


def leaving(house: House, count: int) -> None:
    """The last two contacts of an enterprise remove each other: one stays."""
    _, application = apply_through_pages(house)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        actor = house.actor(session, "membership")
        enterprise_id = session.fetch(Application, application.id).enterprise_id
        people = [
            ensure_person(session, email=f"{n}@enterprise.example", name="x", actor=actor)
            for n in range(2)
        ]
        contacts = [
            add_representation(session, person, enterprise_id, actor=actor).id for person in people
        ]

    def remove(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            end_representation(
                session,
                session.fetch(Representation, contacts[number % 2]),
                actor=house.actor(session, "membership"),
            )

    crowd = at_once(count, remove)
    assert not crowd.errors, crowd.errors
    with house.doors.chamber(house.jia.id) as session:
        assert (
            len(
                session.scalars(
                    sa.select(Representation).where(Representation.ended_at.is_(None))
                ).all()
            )
            == 1
        )


DESK = {
    "meeting": meeting,
    "drafting": drafting,
    "claiming": claiming,
    "holding": holding,
    "withdrawing": withdrawing,
    "returning": returning,
    "leaving": leaving,
}
