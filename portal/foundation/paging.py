"""Keyset pages: a page says where the next begins, and never counts what it skips."""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

PAGE_SIZE = 25
LONGEST = 1_000
T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows of one page, and the cursor of the next (None on the last)."""

    rows: Sequence[T]
    next_cursor: str | None


def encode_cursor(*keys: str) -> str:
    """The sort keys of a page's last row as one opaque word for the URL."""
    return base64.urlsafe_b64encode(json.dumps(keys, ensure_ascii=False).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, size: int) -> tuple[str, ...] | None:
    """The `size` sort keys of a cursor, or None where there is none or it was tampered with."""
    if not cursor or len(cursor) > LONGEST:
        return None
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not (isinstance(keys, list) and len(keys) == size and all(isinstance(k, str) and _can_be_asked(k) for k in keys)):
        return None
    return tuple(keys)


def read_instant(word: str) -> dt.datetime:
    """An instant of a cursor; ValueError where it is none or says no time zone."""
    at = dt.datetime.fromisoformat(word)
    if at.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return at


def _can_be_asked(key: str) -> bool:
    """Whether both databases take the word: no zero, and nothing that is not UTF-8."""
    return "\0" not in key and not any("\ud800" <= sign <= "\udfff" for sign in key)
