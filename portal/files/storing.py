"""Putting bytes away, with no transaction open: their row comes with whatever names them."""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

from portal.files.rules import check_upload, tidy_name
from portal.files.store import Store
from portal.foundation.ids import new_id


@dataclass(frozen=True)
class Upload:
    """A file as it came from a form."""

    name: str
    data: bytes


@dataclass(frozen=True)
class StoredBytes:
    """Bytes that are in the store and wait for their row."""

    key: str
    name: str
    media_type: str
    size: int
    sha256: str


def store_upload(
    store: Store,
    chamber_id: uuid.UUID,
    upload: Upload,
    *,
    at: dt.datetime,
    field: str,
    pictures_only: bool = False,
) -> StoredBytes:
    """Checks an upload by its content and stores it.

    InvalidInput beside `field` where it may not be kept.

    Unavailable where the store does not answer or is full. Takes no lock and opens no transaction.
    """
    media_type = check_upload(upload.data, field=field, pictures_only=pictures_only)
    return store_bytes(
        store, chamber_id, upload.data, at=at, name=tidy_name(upload.name), media_type=media_type
    )


def store_bytes(
    store: Store, chamber_id: uuid.UUID, data: bytes, *, at: dt.datetime, name: str, media_type: str
) -> StoredBytes:
    """Stores bytes under a generated key. Where no row follows, `portal verify` finds them."""
    key = f"{chamber_id}/{at:%Y/%m}/{new_id()}"
    store.put(key, data)
    return StoredBytes(key, name, media_type, len(data), hashlib.sha256(data).hexdigest())
