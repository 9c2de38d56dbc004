"""Reading dues schedules, and what an enterprise owes by them."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.governance.resolutions.models import Resolution
from portal.members.membership.models import Membership, MembershipPaper
from portal.members.offices.models import OfficeHolding
from portal.money.dues.models import (
    DuesCharge,
    DuesRate,
    DuesSchedule,
    DuesSuspension,
    ScheduleStanding,
    ScheduleState,
)
from portal.money.invoices.models import Invoice, InvoiceState
from portal.papers.issuing.models import IssuedPaper, PaperVoid
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class Level:
    """What an enterprise owes by: a rate and the schedule it stands in."""

    schedule: DuesSchedule
    rate: DuesRate


def list_schedules(session: ChamberSession) -> Sequence[DuesSchedule]:
    """All dues schedules with their rates, the newest first."""
    rates = selectinload(DuesSchedule.rates)
    resolution = contains_eager(DuesSchedule.resolution).joinedload(Resolution.publication)
    query = sa.select(DuesSchedule).options(
        rates.joinedload(DuesRate.grade), rates.joinedload(DuesRate.office), resolution
    )
    return session.scalars(_newest_first(query)).all()


def _newest_first(query: sa.Select[Any]) -> sa.Select[Any]:
    """By the day from which they count; of two from one day, the one adopted last."""
    joined = query.outerjoin(Resolution, Resolution.id == DuesSchedule.resolution_id)
    return joined.order_by(
        DuesSchedule.in_force_from.desc(),
        Resolution.adopted_on.desc().nulls_last(),
        DuesSchedule.id.desc(),
    )


def standings(schedules: Sequence[DuesSchedule], on: dt.date) -> dict[uuid.UUID, ScheduleStanding]:
    """Where each of the chamber's schedules (the newest first) stands on a day."""
    found: dict[uuid.UUID, ScheduleStanding] = {}
    in_force = next(
        (s for s in schedules if s.state is ScheduleState.ADOPTED and s.in_force_from <= on), None
    )
    for schedule in schedules:
        if schedule.state is ScheduleState.DRAFT:
            found[schedule.id] = ScheduleStanding.DRAFT
        elif schedule.in_force_from > on:
            found[schedule.id] = ScheduleStanding.COMING
        else:
            found[schedule.id] = (
                ScheduleStanding.IN_FORCE if schedule is in_force else ScheduleStanding.SUPERSEDED
            )
    return found


