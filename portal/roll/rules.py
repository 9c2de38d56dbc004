"""Standing: a pure function of an enterprise's history at a day.

And reading a history as somebody typed it.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.foundation.errors import InvalidInput, Sentence
from portal.foundation.labels import N_
from portal.money.dues.rules.coverage import Span
from portal.roll.models import Standing

LINE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ \t　：:，,]*(.+)")


@dataclass(frozen=True)
class Stay:
    """A membership: joined, perhaps ended, perhaps lapsed.

    Until when its dues were paid before the portal knew it.
    """

    joined_on: dt.date
    ended_on: dt.date | None = None
    lapsed: bool = False
    paid_through: dt.date | None = None


@dataclass(frozen=True)
class Owed:
    """An invoice as it stood.

    When it was due, what was open on the day (fen), and the period it covers where it asks for
    dues.
    """

    number: str
    due_on: dt.date
    open_amount: int
    covers: Span | None = None


@dataclass(frozen=True)
class Judged:
    """How an enterprise stands, and why, in sentences that the page translates."""

    standing: Standing
    reasons: tuple[Sentence, ...]


def judge(stays: Sequence[Stay], invoices: Iterable[Owed], on: dt.date) -> Judged:
    """The standing on a day. A member with anything overdue is in arrears.

    Whatever is open and not yet due takes nothing away.
    """
    stay = next(
        (s for s in sorted(stays, key=lambda s: s.joined_on, reverse=True) if s.joined_on <= on),
        None,
    )
    if stay is None:
        return Judged(Standing.NO_MEMBER, (Sentence(N_("It has not been admitted.")),))
    if stay.ended_on is not None and stay.ended_on <= on:
        return Judged(
            Standing.LEFT, (Sentence(N_("It left on %(day)s."), day=stay.ended_on.isoformat()),)
        )
    known = list(invoices)
    late = [i for i in known if i.open_amount > 0 and i.due_on < on]
    reasons = tuple(
        Sentence(
            N_("%(number)s is %(days)s days overdue."), number=i.number, days=(on - i.due_on).days
        )
        for i in late
    )
    if stay.lapsed:
        return Judged(Standing.LAPSED, reasons or (Sentence(N_("Its membership has lapsed.")),))
    if late:
        return Judged(Standing.ARREARS, reasons)
    until = _paid_until(stay, known)
    if until is not None and until >= on:
        paid = Sentence(N_("Its dues are paid through %(day)s."), day=until.isoformat())
        return Judged(Standing.GOOD, (paid,))
    open_, due = N_("%(number)s is open, due on %(day)s."), [i for i in known if i.open_amount > 0]
    coming = tuple(Sentence(open_, number=i.number, day=i.due_on.isoformat()) for i in due)
    nothing = Sentence(N_("No dues are raised for this time yet."))
    return Judged(Standing.GOOD, coming or (nothing,))


def _paid_until(stay: Stay, known: Sequence[Owed]) -> dt.date | None:
    """The last day that is paid, and lies in nothing that is owed still."""
    paid = [i.covers.last for i in known if i.covers and i.open_amount == 0]
    paid += [stay.paid_through] if stay.paid_through else []
    unpaid = [i.covers for i in known if i.covers and i.open_amount > 0]
    whole = (last for last in paid if not any(span.first <= last <= span.last for span in unpaid))
    return max(whole, default=None)


def read_history(text: str, today: dt.date) -> Sequence[tuple[dt.date, str]]:
    """The lines of a typed history, each a day and what happened.

    InvalidInput names the first that has no day, or one that lies ahead.
    """
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        match = LINE.fullmatch(line)
        try:
            on = dt.date(int(match[1]), int(match[2]), int(match[3])) if match else None
        except ValueError:
            on = None
        if match is None or on is None or on > today:
            raise InvalidInput(
                "history",
                N_("“%(line)s” does not begin with a day that has been, such as 2019-03-01."),
                line=line[:40],
            )
        found.append((on, match[4].strip()[:200]))
    return found
