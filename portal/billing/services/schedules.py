"""Dues schedules: entered as drafts, adopted by the members' assembly, never edited."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from portal.audit.record import record
from portal.billing.models import SCHEDULE_MOVES, BillingAction, DuesRate, DuesSchedule, ScheduleState
from portal.billing.policies import may_edit_schedules
from portal.foundation.errors import InvalidInput, NotPermitted
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class Resolution:
    """The assembly's resolution: its name, day, and counts of members or delegates."""

    title: str
    adopted_on: dt.date
    entitled: int
    present: int
    in_favour: int


def enter_schedule(session: ChamberSession, *, name: str, in_force_from: dt.date, rates: Mapping[uuid.UUID, int], actor: Actor) -> DuesSchedule:
    """Enters a draft: fixed amounts in fen by grade id; NotPermitted, or InvalidInput where no grade has an amount."""
    if not may_edit_schedules(actor):
        raise NotPermitted(N_("Only the heads of finance and of the general office enter dues schedules."))
    if not rates:
        raise InvalidInput("name", N_("Give at least one grade an amount."))
    schedule = DuesSchedule(name=name, in_force_from=in_force_from)
    session.add(schedule)
    session.flush()
    session.add_all(DuesRate(schedule_id=schedule.id, grade_id=grade_id, amount=amount) for grade_id, amount in rates.items())
    record(session, BillingAction.SCHEDULE_ENTERED, schedule, actor=actor, name=name)
    return schedule


def adopt_schedule(session: ChamberSession, schedule: DuesSchedule, resolution: Resolution, *, actor: Actor) -> None:
    """Puts a draft in force by its resolution.

    民发〔2014〕166号: at least 2/3 of members (or delegates) present and at least 1/2 of those present in favour;
    InvalidInput beside the count that fails. IllegalMove where it is adopted already.
    """
    if not may_edit_schedules(actor):
        raise NotPermitted(N_("Only the heads of finance and of the general office enter dues schedules."))
    if not resolution.entitled > 0 or not 0 <= resolution.present <= resolution.entitled:
        raise InvalidInput("present", N_("More cannot be present than are entitled."))
    if resolution.present * 3 < resolution.entitled * 2:
        raise InvalidInput("present", N_("At least two thirds of the entitled must be present (民发〔2014〕166号)."))
    if not 0 <= resolution.in_favour <= resolution.present or resolution.in_favour * 2 < resolution.present:
        raise InvalidInput("in_favour", N_("At least half of those present must be in favour, and no more than were present (民发〔2014〕166号)."))
    schedule = session.lock(schedule)
    move(schedule, ScheduleState.ADOPTED, SCHEDULE_MOVES)
    schedule.resolution, schedule.adopted_on = resolution.title, resolution.adopted_on
    schedule.entitled, schedule.present, schedule.in_favour = resolution.entitled, resolution.present, resolution.in_favour
    record(session, BillingAction.SCHEDULE_ADOPTED, schedule, actor=actor, resolution=resolution.title)
