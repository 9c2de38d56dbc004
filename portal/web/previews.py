"""Pictures of uploads, made by the worker's child.

Staff look at these, never at the uploaded bytes themselves.
"""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from portal.files.models import Preview, StoredFile
from portal.files.opening import Unopenable, draw_pages
from portal.files.queries import read_file
from portal.files.services import add_file
from portal.files.storing import StoredBytes, store_bytes
from portal.jobs.registry import Task, register
from portal.tenancy.session import ChamberSession
from portal.web.world import World


@dataclass(frozen=True)
class Drawn:
    """The stored pages of an upload as JPEG; or why there are none."""

    pages: list[StoredBytes]
    fault: str = ""


def _prepare(session: ChamberSession, file_id: str) -> StoredFile | None:
    file = session.fetch(StoredFile, uuid.UUID(file_id))
    made = session.scalars(sa.select(Preview).where(Preview.file_id == file.id)).first()
    return None if made else file


def _work(world: World, file: StoredFile | None) -> Drawn | None:
    if file is None:
        return None
    try:
        pages = draw_pages(read_file(world.store, file), file.media_type)
    except Unopenable as error:
        return Drawn([], str(error)[:300] or "unopenable")
    at = world.doors.clock.now()
    named = {f"page-{number}.jpg": page for number, page in enumerate(pages, 1)}
    return Drawn(
        [
            store_bytes(
                world.store, file.chamber_id, page, at=at, name=name, media_type="image/jpeg"
            )
            for name, page in named.items()
        ]
    )


def _finish(session: ChamberSession, drawn: Drawn | None, file_id: str) -> None:
    if drawn is None:
        return
    if drawn.fault or not drawn.pages:
        session.add(
            Preview(file_id=uuid.UUID(file_id), page=1, fault=drawn.fault or "it has no pages")
        )
    for number, stored in enumerate(drawn.pages, 1):
        picture = add_file(session, stored, owner_type="stored_file", owner_id=uuid.UUID(file_id))
        session.add(Preview(file_id=uuid.UUID(file_id), page=number, picture_id=picture.id))


register(Task("make_previews", _finish, prepare=_prepare, work=_work))
