"""Pictures of uploads, made by the worker: staff look at these, never at the uploaded bytes themselves."""

import io
import uuid
from dataclasses import dataclass

import pypdfium2
import sqlalchemy as sa
from PIL import Image, ImageOps

from portal.files.models import Preview, StoredFile
from portal.files.queries import read_file
from portal.files.services import keep_bytes
from portal.jobs.registry import Task, register
from portal.tenancy.actor import SYSTEM
from portal.tenancy.session import ChamberSession
from portal.web.world import World

WIDEST, MOST_PAGES = 1_400, 8


@dataclass(frozen=True)
class Pictures:
    """The pages of an upload as JPEG, and the store they go to."""

    pages: list[bytes]
    world: World


def _prepare(session: ChamberSession, file_id: str) -> StoredFile | None:
    file = session.fetch(StoredFile, uuid.UUID(file_id))
    made = session.scalars(sa.select(Preview).where(Preview.file_id == file.id)).first()
    return None if made else file


def _work(world: World, file: StoredFile | None) -> Pictures | None:
    if file is None:
        return None
    data = read_file(world.store, file)
    pages = _pdf_pages(data) if file.media_type == "application/pdf" else [Image.open(io.BytesIO(data))]
    return Pictures([_jpeg(page) for page in pages], world)


def _finish(session: ChamberSession, pictures: Pictures | None, file_id: str) -> None:
    if pictures is None:
        return
    for number, data in enumerate(pictures.pages, 1):
        picture = keep_bytes(
            session, pictures.world.store, data, name=f"page-{number}.jpg", media_type="image/jpeg", owner_type="stored_file", owner_id=uuid.UUID(file_id), actor=SYSTEM
        )
        session.add(Preview(file_id=uuid.UUID(file_id), page=number, picture_id=picture.id))


def _pdf_pages(data: bytes) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(data)
    try:
        return [document[n].render(scale=min(2.0, WIDEST / max(document[n].get_width(), 1))).to_pil() for n in range(min(len(document), MOST_PAGES))]
    finally:
        document.close()


def _jpeg(picture: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((WIDEST, WIDEST * 2))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=82)
    return out.getvalue()


register(Task("make_previews", _finish, prepare=_prepare, work=_work))
