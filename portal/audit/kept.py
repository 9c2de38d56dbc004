"""What is kept for ever is in the chain.

Every append-only row leaves its digest in an event, in its own transaction.

One event for each transaction names the rows that it added. The chain seals the event like any
other, so nobody, not even who administers the database, changes, adds or removes a row afterwards
without `portal verify` naming it.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from portal.audit.models import AuditEvent
from portal.foundation.database import Base
from portal.foundation.ids import new_id
from portal.tenancy.bulk import WRITTEN
from portal.tenancy.fences import APPEND_ONLY
from portal.tenancy.loose import GONE
from portal.tenancy.models import ChamberOwned
from portal.tenancy.session import ChamberSession

KEPT = "rows.kept"
SUBJECT = "kept_rows"
GONE.add(SUBJECT)
CHUNK = 500
OWN = {"audit_event", "audit_seal"}
LATER: dict[str, dict[str, int]] = {}
"""Columns that came to a kept table after its rows were first digested.

Table → column → the version that began with it.
"""
GONE_COLUMNS: dict[str, tuple[int, Callable[[Any], dict[str, object]]]] = {}
"""Columns that a kept table has no more.

Table → the last version that knew them, and what they held, from a row as it is now.
"""
Entry = list[Any]
"""[table, id, version, digest] of one row."""


def kept_tables() -> set[str]:
    """The append-only tables whose rows are in the chain."""
    return APPEND_ONLY - OWN


def version_of(table: str) -> int:
    """The version by which rows of a table are digested today."""
    return max(LATER.get(table, {}).values(), default=1)


def digest(row: ChamberOwned, version: int) -> str:
    """SHA-256 over what a row says, by the columns that its version knew."""
    table = str(row.__tablename__)  # type: ignore[attr-defined]
    later = LATER.get(table, {})
    names = sorted(
        c.key for c in sa.inspect(type(row)).column_attrs if c.key not in {"chamber_id", "id"}
    )
    said = {name: _plain(getattr(row, name)) for name in names if later.get(name, 1) <= version}
    last, gone = GONE_COLUMNS.get(table, (0, _nothing))
    if version <= last:
        said |= {name: _plain(value) for name, value in gone(row).items()}
    words = json.dumps([table, str(row.id), said], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()


def _nothing(_row: ChamberOwned) -> dict[str, object]:
    return {}


def entry_of(row: ChamberOwned) -> Entry:
    """What an event says of a row."""
    table = str(row.__tablename__)  # type: ignore[attr-defined]
    return [table, str(row.id), version_of(table), digest(row, version_of(table))]


def event_of(session: ChamberSession, entries: Sequence[Entry], **details: Any) -> AuditEvent:
    """The event that keeps some rows."""
    return AuditEvent(
        at=session.now(),
        action=KEPT,
        subject_type=SUBJECT,
        subject_id=new_id(),
        actor_kind="system",
        actor_name="portal",
        details={"rows": list(entries), **details},
    )


def keep_earlier_rows(session: ChamberSession) -> int:
    """Takes the rows into the chain that were added before it knew them; returns how many.

    Run again, it finds none.
    """
    known, count = {(entry[0], entry[1]) for entry in kept_entries(session)}, 0
    entries: list[Entry] = []
    for row in every_kept_row(session):
        entry = entry_of(row)
        if (entry[0], entry[1]) not in known:
            entries.append(entry)
    for start in range(0, len(entries), CHUNK):
        session.add(event_of(session, entries[start : start + CHUNK], earlier=True))
        count += len(entries[start : start + CHUNK])
    return count


def kept_entries(session: ChamberSession) -> Iterator[Entry]:
    """What all events say of all kept rows."""
    for details in session.scalars(
        sa.select(AuditEvent.details)
        .where(AuditEvent.action == KEPT)
        .execution_options(yield_per=CHUNK)
    ):
        yield from details["rows"]


def every_kept_row(session: ChamberSession) -> Iterator[ChamberOwned]:
    """The rows of all kept tables, in bounded memory."""
    for mapper in sorted(Base.registry.mappers, key=lambda m: str(m.local_table.description)):
        if str(mapper.local_table.description) in kept_tables():
            for row in session.scalars(sa.select(mapper.class_).execution_options(yield_per=CHUNK)):
                yield row
                session.expunge(row)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return str(value) if isinstance(value, uuid.UUID | dt.date) else value


@event.listens_for(ChamberSession, "after_flush")
def _collect(session: ChamberSession, _context: object) -> None:
    kept = kept_tables()
    owned = [row for row in session.new if isinstance(row, ChamberOwned)]
    added = [row for row in owned if row.__tablename__ in kept]  # type: ignore[attr-defined]
    session.info.setdefault("kept", []).extend(added)


@event.listens_for(ChamberSession, "before_commit")
def _keep(session: ChamberSession) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    entries = [entry_of(row) for row in session.info.pop("kept", []) if sa.inspect(row).persistent]
    entries += _written_in_bulk(session)
    for start in range(0, len(entries), CHUNK):
        session.add(event_of(session, entries[start : start + CHUNK]))


def _written_in_bulk(session: ChamberSession) -> Iterator[Entry]:
    """What came past the session's own objects through the door for bulk work.

    Read once more, as the database has it.
    """
    for model, ids in session.info.pop(WRITTEN, []):
        if model.__tablename__ in kept_tables():
            for start in range(0, len(ids), CHUNK):
                for row in session.scalars(
                    sa.select(model).where(model.id.in_(ids[start : start + CHUNK]))
                ):
                    yield entry_of(row)
                    session.expunge(row)


@event.listens_for(ChamberSession, "after_soft_rollback")
def _forget(session: ChamberSession, _previous: object) -> None:
    if not session.in_transaction():
        session.info.pop("kept", None)
        session.info.pop(WRITTEN, None)
