"""Reading dues schedules, and what an enterprise owes by them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from portal.members.membership.models import Membership
from portal.members.offices.models import OfficeHolding
from portal.money.dues.models import DuesRate, DuesSchedule, DuesSuspension, ScheduleStanding, ScheduleState
from portal.money.invoices.models import Invoice, InvoiceState
from portal.papers.issuing.models import IssuedPaper, PaperKind, PaperVoid
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class Level:
    """What an enterprise owes by: a rate and the schedule it stands in."""

    schedule: DuesSchedule
    rate: DuesRate


def list_schedules(session: ChamberSession) -> Sequence[DuesSchedule]:
    """All dues schedules with their rates, the newest first."""
    rates = selectinload(DuesSchedule.rates)
    query = sa.select(DuesSchedule).options(rates.joinedload(DuesRate.grade), rates.joinedload(DuesRate.office))
    return session.scalars(query.order_by(DuesSchedule.in_force_from.desc(), DuesSchedule.adopted_on.desc(), DuesSchedule.id.desc())).all()


def standings(schedules: Sequence[DuesSchedule], on: dt.date) -> dict[uuid.UUID, ScheduleStanding]:
    """Where each of the chamber's schedules (the newest first) stands on a day."""
    found: dict[uuid.UUID, ScheduleStanding] = {}
    in_force = next((s for s in schedules if s.state is ScheduleState.ADOPTED and s.in_force_from <= on), None)
    for schedule in schedules:
        if schedule.state is ScheduleState.DRAFT:
            found[schedule.id] = ScheduleStanding.DRAFT
        elif schedule.in_force_from > on:
            found[schedule.id] = ScheduleStanding.COMING
        else:
            found[schedule.id] = ScheduleStanding.IN_FORCE if schedule is in_force else ScheduleStanding.SUPERSEDED
    return found


def find_level(session: ChamberSession, enterprise_id: uuid.UUID, grade_id: uuid.UUID, on: dt.date, *, years: int | None = None, held_on: dt.date | None = None) -> Level | None:
    """The highest yearly amount of the grade and the offices held, by the schedule in force on a day (the latest adopted one that has begun).

    Offices count that are held on the same day, or on `held_on`.
    `years` asks for a term of the grade; otherwise the shortest that the schedule has. None where the schedule says nothing of the grade.
    """
    rates = [r for r in list_rates(session, on) if r.grade_id == grade_id and years in {None, r.years}]
    if not rates:
        return None
    day = held_on or on
    held = sa.select(OfficeHolding.office_id).where(
        OfficeHolding.enterprise_id == enterprise_id, OfficeHolding.from_on <= day, sa.or_(OfficeHolding.until_on.is_(None), OfficeHolding.until_on >= day)
    )
    offices = set(session.scalars(held))
    candidates = [min(rates, key=lambda r: r.years), *(r for r in list_rates(session, on) if r.office_id in offices)]
    best = max(candidates, key=lambda r: (r.amount * 60 // r.years, r.grade_id is not None))
    return Level(session.fetch(DuesSchedule, best.schedule_id), best)


def list_terms(session: ChamberSession, on: dt.date) -> Sequence[DuesRate]:
    """Every rate of a grade in the schedule in force: what an applicant can choose from."""
    return [r for r in list_rates(session, on) if r.grade_id]


def list_suspensions(session: ChamberSession) -> Sequence[DuesSuspension]:
    """The days for which the chamber asked no dues, newest first."""
    return session.scalars(sa.select(DuesSuspension).order_by(DuesSuspension.from_on.desc(), DuesSuspension.id)).all()


def find_rate_like(session: ChamberSession, rate: DuesRate, schedule_id: uuid.UUID) -> DuesRate | None:
    """The amount that a schedule has for the same grade or office and the same years."""
    same = DuesRate.grade_id == rate.grade_id if rate.grade_id else DuesRate.office_id == rate.office_id
    return session.scalars(sa.select(DuesRate).where(DuesRate.schedule_id == schedule_id, same, DuesRate.years == rate.years)).one_or_none()


def list_rates(session: ChamberSession, on: dt.date) -> Sequence[DuesRate]:
    """Every rate of the schedule in force on a day, of grades and offices."""
    in_force = (
        sa.select(DuesSchedule.id)
        .where(DuesSchedule.state == ScheduleState.ADOPTED, DuesSchedule.in_force_from <= on)
        .order_by(DuesSchedule.in_force_from.desc(), DuesSchedule.adopted_on.desc(), DuesSchedule.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(DuesRate).options(joinedload(DuesRate.grade), joinedload(DuesRate.office)).where(DuesRate.schedule_id == in_force)
    return session.scalars(query.order_by(DuesRate.years, DuesRate.id)).all()


def list_out_of_step(session: ChamberSession, on: dt.date) -> Sequence[uuid.UUID]:
    """The enterprises that have paid for a day and hold no certificate of it, and those that hold one and have left."""
    said = IssuedPaper.snapshot
    first, last = sa.func.coalesce(said["valid_from"].as_string(), ""), said["valid_through"].as_string()
    holds = (
        sa.exists()
        .where(IssuedPaper.subject_id == Membership.id, IssuedPaper.kind == PaperKind.CERTIFICATE, last >= str(on))
        .where(~sa.exists().where(PaperVoid.paper_id == IssuedPaper.id))
    )
    charged = (
        sa.exists()
        .where(Invoice.enterprise_id == Membership.enterprise_id, Invoice.state == InvoiceState.PAID, Invoice.supplement == 0)
        .where(Invoice.covers_from <= on, Invoice.covers_until >= on)
    )
    left = Membership.ended_by(on)
    lacking = sa.and_(sa.or_(charged, Membership.paid_through >= on), ~holds.where(first <= str(on)))
    query = sa.select(Membership.enterprise_id).where(Membership.joined_on <= on, sa.or_(sa.and_(~left, lacking), sa.and_(left, holds)))
    return session.scalars(query.distinct().order_by(Membership.enterprise_id)).all()
