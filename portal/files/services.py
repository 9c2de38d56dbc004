"""Putting bytes away and taking them out whole."""

import hashlib
import uuid
from dataclasses import dataclass

from portal.files.models import StoredFile
from portal.files.rules import check_upload, tidy_name
from portal.files.store import Store
from portal.foundation.ids import new_id
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class Upload:
    """A file as it came from a form."""

    name: str
    data: bytes


def keep_upload(
    session: ChamberSession, store: Store, upload: Upload, *, owner_type: str, owner_id: uuid.UUID, field: str, pictures_only: bool = False, actor: Actor
) -> StoredFile:
    """Checks an upload by its content and stores it; InvalidInput beside `field` where it may not be kept."""
    media_type = check_upload(upload.data, field=field, pictures_only=pictures_only)
    return keep_bytes(session, store, upload.data, name=tidy_name(upload.name), media_type=media_type, owner_type=owner_type, owner_id=owner_id, actor=actor)


def keep_bytes(session: ChamberSession, store: Store, data: bytes, *, name: str, media_type: str, owner_type: str, owner_id: uuid.UUID, actor: Actor) -> StoredFile:
    """Stores bytes of our own making and adds their row. The bytes stand before the row commits.

    A rollback leaves bytes without a row, which `portal verify` finds. `actor` is whoever the bytes come from.
    """
    key = f"{session.chamber_id}/{session.now():%Y/%m}/{new_id()}"
    store.put(key, data)
    row = StoredFile(
        key=key, name=name, media_type=media_type, size=len(data), sha256=hashlib.sha256(data).hexdigest(), created_at=session.now(), owner_type=owner_type, owner_id=owner_id
    )
    session.add(row)
    session.flush()
    return row
