"""Dues schedules: entered as drafts, adopted by the members' assembly, never edited.

And days for which dues are suspended.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.governance.bodies.models import ASSEMBLY
from portal.governance.bodies.queries import body_of_code
from portal.governance.bodies.rules import Vote, check_counts
from portal.governance.resolutions.services import Decision, adopt_resolution
from portal.money.dues.models import (
    SCHEDULE_MOVES,
    DuesAction,
    DuesRate,
    DuesSchedule,
    DuesSuspension,
    Period,
    Proration,
    ScheduleState,
)
from portal.money.dues.policies import may_edit_schedules
from portal.money.dues.queries import list_suspensions
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.counters import hold
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class RatePlan:
    """The amount of one grade or one office for `years` years, and what is paid once on joining.

    In fen.
    """

    amount: int
    grade_id: uuid.UUID | None = None
    office_id: uuid.UUID | None = None
    years: int = 1
    joining_fee: int = 0


@dataclass(frozen=True)
class Terms:
    """How a schedule counts.

    Period, proration, and the last day to pay within a year (month, day; none: the chamber's days
    to pay).
    """

    period: Period = Period.CALENDAR
    proration: Proration = Proration.FULL
    due: tuple[int, int] | None = None


def enter_schedule(
    session: ChamberSession,
    *,
    name: str,
    in_force_from: dt.date,
    rates: Sequence[RatePlan],
    terms: Terms | None = None,
    actor: Actor,
) -> DuesSchedule:
    """Enters a draft of fixed amounts.

    NotPermitted, or InvalidInput where no grade has an amount, a level stands twice, a term is not
    1 to 5 years, or the last day to pay is none.
    """
    guard(may_edit_schedules, actor)
    terms = terms or Terms()
    _check(rates, terms)
    month, day = terms.due or (None, None)
    schedule = DuesSchedule(
        name=name,
        in_force_from=in_force_from,
        period=terms.period,
        proration=terms.proration,
        due_month=month,
        due_day=day,
    )
    session.add(schedule)
    session.flush()
    session.add_all(DuesRate(schedule_id=schedule.id, **plan.__dict__) for plan in rates)
    record(session, DuesAction.SCHEDULE_ENTERED, schedule, actor=actor, name=name)
    return schedule


def adopt_schedule(
    session: ChamberSession, schedule: DuesSchedule, decision: Decision, *, actor: Actor
) -> None:
    """Puts a draft in force by the assembly's resolution, which gets its number and is filed.

    民发〔2014〕166号: at least 2/3 of members (or delegates) present and at least 1/2 of those
    present in favour, by secret ballot; InvalidInput beside what fails, and for a day that has not
    come. IllegalMove where it is adopted already. **Locks** the schedule, then the latch of the
    resolution's number.
    """
    guard(may_edit_schedules, actor)
    if decision.adopted_on > today_of(session):
        raise InvalidInput("adopted_on", N_("This day has not come yet."))
    if not decision.secret_ballot:
        raise InvalidInput(
            "secret_ballot",
            N_(
                "Dues are adopted by secret ballot, otherwise they may not be collected "
                "(民发〔2014〕166号)."
            ),
        )
    _check_vote(decision.vote)
    schedule = session.lock(schedule)
    assembly = body_of_code(session, ASSEMBLY)
    resolution = adopt_resolution(session, assembly, decision, origin=schedule, actor=actor)
    schedule.resolution_id = resolution.id
    move(schedule, ScheduleState.ADOPTED, SCHEDULE_MOVES)
    record(session, DuesAction.SCHEDULE_ADOPTED, schedule, actor=actor, resolution=resolution.title)


def _check_vote(vote: Vote | None) -> None:
    """民发〔2014〕166号, whatever the assembly's own rule says."""
    if vote is None:
        raise InvalidInput("entitled", N_("Someone must be entitled to vote."))
    check_counts(vote)
    if vote.present * 3 < vote.entitled * 2:
        raise InvalidInput(
            "present",
            N_("At least two thirds of the entitled must be present (民发〔2014〕166号)."),
        )
    if vote.in_favour * 2 < vote.present:
        raise InvalidInput(
            "in_favour", N_("At least half of those present must be in favour (民发〔2014〕166号).")
        )


def suspend_dues(
    session: ChamberSession, *, from_on: dt.date, until_on: dt.date, resolution: str, actor: Actor
) -> DuesSuspension:
    """Writes down days for which the chamber asks no dues.

    Invoices raised from now on leave them out.

    NotPermitted; InvalidInput where they overlap others or are no span. **Locks** their latch.
    """
    guard(may_edit_schedules, actor)
    if until_on < from_on:
        raise InvalidInput("until_on", N_("The end lies before the beginning."))
    hold(session, "suspensions")
    if any(
        known.from_on <= until_on and from_on <= known.until_on
        for known in list_suspensions(session)
        if known.taken_back_at is None
    ):
        raise InvalidInput("from_on", N_("Some of these days are suspended already."))
    suspension = DuesSuspension(from_on=from_on, until_on=until_on, resolution=resolution)
    session.add(suspension)
    record(
        session,
        DuesAction.DUES_SUSPENDED,
        suspension,
        actor=actor,
        from_on=from_on.isoformat(),
        until_on=until_on.isoformat(),
    )
    return suspension


def take_suspension_back(
    session: ChamberSession, suspension: DuesSuspension, *, actor: Actor
) -> None:
    """Takes a suspension back that was entered wrongly.

    Invoices raised from now on count its days again; those raised before stay as they are.

    NotPermitted; Refused where it is taken back already.
    """
    guard(may_edit_schedules, actor)
    suspension = session.lock(suspension)
    if suspension.taken_back_at is not None:
        raise Refused(N_("This suspension was taken back already."))
    suspension.taken_back_at = session.now()
    record(
        session,
        DuesAction.SUSPENSION_TAKEN_BACK,
        suspension,
        actor=actor,
        from_on=suspension.from_on.isoformat(),
        until_on=suspension.until_on.isoformat(),
    )


def _check(rates: Sequence[RatePlan], terms: Terms) -> None:
    if not any(plan.grade_id for plan in rates):
        raise InvalidInput("name", N_("Give at least one grade an amount."))
    if len({(plan.grade_id, plan.office_id, plan.years) for plan in rates}) < len(rates):
        raise InvalidInput("name", N_("A level stands twice with the same number of years."))
    if any(not 1 <= plan.years <= 5 for plan in rates):
        raise InvalidInput("name", N_("A term has one to five years."))
    if terms.period is Period.ROLLING and terms.proration is not Proration.FULL:
        raise InvalidInput(
            "proration",
            N_("Twelve months from joining are always owed in full: choose the full amount."),
        )
    if terms.due is not None:
        try:
            dt.date(2023, *terms.due)
        except ValueError as error:
            raise InvalidInput("due_day", N_("There is no such day in every year.")) from error
