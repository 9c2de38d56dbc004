"""Pages of what came last."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from portal.foundation.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from portal.tenancy.session import ChamberSession


def page_of_newest(
    session: ChamberSession,
    query: sa.Select[Any],
    key: InstrumentedAttribute[uuid.UUID],
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """One page of the rows that a query finds, by their id `key` from the newest."""
    after = decode_cursor(cursor, uuid.UUID)
    if after:
        query = query.where(key < after[0])
    rows = session.scalars(query.order_by(key.desc()).limit(size + 1)).all()
    return Page(rows[:size], encode_cursor(str(rows[size - 1].id)) if len(rows) > size else None)
