"""What waits for a colleague: features register it, each with the policy of whom it waits for."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession

MOST = 15
"""Of one kind, so many at once."""


@dataclass(frozen=True)
class Waiting:
    """One thing that waits.

    What, about whom, since when, until when, and where the one action is done.
    """

    what: str
    about: str
    since: dt.datetime
    endpoint: str
    action: str
    where: Mapping[str, uuid.UUID | str] = field(default_factory=dict)
    note: str = ""
    due_on: dt.date | None = None
    mine: bool = False


Source = Callable[[ChamberSession, Actor, dt.date], Iterable[Waiting]]
"""What waits for an actor on a day, of one kind."""
SOURCES: list[tuple[Callable[[Actor], bool], Source]] = []


def add_waiting(permit: Callable[[Actor], bool], source: Source) -> None:
    """Puts what a source finds on My day of whoever `permit` says."""
    SOURCES.append((permit, source))


def list_waiting(session: ChamberSession, actor: Actor, today: dt.date) -> list[Waiting]:
    """What this colleague can move now; what they have claimed first, then the longest waiting."""
    found = [
        item
        for permit, source in SOURCES
        if permit(actor)
        for item in source(session, actor, today)
    ]
    return sorted(found, key=lambda item: (not item.mine, item.since))
