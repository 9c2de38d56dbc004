"""Raising dues."""

import datetime as dt
from dataclasses import replace
from fractions import Fraction

from portal.foundation.clock import day_in
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.money import half_up
from portal.members.enterprises.models import Enterprise, debtor_of
from portal.members.membership.models import Grade
from portal.members.membership.queries import find_open_membership
from portal.money.dues.models import DuesCharge, DuesRate, DuesSchedule, Period
from portal.money.dues.queries import (
    Level,
    count_supplements,
    find_charge_of,
    find_charge_of_year,
    find_charge_within,
    find_last_charge,
    find_level,
    find_rate_like,
    list_supplements_within,
    list_suspensions,
)
from portal.money.dues.rules.proration import Charge, Span, add_months, charge_for
from portal.money.dues.services.certificates import follow_money
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.invoices.policies import may_raise_invoices
from portal.money.invoices.services.hooks import TAKEN_BACK, TAKING_BACK
from portal.money.invoices.services.raising import Addressee, Line, issue_invoice
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import settings_of, today_of
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
        suspended=_suspended(session),
    )
    lines = [Line(_wording(on.year, rate.years, level), charge.formula, charge.amount)]
    if rate.joining_fee:
        lines.append(Line(f"入会费（{rate.level.name_zh}）", "", rate.joining_fee))
    return _raise(session, enterprise, addressee, level, charge, lines, on.year, actor=actor)


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
    if member is not None and member.joined_on.year > year:
        raise InvalidInput(
            "year",
            N_("This member joined on %(day)s: nothing is owed for earlier years."),
            day=member.joined_on.isoformat(),
        )
    if (
        member is not None
        and member.paid_through is not None
        and member.paid_through >= dt.date(year, 12, 31)
    ):
        raise InvalidInput(
            "year",
            N_("The dues are paid through %(day)s, from before the portal."),
            day=member.paid_through.isoformat(),
        )
    level = _level_of_year(session, enterprise, grade, year, years, today)
    rate = level.rate
    for charged in range(year, year + rate.years):
        known = find_charge_of_year(session, enterprise.id, charged)
        if known is not None:
            raise InvalidInput(
                "year",
                N_("The dues of this year stand in %(number)s already."),
                number=known.invoice.number,
            )
    first = _first_day(session, enterprise, level.schedule.period, year)
    anchor = member.joined_on if member is not None else None
    charge = charge_for(
        rate.amount,
        level.schedule.period,
        level.schedule.proration,
        first,
        years=rate.years,
        suspended=_suspended(session),
        anchor=anchor,
    )
    return _raise(
        session,
        enterprise,
        addressee,
        level,
        charge,
        [Line(_wording(year, rate.years, level), charge.formula, charge.amount)],
        year,
        actor=actor,
    )


def raise_supplement(
    session: ChamberSession,
    enterprise: Enterprise,
    grade: Grade,
    addressee: Addressee,
    on: dt.date,
    *,
    charged_by: DuesRate | None = None,
    actor: Actor,
) -> Invoice:
    """Raises the difference (补差) of an enterprise that rose to a higher level.

    On the day `on`, until the end of what is charged already.

    The difference of the two levels, prorated from that day as the schedule says. `charged_by` is
    the level of what was paid before the portal, or of an invoice that does not know its own.
    NotPermitted for others than finance; InvalidInput where nothing is charged for that day, the
    level charged last is not known, or the level that it has on that day owes no more.
    """
    guard(may_raise_invoices, actor)
    session.lock(enterprise)
    span, charged = _charged_for(session, enterprise, on)
    levels = (
        find_level(session, enterprise.id, grade.id, day, held_on=on) for day in (span.first, on)
    )
    new = next(filter(None, levels), None)
    old = charged or (
        find_rate_like(session, charged_by, new.schedule.id) if new and charged_by else None
    )
    if new is None or old is None:
        raise InvalidInput(
            "charged_by",
            N_("Choose the level by which this time was charged: the portal does not know it."),
        )
    years = (
        span.last.year - on.year + 1
        if new.schedule.period is Period.CALENDAR
        else _rolling_years_left(span, on)
    )
    difference = half_up(
        Fraction(new.rate.amount * years, new.rate.years) - Fraction(old.amount * years, old.years)
    )
    if difference <= 0 or (new.rate.grade_id, new.rate.office_id) == (old.grade_id, old.office_id):
        raise InvalidInput(
            "from_on",
            N_("On that day its level is “%(level)s”, which owes no more than was charged."),
            level=new.rate.level.name_zh,
        )
    charge = charge_for(
        difference,
        new.schedule.period,
        new.schedule.proration,
        on,
        years=years,
        suspended=_suspended(session),
        until=span.last,
    )
    if charge.amount == 0:
        raise InvalidInput(
            "from_on",
            N_("Nothing is owed for the time from that day until %(day)s."),
            day=span.last.isoformat(),
        )
    line = Line(
        f"{on.year}年度会费补差（{old.level.name_zh}→{new.rate.level.name_zh}）",
        charge.formula,
        charge.amount,
    )
    number = 1 + count_supplements(session, enterprise.id, on.year)
    return _raise(
        session,
        enterprise,
        addressee,
        new,
        replace(charge, span=Span(on, span.last)),
        [line],
        on.year,
        supplement=number,
        actor=actor,
    )


