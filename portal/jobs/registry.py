"""Which tasks there are, who reacts to which news, and what recurs.

Filled as features are imported by the application.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from portal.jobs.news import News
from portal.tenancy.session import ChamberSession, PlatformSession

F = TypeVar("F", bound=Callable[..., None])
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 20, 80, 320, 1_280))
"""How long a job waits after each try that failed.

There is one more try than there are waits.
"""


OUTAGE = (
    *(timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300, 600, 1_200, 2_400)),
    *[timedelta(hours=1)] * 71,
)
"""How long a job waits while what it needs outside the house is away.

Eighty tries in three days.
"""


class Hopeless(Exception):
    """A job's work was refused for good: trying again would be refused again."""


class Silent(Exception):
    """What a task needs outside the house does not answer at all.

    The task rests, for every chamber.
    """


@dataclass(frozen=True)
class Failure:
    """One try of a job that failed.

    Why, the how-manieth it was, and when the next one comes (None where there is none).
    """

    why: str
    tries: int
    next_at: datetime | None


@dataclass(frozen=True)
class Task:
    """A job's handler in three parts; all are safe to run twice.

    `prepare(session, **args)` reads in the job's chamber; `work(world, prepared)` does the slow or
    outside part with no transaction open; `finish(session, worked, **args)` writes, and commits
    together with the job's *done*; `failed(session, failure, **args)` writes what a failed try
    means, together with the job's own failure.
    """

    name: str
    finish: Callable[..., None]
    prepare: Callable[..., Any] | None = None
    work: Callable[..., Any] | None = None
    failed: Callable[..., None] | None = None
    waits: tuple[timedelta, ...] = WAITS
    of_the_house: bool = False


@dataclass(frozen=True)
class Schedule:
    """A task of the house that is called for once in each period."""

    task: str
    every: timedelta


TASKS: dict[str, Task] = {}
REACTIONS: dict[News, list[str]] = {}
SCHEDULES: list[Schedule] = []


def register(task: Task) -> None:
    """Makes the task known. A second one of the same name is a fault of the program."""
    if task.name in TASKS:
        raise LookupError(f"two tasks are called {task.name}")
    TASKS[task.name] = task


def recur(task: str, every: timedelta, work: Callable[[Any, None], object]) -> None:
    """Makes a task of the house known that recurs.

    `work(world, None)` goes over the chambers itself, once in each period.
    """
    register(Task(task, _nothing_more, work=work, of_the_house=True))
    SCHEDULES.append(Schedule(task, every))


def _nothing_more(_session: PlatformSession, _worked: object) -> None:
    return None


def reacts_to(news: News, task: str) -> Callable[[F], F]:
    """Decorator: `def reaction(session, **ids)` runs once for each announcement of `news`.

    In the job's chamber.

    `task` is the name under which it stands in queues: it never changes, wherever the function
    moves.
    """

    def keep(function: F) -> F:
        @functools.wraps(function)
        def finish(session: ChamberSession, _worked: None, **args: str) -> None:
            function(session, **args)

        register(Task(task, finish))
        REACTIONS.setdefault(news, []).append(task)
        return function

    return keep
