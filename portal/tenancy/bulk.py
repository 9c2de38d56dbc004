"""The one named door for bulk writes: it stamps the chamber itself."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from portal.foundation.errors import WallBreached
from portal.foundation.ids import new_id
from portal.tenancy.models import ChamberOwned
from portal.tenancy.session import ChamberSession

CHUNK = 1_000
WRITTEN = "rows written in bulk"
"""Under which name a session remembers what came through here: pairs of a model and ids."""


def insert_rows(
    session: ChamberSession, model: type[ChamberOwned], rows: Iterable[Mapping[str, Any]]
) -> int:
    """Inserts `rows` of `model` in chunks; returns how many.

    A row that names a chamber raises WallBreached.
    """
    count = 0
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(_stamped(session.chamber_id, row))
        if len(chunk) == CHUNK:
            count += _write(session, model, chunk)
            chunk = []
    return count + (_write(session, model, chunk) if chunk else 0)


def _stamped(chamber_id: uuid.UUID, row: Mapping[str, Any]) -> dict[str, Any]:
    if "chamber_id" in row:
        raise WallBreached("a bulk row may not name its chamber")
    return {"id": new_id(), **row, "chamber_id": chamber_id}


def _write(
    session: ChamberSession, model: type[ChamberOwned], chunk: Sequence[dict[str, Any]]
) -> int:
    session.flush()
    transaction = session.get_transaction() or session.begin()
    connection = transaction.connection(sa.inspect(model))
    connection.execute(sa.insert(sa.inspect(model).local_table), list(chunk))
    session.info.setdefault(WRITTEN, []).append((model, [row["id"] for row in chunk]))
    return len(chunk)
