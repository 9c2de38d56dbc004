"""The one clock. Instants are aware (`_at`), days are dates in a chamber's zone (`_on`)."""

import datetime as dt
from zoneinfo import ZoneInfo

SHANGHAI = "Asia/Shanghai"


class Clock:
    """Tells the time. Tests pass a clock that stands still."""

    def now(self) -> dt.datetime:
        """The present instant, aware, in UTC."""
        return dt.datetime.now(dt.UTC)


class StandingClock(Clock):
    """A clock that shows `at` until it is moved."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at

    def now(self) -> dt.datetime:
        return self.at


def start_of(day: dt.date, zone: str = SHANGHAI) -> dt.datetime:
    """The instant at which a calendar day begins in `zone`."""
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone))


def day_in(at: dt.datetime, zone: str = SHANGHAI) -> dt.date:
    """The calendar day of the instant `at` in `zone`."""
    return at.astimezone(ZoneInfo(zone)).date()
