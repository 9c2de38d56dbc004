"""A recorder of row locks.

Whoever locks backwards against docs/locks.md fails, in whatever test it happens.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from portal.tenancy.session import ChamberSession

WRITTEN = (Path(__file__).resolve().parents[1] / "docs" / "locks.md").read_text(encoding="utf-8")
ORDER = {name: int(rank) for rank, name in re.findall(r"^(\d+)\. `(\w+)`$", WRITTEN, re.M)}
LATCHES = re.findall(r"`([a-z ]+?)(?: …)?`", WRITTEN.rsplit("are held together:", 1)[1])
Place = tuple[int, int, str]
_RESTS: list[bool] = []


class Backwards(AssertionError):
    """A lock that two transactions could wait for each other by."""


def start_recording() -> None:
    """Listens to every session of a chamber, from now on."""
    event.listen(ChamberSession, "do_orm_execute", _see)
    event.listen(ChamberSession, "after_flush", _inserted)
    event.listen(ChamberSession, "after_transaction_end", _forget)


@contextmanager
def nobody_records() -> Iterator[None]:
    """Nothing is judged meanwhile: the demo does in one transaction what takes colleagues weeks."""
    _RESTS.append(True)
    try:
        yield
    finally:
        _RESTS.pop()


def off_the_record(session: Session) -> None:
    """Lets a test do several acts in one transaction, as no request does.

    Their locks are not judged together.
    """
    session.info["off the record"] = True


def _see(state: ORMExecuteState) -> Any:
    statement: Any = state.statement
    if (
        _RESTS
        or "off the record" in state.session.info
        or not state.is_select
        or getattr(statement, "_for_update_arg", None) is None
    ):
        return None
    result = state.invoke_statement().freeze()
    for thing in result().unique().scalars().all():
        _take(state.session, thing)
    return result()


def _take(session: Session, thing: Any) -> None:
    key = (thing.__tablename__, thing.id)
    held = session.info.setdefault("held", set())
    if key in held:
        return
    place = place_of(thing)
    highest = session.info.get("highest")
    if highest is not None and place < highest[0]:
        raise Backwards(f"{key[0]} is locked after {highest[1]}: see docs/locks.md")
    held.add(key)
    session.info["highest"] = (place, key[0])


def place_of(thing: Any) -> Place:
    """Where a row stands in the written order: by table, then by latch or id."""
    table = thing.__tablename__
    if table not in ORDER:
        raise Backwards(f"{table} has no place in docs/locks.md")
    if table == "issued_paper":
        return ORDER[table], 0, ""
    if table != "counter":
        return ORDER[table], 0, thing.id.hex
    latch = next(
        (
            n
            for n, word in enumerate(LATCHES)
            if thing.name == word or thing.name.startswith(word + " ")
        ),
        None,
    )
    if latch is None:
        raise Backwards(f"the latch “{thing.name}” has no place in docs/locks.md")
    return ORDER[table], latch, thing.name


def _inserted(session: Session, _context: object) -> None:
    held = session.info.setdefault("held", set())
    held.update((thing.__tablename__, thing.id) for thing in session.new if hasattr(thing, "id"))


def _forget(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop("held", None)
        session.info.pop("highest", None)
