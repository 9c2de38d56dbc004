"""What can happen: the acts of every feature, known by name to whoever reads the audit."""

from portal.foundation.labels import Labelled, make_known

ACTS: dict[str, "Act"] = {}
"""Every act, by the name that the audit keeps for ever."""


class Act(Labelled):
    """A feature's acts derive from this and are known from then on.

    A second one of the same name fails at import (LookupError).
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        make_known(cls, ACTS)