def check_supplements(session: ChamberSession, invoice: Invoice) -> None:
    """A charge to which a supplement was raised is not taken back under it.

    What is raised anew would hold the difference too. Refused, naming it.
    """
    charge = find_charge_of(session, invoice.id)
    if charge is None or charge.supplement:
        return
    standing = list_supplements_within(
        session, charge.enterprise_id, charge.covers_from, charge.covers_until
    )
    if standing:
        raise Refused(
            N_("%(number)s was raised for the difference to a higher level. Take it back first."),
            number=standing[-1].invoice.number,
        )


def free_charge(session: ChamberSession, invoice: Invoice) -> None:
    """The charge of an invoice that was taken back whole stands no more.

    Its period can be charged anew.
    """
    charge = find_charge_of(session, invoice.id)
    if charge is not None:
        charge.standing = False


TAKING_BACK.append(check_supplements)
TAKEN_BACK.append(free_charge)


def _charged_for(
    session: ChamberSession, enterprise: Enterprise, on: dt.date
) -> tuple[Span, DuesRate | None]:
    """The span that is charged already and has a day in it.

    And by which level last (None where that is not known).
    """
    base, member = (
        find_charge_within(session, enterprise.id, on, on),
        find_open_membership(session, enterprise.id),
    )
    if base is not None:
        latest = (
            list_supplements_within(session, enterprise.id, base.covers_from, base.covers_until)
            or [base]
        )[-1]
        return Span(base.covers_from, base.covers_until), session.find(DuesRate, latest.rate_id)
    if (
        member is not None
        and member.paid_through is not None
        and member.paid_through >= on >= member.joined_on
    ):
        risen = list_supplements_within(
            session, enterprise.id, member.joined_on, member.paid_through
        )
        return Span(
            max(member.joined_on, dt.date(on.year, 1, 1)), member.paid_through
        ), session.find(DuesRate, risen[-1].rate_id) if risen else None
    raise InvalidInput(
        "from_on",
        N_("No dues are charged for %(day)s yet: raise them, by the present level, instead."),
        day=on.isoformat(),
    )


def _rolling_years_left(span: Span, on: dt.date) -> int:
    """Of a rolling term, the years from the one in which a day lies."""
    left, ended = 1, span.last + dt.timedelta(days=1)
    while add_months(ended, -12 * left) > on:
        left += 1
    return left


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


def _suspended(session: ChamberSession) -> list[Span]:
    return [
        Span(s.from_on, s.until_on) for s in list_suspensions(session) if s.taken_back_at is None
    ]


def _wording(year: int, years: int, level: Level) -> str:
    span = f"{year}年度" if years == 1 else f"{year}—{year + years - 1}年度"
    return f"{span}会费（{level.rate.level.name_zh}）"


def _due_day(
    schedule: DuesSchedule, dues_year: int, issued_on: dt.date, days_to_pay: int
) -> dt.date:
    """The schedule's last day to pay where it lies ahead.

    Otherwise the chamber's days to pay after the issue.
    """
    if schedule.due_month and schedule.due_day:
        fixed = dt.date(dues_year, schedule.due_month, schedule.due_day)
        if fixed > issued_on:
            return fixed
    return issued_on + dt.timedelta(days=days_to_pay)


def _raise(
    session: ChamberSession,
    enterprise: Enterprise,
    addressee: Addressee,
    level: Level,
    charge: Charge,
    lines: list[Line],
    dues_year: int,
    *,
    supplement: int = 0,
    actor: Actor,
) -> Invoice:
    other = (
        None
        if supplement
        else find_charge_within(session, enterprise.id, charge.span.first, charge.span.last)
    )
    if other is not None:
        days = {"first": other.covers_from.isoformat(), "last": other.covers_until.isoformat()}
        raise InvalidInput(
            "year",
            N_("%(number)s asks for dues from %(first)s to %(last)s already."),
            number=other.invoice.number,
            **days,
        )
    settings = settings_of(session)
    today = day_in(session.now(), settings.zone)
    due_on = (
        today + dt.timedelta(days=settings.days_to_pay)
        if supplement
        else _due_day(level.schedule, dues_year, today, settings.days_to_pay)
    )
    invoice = issue_invoice(
        session,
        debtor_of(enterprise),
        addressee,
        lines,
        due_on=due_on,
        actor=actor,
        schedule=level.schedule.name,
    )
    session.add(
        DuesCharge(
            enterprise_id=enterprise.id,
            invoice_id=invoice.id,
            dues_year=dues_year,
            supplement=supplement,
            rate_id=level.rate.id,
            covers_from=charge.span.first,
            covers_until=charge.span.last,
        )
    )
    if invoice.state is InvoiceState.PAID:
        follow_money(session, [enterprise.id], invoice.number, actor=actor)
    return invoice
