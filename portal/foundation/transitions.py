"""States move only along a table *state → allowed next*."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol, TypeVar

from portal.foundation.errors import IllegalMove
from portal.foundation.labels import N_

S = TypeVar("S", bound=StrEnum)


class Stateful(Protocol[S]):
    """Whatever has a state column."""

    state: S


def move(thing: Stateful[S], to: S, table: Mapping[S, frozenset[S]]) -> None:
    """Moves `thing` to the state `to`; raises IllegalMove where the table does not allow it."""
    if to not in table.get(thing.state, frozenset()):
        raise IllegalMove(
            N_(
                "This is “%(state)s” and cannot become “%(to)s”. Someone may have acted "
                "meanwhile: look again."
            ),
            state=getattr(thing.state, "label", thing.state),
            to=getattr(to, "label", to),
        )
    thing.state = to
