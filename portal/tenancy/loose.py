"""References that cannot be a foreign key: a type and an id, which `portal verify` follows."""

from collections.abc import Callable
from typing import TypeVar

from portal.foundation.database import Base

T = TypeVar("T", bound=type[Base])
LOOSE: list[tuple[type[Base], str, str]] = []
"""Each model that refers so, with the columns of type and id."""
GONE: set[str] = set()
"""Types whose rows may be gone while something still refers to them."""


def refers_loosely(name: str) -> Callable[[T], T]:
    """Class decorator: `<name>_type` and `<name>_id` refer to a row of any table."""

    def keep(model: T) -> T:
        LOOSE.append((model, f"{name}_type", f"{name}_id"))
        return model

    return keep


def may_be_gone(model: T) -> T:
    """Class decorator: rows of this table are deleted, and what refers to them loosely stays."""
    GONE.add(str(model.__tablename__))
    return model
