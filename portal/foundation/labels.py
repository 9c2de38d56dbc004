"""Text that is written once in English and translated where it is shown."""

from enum import StrEnum
from typing import TypeVar


def N_(msgid: str) -> str:  # noqa: N802  (gettext's own name for a marked string)
    """Marks `msgid` for the catalogues and returns it unchanged."""
    return msgid


class Labelled(StrEnum):
    """A StrEnum whose members carry an English label: `NAME = "value", N_("Label")`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> "Labelled":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        return member


T = TypeVar("T", bound=Labelled)


def make_known(kinds: type[T], known: dict[str, T]) -> None:
    """Adds the members of a class to those that are `known` by their value.

    LookupError where one of this value is.
    """
    for kind in kinds:
        if known.setdefault(kind.value, kind) is not kind:
            raise LookupError(f"{kinds.__name__}: {kind.value} is known already")
