"""Days that are paid, without a break."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, order=True)
class Span:
    """From a first day to a last, both within."""

    first: dt.date
    last: dt.date


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same days in as few spans as there are breaks, the earliest first."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.first <= found[-1].last + DAY:
            found[-1] = Span(found[-1].first, max(found[-1].last, span.last))
        else:
            found.append(span)
    return found
