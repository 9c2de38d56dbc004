"""Reading what is known of stored files."""

import hashlib
import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from portal.files.models import Preview, StoredFile
from portal.files.store import Store
from portal.tenancy.session import ChamberSession


def list_previews(session: ChamberSession, file_id: uuid.UUID | None) -> Sequence[Preview]:
    """The pictures made of an upload, by page."""
    return session.scalars(
        sa.select(Preview).where(Preview.file_id == file_id).order_by(Preview.page)
    ).all()


def find_picture(session: ChamberSession, file_id: uuid.UUID | None, page: int) -> StoredFile:
    """The picture of one page of an upload; NotFound where there is none."""
    query = sa.select(Preview.picture_id).where(Preview.file_id == file_id, Preview.page == page)
    return session.fetch(StoredFile, session.scalars(query).one_or_none())


def previews_of(
    session: ChamberSession, file_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[Preview]]:
    """The pictures made of several uploads, by file and page."""
    found: dict[uuid.UUID, list[Preview]] = {file_id: [] for file_id in file_ids}
    for preview in session.scalars(
        sa.select(Preview).where(Preview.file_id.in_(file_ids)).order_by(Preview.page)
    ):
        found[preview.file_id].append(preview)
    return found


class BytesChanged(Exception):
    """Stored bytes no longer have the SHA-256 of their row."""


def read_file(store: Store, row: StoredFile) -> bytes:
    """The bytes of a row, checked against its SHA-256.

    MissingBytes or BytesChanged where they are not what was put.
    """
    data = store.get(row.key)
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise BytesChanged(row.key)
    return data
