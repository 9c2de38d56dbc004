"""The worker's part in papers: rendering them once."""

import base64
import uuid
from dataclasses import dataclass, replace
from typing import Any

import segno
import sqlalchemy as sa
from flask import render_template
from flask_babel import force_locale

from portal.files.models import StoredFile
from portal.files.queries import read_file
from portal.files.services import add_file
from portal.files.storing import StoredBytes, store_bytes
from portal.foundation.clock import day_in
from portal.jobs.news import News
from portal.jobs.outbox import announce
from portal.jobs.registry import Task, register
from portal.papers.issuing.models import IssuedPaper, PaperKind, PaperRendering, VoidRendering
from portal.papers.issuing.queries import find_rendering, find_void_rendering
from portal.tenancy.chambers import settings_of
from portal.tenancy.models import Chamber
from portal.tenancy.session import ChamberSession
from portal.web.pdf import Press
from portal.web.world import World

PRESS = Press()


@dataclass(frozen=True)
class ToRender:
    """A paper and its seal, read before the slow part."""

    chamber_id: uuid.UUID
    kind: PaperKind
    number: str
    snapshot: dict[str, Any]
    seal: StoredFile | None = None
    copy: int = 0
    void_on: str = ""
    """The day on which it was marked void, where the rendering says so."""
    check_path: tuple[str, str] | None = None
    """The chamber's slug and the path that the QR code leads to."""


@dataclass(frozen=True)
class Rendered:
    """The stored bytes of a paper."""

    file: StoredBytes


def _prepare(session: ChamberSession, paper_id: str) -> ToRender | None:
    if find_rendering(session, uuid.UUID(paper_id)) is not None:
        return None
    return _read(session, session.fetch(IssuedPaper, uuid.UUID(paper_id)))


def _prepare_void(session: ChamberSession, paper_id: str) -> ToRender | None:
    paper = session.fetch(IssuedPaper, uuid.UUID(paper_id))
    if paper.void is None or find_void_rendering(session, paper.id) is not None:
        return None
    return replace(
        _read(session, paper),
        void_on=day_in(paper.void.voided_at, settings_of(session).zone).isoformat(),
    )


def _read(session: ChamberSession, paper: IssuedPaper) -> ToRender:
    seal_id = paper.snapshot.get("seal_file_id")
    seal = session.find(StoredFile, uuid.UUID(seal_id)) if seal_id else None
    chamber = session.scalars(sa.select(Chamber).where(Chamber.id == session.chamber_id)).one()
    check_path = (chamber.slug, f"/check/{paper.check_word}") if paper.check_word else None
    return ToRender(
        session.chamber_id,
        paper.kind,
        paper.number,
        paper.snapshot,
        seal,
        paper.copy,
        check_path=check_path,
    )


def render_html(world: World, paper: ToRender) -> str:
    """The HTML of a paper, its seal as a data: address.

    The paper speaks Chinese, with English beside it.
    """
    seal = ""
    if paper.seal is not None:
        picture = base64.b64encode(read_file(world.store, paper.seal)).decode()
        seal = f"data:{paper.seal.media_type};base64,{picture}"
    code = (
        segno.make(world.address(*paper.check_path), error="m").png_data_uri(scale=4, border=1)
        if paper.check_path
        else ""
    )
    with world.app.app_context(), world.app.test_request_context(), force_locale("zh"):
        return render_template(
            f"documents/{paper.kind.value}.html",
            number=paper.number,
            copy=paper.copy,
            void_on=paper.void_on,
            seal=seal,
            code=code,
            **paper.snapshot,
        )


def _work(world: World, paper: ToRender | None) -> Rendered | None:
    if paper is None:
        return None
    pdf = PRESS.render(render_html(world, paper))
    name, at = (
        f"{paper.number}{'-copy' if paper.copy else ''}{'-void' if paper.void_on else ''}.pdf",
        world.doors.clock.now(),
    )
    return Rendered(
        store_bytes(
            world.store, paper.chamber_id, pdf, at=at, name=name, media_type="application/pdf"
        )
    )


def _finish(session: ChamberSession, rendered: Rendered | None, paper_id: str) -> None:
    if rendered is None:
        return
    paper = session.fetch(IssuedPaper, uuid.UUID(paper_id))
    file = add_file(session, rendered.file, owner_type="issued_paper", owner_id=paper.id)
    session.add(PaperRendering(paper_id=paper.id, file_id=file.id, rendered_at=session.now()))
    announce(session, News.PAPER_RENDERED, paper_id=paper.id)


def _finish_void(session: ChamberSession, rendered: Rendered | None, paper_id: str) -> None:
    if rendered is not None:
        file = add_file(
            session, rendered.file, owner_type="issued_paper", owner_id=uuid.UUID(paper_id)
        )
        session.add(
            VoidRendering(paper_id=uuid.UUID(paper_id), file_id=file.id, rendered_at=session.now())
        )


register(Task("render_void_paper", _finish_void, prepare=_prepare_void, work=_work))
register(Task("render_paper", _finish, prepare=_prepare, work=_work))
