"""Proration against an independent count, over every day of four years.

And what invoices say of it.
"""

import calendar
import datetime as dt
from fractions import Fraction

import pytest

from portal.foundation.money import half_up
from portal.money.dues.models import Period, Proration
from portal.money.dues.rules.proration import Span, add_months, charge_for, whole_span

DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=n) for n in range(4 * 365 + 1)]
AMOUNT = 200_001


def _counted(proration: Proration, on: dt.date) -> Fraction:
    """The same by counting on the calendar, month by month and day by day."""
    months = [m for m in range(1, 13) if m >= on.month]
    if proration is Proration.FULL:
        return Fraction(1)
    if proration is Proration.HALF_YEAR:
        return Fraction(1) if on.month <= 6 else Fraction(1, 2)
    if proration is Proration.MONTHLY:
        return Fraction(len(months), 12)
    left = sum(calendar.monthrange(on.year, m)[1] for m in months) - on.day + 1
    return Fraction(left, 366 if calendar.isleap(on.year) else 365)


@pytest.mark.parametrize("proration", list(Proration))
def test_every_day_of_four_years_is_exact_and_rounded_once(proration: Proration) -> None:
    for on in DAYS:
        charge = charge_for(AMOUNT, Period.CALENDAR, proration, on)
        assert charge.amount == half_up(AMOUNT * _counted(proration, on)), on
        assert charge.span.last == dt.date(on.year, 12, 31)
        assert (charge.formula == "") is (_counted(proration, on) == 1)


def test_rolling_years_begin_with_the_day_and_are_owed_in_full() -> None:
    for on in DAYS:
        charge = charge_for(AMOUNT, Period.ROLLING, Proration.FULL, on)
        assert charge.amount == AMOUNT
        assert charge.span.first == on
        assert charge.span.days in {365, 366}
        assert add_months(on, 12) == charge.span.last + dt.timedelta(days=1)


def test_a_month_keeps_its_anchor_day() -> None:
    end = dt.date(2025, 1, 31)
    assert [add_months(end, n) for n in (1, 2, 12, 13)] == [
        dt.date(2025, 2, 28),
        dt.date(2025, 3, 31),
        dt.date(2026, 1, 31),
        dt.date(2026, 2, 28),
    ]
    assert add_months(dt.date(2024, 2, 29), 12) == dt.date(2025, 2, 28)
    assert add_months(dt.date(2023, 12, 31), 2) == dt.date(2024, 2, 29)


def test_who_joined_on_29_february_begins_on_it_again_where_there_is_one() -> None:
    on = joined = dt.date(2024, 2, 29)
    firsts = []
    for _ in range(9):
        firsts.append(on)
        on = charge_for(
            AMOUNT, Period.ROLLING, Proration.FULL, on, anchor=joined
        ).span.last + dt.timedelta(days=1)
    assert [day.isoformat() for day in firsts] == [
        "2024-02-29",
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
        "2029-02-28",
        "2030-02-28",
        "2031-02-28",
        "2032-02-29",
    ]
    assert charge_for(
        AMOUNT, Period.ROLLING, Proration.FULL, dt.date(2026, 5, 1), anchor=joined
    ).span.last == dt.date(2027, 4, 30), "rolls from elsewhere: paid before the portal"


def test_a_term_of_four_years_is_prorated_over_all_of_it() -> None:
    on = dt.date(2026, 7, 1)
    assert whole_span(Period.CALENDAR, on, 4).last == dt.date(2029, 12, 31)
    assert charge_for(800_000, Period.CALENDAR, Proration.HALF_YEAR, on, years=4).amount == 700_000
    assert charge_for(800_000, Period.CALENDAR, Proration.MONTHLY, on, years=4).amount == half_up(
        Fraction(800_000 * 42, 48)
    )


def test_suspended_days_take_their_part_away_exactly() -> None:
    half = Span(dt.date(2026, 1, 1), dt.date(2026, 6, 30))
    charge = charge_for(
        365_000, Period.CALENDAR, Proration.FULL, dt.date(2026, 3, 1), suspended=[half]
    )
    assert (charge.amount, charge.formula) == (184_000, "¥3,650.00 × 184/365")
    whole = Span(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert (
        charge_for(
            365_000, Period.CALENDAR, Proration.DAILY, dt.date(2026, 3, 1), suspended=[whole]
        ).amount
        == 0
    )
    both = charge_for(
        1_000_000,
        Period.CALENDAR,
        Proration.HALF_YEAR,
        dt.date(2026, 7, 1),
        suspended=[Span(dt.date(2026, 7, 1), dt.date(2026, 7, 31))],
    )
    assert (both.amount, both.formula) == (
        half_up(Fraction(1_000_000, 2) * Fraction(153, 184)),
        "¥10,000.00 × 1/2 × 153/184",
    )


def test_the_formula_is_what_was_worked_out() -> None:
    charge = charge_for(200_000, Period.CALENDAR, Proration.MONTHLY, dt.date(2026, 6, 15))
    assert (charge.amount, charge.formula) == (116_667, "¥2,000.00 × 7/12")
