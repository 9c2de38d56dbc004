"""Raising dues."""

import datetime as dt

from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Grade, Membership
from portal.members.membership.queries import find_open_membership
from portal.money.dues.models import Period
from portal.money.dues.queries import (
    Level,
    find_charge_of_year,
    find_charge_within,
    find_last_charge,
    find_level,
)
from portal.money.dues.rules.proration import charge_for
from portal.money.dues.services.charges import raise_charge, suspended_spans
from portal.money.invoices.models import Invoice
from portal.money.invoices.policies import may_raise_invoices
from portal.money.invoices.services.raising import Addressee, Line
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def raise_first_invoice(
    session: ChamberSession,
    enterprise: Enterprise,
    grade: Grade,
    addressee: Addressee,
    *,
    on: dt.date,
    years: int | None = None,
    actor: Actor,
) -> Invoice:
    """Raises what an enterprise owes on joining.

    Dues from the day `on` of the decision, prorated by the schedule, and the joining fee.

    A later payment never recalculates it. Returns the invoice of the charge that stands already for
    that year or day; Refused where no adopted schedule has a rate for the grade. Announces
    `invoice_paid` where nothing is owed.
    """
    known = find_charge_of_year(session, enterprise.id, on.year) or find_charge_within(
        session, enterprise.id, on, on
    )
    if known is not None:
        return known.invoice
    level = _level(session, enterprise, grade, on, years)
    schedule, rate = level.schedule, level.rate
    charge = charge_for(
        rate.amount,
        schedule.period,
        schedule.proration,
        on,
        years=rate.years,
        suspended=suspended_spans(session),
    )
    lines = [Line(_wording(on.year, rate.years, level), charge.formula, charge.amount)]
    if rate.joining_fee:
        lines.append(Line(f"入会费（{rate.level.name_zh}）", "", rate.joining_fee))
    return raise_charge(session, enterprise, addressee, level, charge, lines, on.year, actor=actor)


def raise_dues_of_year(
    session: ChamberSession,
    enterprise: Enterprise,
    grade: Grade,
    addressee: Addressee,
    year: int,
    *,
    years: int | None = None,
    actor: Actor,
) -> Invoice:
    """Raises a member's dues for a year, or for a term of `years` that begins with it.

    By the schedule in force on the first day that is charged.

    Who joined within the year owes its part from the day of joining. Where no schedule was in force
    on the first day, today's counts. NotPermitted for others than finance; InvalidInput where a
    charge stands for one of those years already (its number is named), the member joined later, or
    the year is more than one ahead; Refused as in raise_first_invoice. Credit on account is used at
    once.
    """
    guard(may_raise_invoices, actor)
    session.lock(enterprise)
    today = today_of(session)
    if not 2000 <= year <= today.year + 1:
        raise InvalidInput("year", N_("Dues are raised for a past year, this one or the next."))
    member = find_open_membership(session, enterprise.id)
    if member is not None:
        _check_member(member, year)
    level = _level_of_year(session, enterprise, grade, year, years, today)
    rate, schedule = level.rate, level.schedule
    _check_years(session, enterprise, year, rate.years)
    first = _first_day(session, enterprise, schedule.period, year)
    rule = (rate.amount, schedule.period, schedule.proration, first)
    free, anchor = suspended_spans(session), member.joined_on if member is not None else None
    charge = charge_for(*rule, years=rate.years, suspended=free, anchor=anchor)
    lines = [Line(_wording(year, rate.years, level), charge.formula, charge.amount)]
    return raise_charge(session, enterprise, addressee, level, charge, lines, year, actor=actor)


def _check_member(member: Membership, year: int) -> None:
    """Nothing is owed for the years before a member joined, nor for what was paid elsewhere."""
    if member.joined_on.year > year:
        raise InvalidInput(
            "year",
            N_("This member joined on %(day)s: nothing is owed for earlier years."),
            day=member.joined_on.isoformat(),
        )
    if member.paid_through is not None and member.paid_through >= dt.date(year, 12, 31):
        raise InvalidInput(
            "year",
            N_("The dues are paid through %(day)s, from before the portal."),
            day=member.paid_through.isoformat(),
        )


def _check_years(session: ChamberSession, enterprise: Enterprise, year: int, years: int) -> None:
    for charged in range(year, year + years):
        known = find_charge_of_year(session, enterprise.id, charged)
        if known is not None:
            raise InvalidInput(
                "year",
                N_("The dues of this year stand in %(number)s already."),
                number=known.invoice.number,
            )


def _level_of_year(
    session: ChamberSession,
    enterprise: Enterprise,
    grade: Grade,
    year: int,
    years: int | None,
    today: dt.date,
) -> Level:
    """The level by the schedule of the first day charged.

    With the offices held today (at the year's beginning, of another year).
    """
    held_on = today if today.year == year else dt.date(year, 1, 1)
    for day in (dt.date(year, 1, 1), held_on):
        known = find_level(session, enterprise.id, grade.id, day, years=years, held_on=held_on)
        if known is None:
            continue
        first = _first_day(session, enterprise, known.schedule.period, year)
        return (
            find_level(session, enterprise.id, grade.id, first, years=years, held_on=held_on)
            or known
        )
    return _level(session, enterprise, grade, held_on, years)


def _first_day(
    session: ChamberSession, enterprise: Enterprise, period: Period, year: int
) -> dt.date:
    """The first day that is charged.

    The year's first day, the day of joining, or the day after what was paid before the portal;
    where periods roll, the day after the last one that was charged.

    So nothing is lost or paid twice.
    """
    rolls = period is Period.ROLLING
    last = find_last_charge(session, enterprise.id) if rolls else None
    member = find_open_membership(session, enterprise.id)
    ends = [
        day
        for day in (last.covers_until if last else None, member.paid_through if member else None)
        if day is not None
    ]
    begins = max(member.joined_on, dt.date(year, 1, 1)) if member else dt.date(year, 1, 1)
    next_day = max(ends) + dt.timedelta(days=1) if ends else begins
    first = next_day if rolls else max(next_day, begins)
    if first.year != year:
        raise InvalidInput(
            "year",
            N_("The next period of this enterprise begins on %(day)s."),
            day=first.isoformat(),
        )
    return first


def _level(
    session: ChamberSession, enterprise: Enterprise, grade: Grade, on: dt.date, years: int | None
) -> Level:
    level = find_level(session, enterprise.id, grade.id, on, years=years)
    if level is None:
        raise Refused(
            N_(
                "No adopted dues schedule has an amount for “%(grade)s”. Enter and adopt one "
                "in the settings first."
            ),
            grade=grade.name_zh,
        )
    return level


def _wording(year: int, years: int, level: Level) -> str:
    span = f"{year}年度" if years == 1 else f"{year}—{year + years - 1}年度"
    return f"{span}会费（{level.rate.level.name_zh}）"
