"""Giving stored bytes their row, in the transaction of whatever names them."""

import uuid

from portal.files.models import StoredFile
from portal.files.storing import StoredBytes
from portal.tenancy.session import ChamberSession


def add_file(
    session: ChamberSession, stored: StoredBytes, *, owner_type: str, owner_id: uuid.UUID
) -> StoredFile:
    """Adds the row of stored bytes. `actor` is whoever the bytes come from."""
    row = StoredFile(
        key=stored.key,
        name=stored.name,
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        created_at=session.now(),
        owner_type=owner_type,
        owner_id=owner_id,
    )
    session.add(row)
    session.flush()
    return row
