"""Which tasks there are, who reacts to which news, and what recurs. Filled as features are imported by the application."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from portal.tenancy.session import ChamberSession

F = TypeVar("F", bound=Callable[..., None])


@dataclass(frozen=True)
class Task:
    """A job's handler in three parts; all are safe to run twice.

    `prepare(session, **args)` reads in the job's chamber; `work(world, prepared)` does the slow or outside part with no
    transaction open; `finish(session, worked, **args)` writes, and commits together with the job's *done*.
    """

    name: str
    finish: Callable[..., None]
    prepare: Callable[..., Any] | None = None
    work: Callable[..., Any] | None = None
    of_the_house: bool = False


@dataclass(frozen=True)
class Schedule:
    """A task of the house that is called for once in each period."""

    task: str
    every: timedelta


TASKS: dict[str, Task] = {}
REACTIONS: dict[str, list[str]] = {}
SCHEDULES: list[Schedule] = []


def register(task: Task) -> None:
    """Makes the task known. A second one of the same name is a fault of the program."""
    if task.name in TASKS:
        raise LookupError(f"two tasks are called {task.name}")
    TASKS[task.name] = task


def reacts_to(news: str) -> Callable[[F], F]:
    """Decorator: `def reaction(session, **ids)` runs, in the job's chamber, once for each announcement of `news`."""

    def keep(function: F) -> F:
        def finish(session: ChamberSession, _worked: None, **args: str) -> None:
            function(session, **args)

        name = function.__module__.split(".")[-2] + "." + function.__name__
        register(Task(name, finish))
        REACTIONS.setdefault(news, []).append(name)
        return function

    return keep
