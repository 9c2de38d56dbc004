"""Keyset pages: a page says where the next begins, and never counts what it skips."""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

PAGE_SIZE = 25
LONGEST = 1_000
T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows of one page, and the cursor of the next (None on the last)."""

    rows: Sequence[T]
    next_cursor: str | None


def encode_cursor(*keys: str) -> str:
    """The sort keys of a page's last row as one opaque word for the URL."""
    return (
        base64.urlsafe_b64encode(json.dumps(keys, ensure_ascii=False).encode()).decode().rstrip("=")
    )


@overload
def decode_cursor(cursor: str | None, first: Callable[[str], T], /) -> tuple[T] | None: ...
@overload
def decode_cursor(
    cursor: str | None, first: Callable[[str], T], second: Callable[[str], U], /
) -> tuple[T, U] | None: ...
def decode_cursor(cursor: str | None, /, *readers: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """The sort keys of a cursor, each read by its reader.

    None where there is none, or it is not one that a page made.
    """
    if not cursor or len(cursor) > LONGEST:
        return None
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not (
            isinstance(keys, list)
            and all(isinstance(key, str) and _can_be_asked(key) for key in keys)
        ):
            return None
        return tuple(read(key) for read, key in zip(readers, keys, strict=True))
    except (binascii.Error, ValueError, RecursionError):
        return None


def read_instant(word: str) -> dt.datetime:
    """An instant of a cursor; ValueError where it is none or says no time zone."""
    at = dt.datetime.fromisoformat(word)
    if at.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return at


def _can_be_asked(key: str) -> bool:
    """Whether both databases take the word: no zero, and nothing that is not UTF-8."""
    return "\0" not in key and not any("\ud800" <= sign <= "\udfff" for sign in key)
