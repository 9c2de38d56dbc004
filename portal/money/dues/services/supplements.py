"""The difference (补差) of whoever rises to a higher level within what is charged."""

import datetime as dt
from dataclasses import replace
from fractions import Fraction

from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.foundation.money import half_up
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Grade
from portal.members.membership.queries import find_open_membership
from portal.money.dues.models import DuesRate, Period
from portal.money.dues.queries import (
    Level,
    count_supplements,
    find_charge_within,
    find_level,
    find_rate_like,
    list_supplements_within,
)
from portal.money.dues.rules.proration import Charge, Span, add_months, charge_for
from portal.money.dues.services.charges import raise_charge, suspended_spans
from portal.money.invoices.models import Invoice
from portal.money.invoices.policies import may_raise_invoices
from portal.money.invoices.services.raising import Addressee, Line
from portal.tenancy.actor import Actor
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


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
    new, old = _levels(session, enterprise, grade, on, span, charged, charged_by)
    charge = _difference(session, new, old, on, span)
    line = Line(
        f"{on.year}年度会费补差（{old.level.name_zh}→{new.rate.level.name_zh}）",
        charge.formula,
        charge.amount,
    )
    number = 1 + count_supplements(session, enterprise.id, on.year)
    charged_span = replace(charge, span=Span(on, span.last))
    whole = (new, charged_span, [line], on.year)
    return raise_charge(session, enterprise, addressee, *whole, supplement=number, actor=actor)


def _levels(
    session: ChamberSession,
    enterprise: Enterprise,
    grade: Grade,
    on: dt.date,
    span: Span,
    charged: DuesRate | None,
    charged_by: DuesRate | None,
) -> tuple[Level, DuesRate]:
    """The level that the enterprise has on a day, and the one by which the span was charged."""
    days = (span.first, on)
    levels = (find_level(session, enterprise.id, grade.id, day, held_on=on) for day in days)
    new = next(filter(None, levels), None)
    old = charged
    if old is None and new is not None and charged_by is not None:
        old = find_rate_like(session, charged_by, new.schedule.id)
    if new is None or old is None:
        raise InvalidInput(
            "charged_by",
            N_("Choose the level by which this time was charged: the portal does not know it."),
        )
    return new, old


def _difference(
    session: ChamberSession, new: Level, old: DuesRate, on: dt.date, span: Span
) -> Charge:
    """What the higher level owes more, from a day until the end of what is charged."""
    calendar = new.schedule.period is Period.CALENDAR
    years = span.last.year - on.year + 1 if calendar else _rolling_years_left(span, on)
    higher = Fraction(new.rate.amount * years, new.rate.years)
    difference = half_up(higher - Fraction(old.amount * years, old.years))
    if difference <= 0 or (new.rate.grade_id, new.rate.office_id) == (old.grade_id, old.office_id):
        raise InvalidInput(
            "from_on",
            N_("On that day its level is “%(level)s”, which owes no more than was charged."),
            level=new.rate.level.name_zh,
        )
    schedule, free = new.schedule, suspended_spans(session)
    rule = (difference, schedule.period, schedule.proration, on)
    charge = charge_for(*rule, years=years, suspended=free, until=span.last)
    if charge.amount == 0:
        raise InvalidInput(
            "from_on",
            N_("Nothing is owed for the time from that day until %(day)s."),
            day=span.last.isoformat(),
        )
    return charge


def _charged_for(
    session: ChamberSession, enterprise: Enterprise, on: dt.date
) -> tuple[Span, DuesRate | None]:
    """The span that is charged already and has a day in it.

    And by which level last (None where that is not known).
    """
    base = find_charge_within(session, enterprise.id, on, on)
    if base is not None:
        span = Span(base.covers_from, base.covers_until)
        risen = list_supplements_within(session, enterprise.id, span.first, span.last)
        return span, session.find(DuesRate, [base, *risen][-1].rate_id)
    member = find_open_membership(session, enterprise.id)
    paid = member.paid_through if member is not None else None
    if member is not None and paid is not None and paid >= on >= member.joined_on:
        risen = list_supplements_within(session, enterprise.id, member.joined_on, paid)
        span = Span(max(member.joined_on, dt.date(on.year, 1, 1)), paid)
        return span, session.find(DuesRate, risen[-1].rate_id) if risen else None
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