def find_level(
    session: ChamberSession,
    enterprise_id: uuid.UUID,
    grade_id: uuid.UUID,
    on: dt.date,
    *,
    years: int | None = None,
    held_on: dt.date | None = None,
) -> Level | None:
    """The highest yearly amount of the grade and the offices held.

    By the schedule in force on a day: the latest adopted one that has begun.

    Offices count that are held on the same day, or on `held_on`. `years` asks for a term of the
    grade; otherwise the shortest that the schedule has. None where the schedule says nothing of the
    grade.
    """
    rates = [
        r for r in list_rates(session, on) if r.grade_id == grade_id and years in {None, r.years}
    ]
    if not rates:
        return None
    day = held_on or on
    held = sa.select(OfficeHolding.office_id).where(
        OfficeHolding.enterprise_id == enterprise_id,
        OfficeHolding.from_on <= day,
        sa.or_(OfficeHolding.until_on.is_(None), OfficeHolding.until_on >= day),
    )
    offices = set(session.scalars(held))
    candidates = [
        min(rates, key=lambda r: r.years),
        *(r for r in list_rates(session, on) if r.office_id in offices),
    ]
    best = max(candidates, key=lambda r: (r.amount * 60 // r.years, r.grade_id is not None))
    return Level(session.fetch(DuesSchedule, best.schedule_id), best)


def list_terms(session: ChamberSession, on: dt.date) -> Sequence[DuesRate]:
    """Every rate of a grade in the schedule in force: what an applicant can choose from."""
    return [r for r in list_rates(session, on) if r.grade_id]


def list_suspensions(session: ChamberSession) -> Sequence[DuesSuspension]:
    """The days for which the chamber asked no dues, newest first."""
    return session.scalars(
        sa.select(DuesSuspension).order_by(DuesSuspension.from_on.desc(), DuesSuspension.id)
    ).all()


def find_rate_like(
    session: ChamberSession, rate: DuesRate, schedule_id: uuid.UUID
) -> DuesRate | None:
    """The amount that a schedule has for the same grade or office and the same years."""
    same = (
        DuesRate.grade_id == rate.grade_id
        if rate.grade_id
        else DuesRate.office_id == rate.office_id
    )
    return session.scalars(
        sa.select(DuesRate).where(
            DuesRate.schedule_id == schedule_id, same, DuesRate.years == rate.years
        )
    ).one_or_none()


def list_rates(session: ChamberSession, on: dt.date) -> Sequence[DuesRate]:
    """Every rate of the schedule in force on a day, of grades and offices."""
    adopted = sa.select(DuesSchedule.id).where(
        DuesSchedule.state == ScheduleState.ADOPTED, DuesSchedule.in_force_from <= on
    )
    in_force = _newest_first(adopted).limit(1).scalar_subquery()
    query = (
        sa.select(DuesRate)
        .options(joinedload(DuesRate.grade), joinedload(DuesRate.office))
        .where(DuesRate.schedule_id == in_force)
    )
    return session.scalars(query.order_by(DuesRate.years, DuesRate.id)).all()


def was_raised_for(year: int) -> sa.ColumnElement[bool]:
    """The condition that an invoice asks for dues of a year."""
    return sa.exists().where(DuesCharge.invoice_id == Invoice.id, DuesCharge.dues_year == year)


def find_charge_of(session: ChamberSession, invoice_id: uuid.UUID) -> DuesCharge | None:
    """The charge that an invoice asks for; None where it asks for something else."""
    return session.scalars(
        sa.select(DuesCharge).where(DuesCharge.invoice_id == invoice_id)
    ).one_or_none()


def list_charges_of(
    session: ChamberSession, invoice_ids: Collection[uuid.UUID]
) -> Sequence[DuesCharge]:
    """The charges that some invoices ask for."""
    return session.scalars(
        sa.select(DuesCharge).where(DuesCharge.invoice_id.in_(invoice_ids))
    ).all()


def find_charge_of_year(
    session: ChamberSession, enterprise_id: uuid.UUID, year: int
) -> DuesCharge | None:
    """The standing charge of an enterprise that covers a dues year, with its invoice.

    Raised for it, or for a term that reaches into it.
    """
    whole = sa.and_(
        DuesCharge.covers_from <= dt.date(year, 1, 1),
        DuesCharge.covers_until >= dt.date(year, 12, 31),
    )
    query = _standing(enterprise_id).where(sa.or_(DuesCharge.dues_year == year, whole))
    return session.scalars(query.order_by(DuesCharge.id)).first()


def find_charge_within(
    session: ChamberSession, enterprise_id: uuid.UUID, first: dt.date, last: dt.date
) -> DuesCharge | None:
    """The earliest standing charge of an enterprise from `first` to `last`, with its invoice.

    That covers any of these days; supplements aside.
    """
    query = _standing(enterprise_id).where(
        DuesCharge.covers_from <= last, DuesCharge.covers_until >= first
    )
    return session.scalars(query.order_by(DuesCharge.covers_from, DuesCharge.id).limit(1)).first()


def find_last_charge(session: ChamberSession, enterprise_id: uuid.UUID) -> DuesCharge | None:
    """The standing charge of an enterprise that reaches furthest."""
    return session.scalars(
        _standing(enterprise_id)
        .order_by(DuesCharge.covers_until.desc(), DuesCharge.id.desc())
        .limit(1)
    ).first()


def list_supplements_within(
    session: ChamberSession, enterprise_id: uuid.UUID, first: dt.date, last: dt.date
) -> Sequence[DuesCharge]:
    """The standing supplements to what is charged, with their invoices.

    From the day `first` to the day `last`, in the order in which they were raised.
    """
    query = (
        sa.select(DuesCharge)
        .options(joinedload(DuesCharge.invoice))
        .where(
            DuesCharge.enterprise_id == enterprise_id,
            DuesCharge.supplement > 0,
            DuesCharge.standing,
        )
    )
    return session.scalars(
        query.where(DuesCharge.covers_from >= first, DuesCharge.covers_until <= last).order_by(
            DuesCharge.id
        )
    ).all()


def count_supplements(session: ChamberSession, enterprise_id: uuid.UUID, year: int) -> int:
    """The number of the last supplement of a dues year, of those that were taken back too.

    0 where there was none.
    """
    query = sa.select(sa.func.coalesce(sa.func.max(DuesCharge.supplement), 0))
    return int(
        session.scalar(
            query.where(DuesCharge.enterprise_id == enterprise_id, DuesCharge.dues_year == year)
        )
        or 0
    )


def _standing(enterprise_id: uuid.UUID) -> sa.Select[DuesCharge]:
    query = sa.select(DuesCharge).options(joinedload(DuesCharge.invoice))
    return query.where(
        DuesCharge.enterprise_id == enterprise_id, DuesCharge.supplement == 0, DuesCharge.standing
    )


def list_out_of_step(session: ChamberSession, on: dt.date) -> Sequence[uuid.UUID]:
    """Enterprises whose certificates do not follow their money.

    Those that have paid for a day and hold no certificate of it, and those that hold one and have
    left.
    """
    said = IssuedPaper.snapshot
    first, last = (
        sa.func.coalesce(said["valid_from"].as_string(), ""),
        said["valid_through"].as_string(),
    )
    holds = (
        sa.exists()
        .where(
            IssuedPaper.subject_id == Membership.id,
            IssuedPaper.kind == MembershipPaper.CERTIFICATE,
            last >= str(on),
        )
        .where(~sa.exists().where(PaperVoid.paper_id == IssuedPaper.id))
    )
    charged = (
        sa.exists()
        .where(
            DuesCharge.enterprise_id == Membership.enterprise_id,
            DuesCharge.standing,
            DuesCharge.supplement == 0,
        )
        .where(DuesCharge.covers_from <= on, DuesCharge.covers_until >= on)
        .where(Invoice.id == DuesCharge.invoice_id, Invoice.state == InvoiceState.PAID)
    )
    left = Membership.ended_by(on)
    lacking = sa.and_(
        sa.or_(charged, Membership.paid_through >= on), ~holds.where(first <= str(on))
    )
    query = sa.select(Membership.enterprise_id).where(
        Membership.joined_on <= on, sa.or_(sa.and_(~left, lacking), sa.and_(left, holds))
    )
    return session.scalars(query.distinct().order_by(Membership.enterprise_id)).all()
