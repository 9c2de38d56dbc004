"""One search over everything.

Features register where it looks, each behind the policy of its pages.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from portal.tenancy.actor import Actor

MOST = 6
"""How many hits of one source are shown."""


@dataclass(frozen=True)
class Hit:
    """What was found: its name, what tells it from others, and its page."""

    name: str
    told: str
    endpoint: str
    where: Mapping[str, uuid.UUID]


@dataclass(frozen=True)
class Source:
    """A kind of thing that is found.

    What it is called, who sees it, and what finds it by words in the present request.
    """

    position: int
    words: str
    permit: Callable[[Actor], bool]
    find: Callable[[str], Sequence[Hit]]


SOURCES: list[Source] = []


def add_source(
    position: int, words: str, permit: Callable[[Actor], bool], find: Callable[[str], Sequence[Hit]]
) -> None:
    """Lets the search look somewhere else too.

    A second source of the same name is a fault of the program (LookupError).
    """
    if any(source.words == words for source in SOURCES):
        raise LookupError(f"{words} is searched already")
    SOURCES.append(Source(position, words, permit, find))


def hits_of(actor: Actor, words: str) -> list[tuple[str, Sequence[Hit]]]:
    """What the actor may see of what the words find, source by source; nothing for no words."""
    asked = sorted(
        (source for source in SOURCES if words and source.permit(actor)),
        key=lambda source: source.position,
    )
    found = ((source.words, source.find(words)) for source in asked)
    return [(name, hits) for name, hits in found if hits]
