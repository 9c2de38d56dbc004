"""What a period is, and what part of it an enterprise owes that joins within it.

Exact fractions, rounded once.
"""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from portal.foundation.money import half_up, yuan
from portal.money.dues.models import Period, Proration


@dataclass(frozen=True)
class Span:
    """Days from the first to the last, both included."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def overlap(self, other: "Span") -> int:
        """How many days both have."""
        return max(0, (min(self.last, other.last) - max(self.first, other.first)).days + 1)


@dataclass(frozen=True)
class Charge:
    """What is owed for a span, in fen, and how it was worked out.

    Nothing is said of how where it is the full amount.
    """

    amount: int
    formula: str
    span: Span


def add_months(anchor: dt.date, months: int) -> dt.date:
    """The same day of a later month, or its last day where it has no such day.

    31 January + 1 = 28 or 29 February, + 2 = 31 March.
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return dt.date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))


def whole_span(period: Period, on: dt.date, years: int, anchor: dt.date | None = None) -> Span:
    """The whole period of `years` years of a day.

    That the day `on` begins (rolling) or lies in (calendar).

    `anchor` is the day from which periods roll: who joined on 29 February begins on the 28th where
    there is none, and on the 29th again where there is.
    """
    if period is Period.ROLLING:
        months = (on.year - anchor.year) * 12 + on.month - anchor.month if anchor else 0
        rolls = anchor if anchor and add_months(anchor, months) == on else None
        return Span(
            on,
            (add_months(rolls, months + 12 * years) if rolls else add_months(on, 12 * years))
            - dt.timedelta(days=1),
        )
    return Span(dt.date(on.year, 1, 1), dt.date(on.year + years - 1, 12, 31))


def share_of(proration: Proration, whole: Span, on: dt.date) -> Fraction:
    """The part of the whole period that is owed by who joins on the day `on` within it."""
    years = whole.last.year - whole.first.year + 1
    if on <= whole.first or proration is Proration.FULL:
        return Fraction(1)
    months_gone = (on.year - whole.first.year) * 12 + on.month - whole.first.month
    if proration is Proration.HALF_YEAR:
        return Fraction(2 * years - months_gone // 6, 2 * years)
    if proration is Proration.MONTHLY:
        return Fraction(12 * years - months_gone, 12 * years)
    return Fraction((whole.last - on).days + 1, whole.days)


def charge_for(
    amount: int,
    period: Period,
    proration: Proration,
    on: dt.date,
    *,
    years: int = 1,
    suspended: Iterable[Span] = (),
    anchor: dt.date | None = None,
    until: dt.date | None = None,
) -> Charge:
    """What is owed from the day `on`, for `years` years at `amount` fen for all of them.

    Periods roll from the day `anchor`.

    A calendar period of which only the days through `until` are charged owes that much less, where
    it is prorated at all. Days for which dues are suspended take their part of the span away.
    Worked out exactly and rounded once, half up to the fen.
    """
    whole = whole_span(period, on, years, anchor)
    last = min(whole.last, until or whole.last)
    span = Span(max(on, whole.first), last) if proration is not Proration.FULL else whole
    share = share_of(proration, whole, on)
    if last < whole.last and period is Period.CALENDAR and proration is not Proration.FULL:
        share -= share_of(proration, whole, last + dt.timedelta(days=1))
    free = sum(span.overlap(s) for s in suspended)
    owed = share * Fraction(span.days - free, span.days)
    return Charge(
        half_up(amount * owed),
        _formula(amount, share, _parts(proration, whole), free, span.days),
        span,
    )


def _parts(proration: Proration, whole: Span) -> int:
    """Of how many half-years, months or days a share is counted."""
    years = whole.last.year - whole.first.year + 1
    return {Proration.HALF_YEAR: 2 * years, Proration.MONTHLY: 12 * years}.get(
        proration, whole.days
    )


def _formula(amount: int, share: Fraction, parts: int, free: int, days: int) -> str:
    words = yuan(amount)
    if share != 1:
        words += f" × {share * parts}/{parts}"
    if free:
        words += f" × {days - free}/{days}"
    return words if share != 1 or free else ""
