"""The desk's menu: features register its entries, each with the policy of who sees it."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from portal.foundation.labels import N_, Labelled
from portal.tenancy.actor import Actor


class Group(Labelled):
    """The groups of work in which the entries stand, in their order."""

    DAY = "day", N_("My day")
    MEMBERS = "members", N_("Members")
    MONEY = "money", N_("Money")
    EVENTS = "events", N_("Events")
    RIGHTS = "rights", N_("Rights")
    PAPERS = "papers", N_("Papers")
    CHAMBER = "chamber", N_("Chamber")


@dataclass(frozen=True)
class Entry:
    """A place of the desk: its page, what it is called, who sees it.

    It is marked on every page whose endpoint begins with `covers`.
    """

    group: Group
    position: int
    endpoint: str
    words: str
    permit: Callable[[Actor], bool]
    covers: str


ENTRIES: list[Entry] = []


def add_entry(
    group: Group,
    position: int,
    endpoint: str,
    words: str,
    permit: Callable[[Actor], bool],
    *,
    covers: str = "",
) -> None:
    """Puts a page into the menu.

    A second entry of the same page is a fault of the program (LookupError).
    """
    if any(entry.endpoint == endpoint for entry in ENTRIES):
        raise LookupError(f"{endpoint} stands in the menu already")
    ENTRIES.append(Entry(group, position, endpoint, words, permit, covers or endpoint))


def entries_of(actor: Actor) -> list[Entry]:
    """What the actor sees, by group and position."""
    order = list(Group)
    return sorted(
        (entry for entry in ENTRIES if entry.permit(actor)),
        key=lambda entry: (order.index(entry.group), entry.position),
    )


def groups_of(actor: Actor) -> list[tuple[Group, list[Entry]]]:
    """The same, group by group."""
    return [
        (group, list(entries))
        for group, entries in itertools.groupby(entries_of(actor), key=lambda entry: entry.group)
    ]
