"""Reading papers and trays."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.filing.models import FiledPaper, IssuedPaper, PaperKind, PaperRendering, VoidRendering
from portal.foundation.paging import Page
from portal.tenancy.actor import OFFICE, Actor
from portal.tenancy.newest import page_of_newest
from portal.tenancy.session import ChamberSession


def find_rendering(session: ChamberSession, paper_id: uuid.UUID) -> PaperRendering | None:
    """The rendering of a paper, once the worker has made it."""
    return session.scalars(sa.select(PaperRendering).options(joinedload(PaperRendering.file)).where(PaperRendering.paper_id == paper_id)).one_or_none()


def find_void_rendering(session: ChamberSession, paper_id: uuid.UUID) -> VoidRendering | None:
    """The rendering of a void paper that says so, once the worker has made it."""
    return session.scalars(sa.select(VoidRendering).options(joinedload(VoidRendering.file)).where(VoidRendering.paper_id == paper_id)).one_or_none()


def find_paper_by_word(session: ChamberSession, word: str) -> IssuedPaper | None:
    """The original paper that a QR code leads to, with whether it is void."""
    query = sa.select(IssuedPaper).options(joinedload(IssuedPaper.void)).where(IssuedPaper.check_word == word, IssuedPaper.copy == 0)
    return session.scalars(query).one_or_none()


def list_papers(session: ChamberSession, subject_ids: Sequence[uuid.UUID], *kinds: PaperKind) -> Sequence[IssuedPaper]:
    """The papers of some subjects, oldest first."""
    query = sa.select(IssuedPaper).options(joinedload(IssuedPaper.void)).where(IssuedPaper.subject_id.in_(subject_ids)).order_by(IssuedPaper.issued_at, IssuedPaper.id)
    return session.scalars(query.where(IssuedPaper.kind.in_(kinds)) if kinds else query).all()


def list_papers_of_enterprise(session: ChamberSession, enterprise_id: uuid.UUID, limit: int = 50) -> Sequence[IssuedPaper]:
    """The papers that an enterprise itself may read, newest first."""
    query = sa.select(IssuedPaper).options(joinedload(IssuedPaper.void)).where(IssuedPaper.enterprise_id == enterprise_id, IssuedPaper.kind != PaperKind.ADMISSION)
    return session.scalars(query.order_by(IssuedPaper.issued_at.desc(), IssuedPaper.id.desc()).limit(limit)).all()


def list_filed_papers(session: ChamberSession, actor: Actor, *, words: str = "", department_id: uuid.UUID | None = None, cursor: str | None = None) -> Page[FiledPaper]:
    """One page of the trays that the actor may see, newest first, narrowed by title and department."""
    query = sa.select(FiledPaper).options(joinedload(FiledPaper.department))
    if not actor.holds(OFFICE):
        query = query.where(FiledPaper.department_id.in_([p.department_id for p in actor.posts if p.department_id]))
    if department_id:
        query = query.where(FiledPaper.department_id == department_id)
    if words:
        query = query.where(FiledPaper.title.contains(words, autoescape=True))
    return page_of_newest(session, query, FiledPaper.id, cursor)
