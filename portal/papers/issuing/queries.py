"""Reading papers."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.papers.issuing.models import (
    PAPER_KINDS,
    IssuedPaper,
    PaperKind,
    PaperRendering,
    VoidRendering,
)
from portal.tenancy.session import ChamberSession


def find_rendering(session: ChamberSession, paper_id: uuid.UUID) -> PaperRendering | None:
    """The rendering of a paper, once the worker has made it."""
    return session.scalars(
        sa.select(PaperRendering)
        .options(joinedload(PaperRendering.file))
        .where(PaperRendering.paper_id == paper_id)
    ).one_or_none()


def find_void_rendering(session: ChamberSession, paper_id: uuid.UUID) -> VoidRendering | None:
    """The rendering of a void paper that says so, once the worker has made it."""
    return session.scalars(
        sa.select(VoidRendering)
        .options(joinedload(VoidRendering.file))
        .where(VoidRendering.paper_id == paper_id)
    ).one_or_none()


def find_paper_by_word(session: ChamberSession, word: str) -> IssuedPaper | None:
    """The original paper that a QR code leads to, with whether it is void."""
    query = (
        sa.select(IssuedPaper)
        .options(joinedload(IssuedPaper.void))
        .where(IssuedPaper.check_word == word, IssuedPaper.copy == 0)
    )
    return session.scalars(query).one_or_none()


def list_papers_numbered(session: ChamberSession, number: str) -> Sequence[IssuedPaper]:
    """The original papers of a number, of any kind."""
    query = sa.select(IssuedPaper).where(
        IssuedPaper.kind.in_(list(PAPER_KINDS.values())),
        IssuedPaper.number == number,
        IssuedPaper.copy == 0,
    )
    return session.scalars(query.order_by(IssuedPaper.id)).all()


def list_papers(
    session: ChamberSession, subject_ids: Sequence[uuid.UUID], *kinds: PaperKind
) -> Sequence[IssuedPaper]:
    """The papers of some subjects, oldest first."""
    query = (
        sa.select(IssuedPaper)
        .options(joinedload(IssuedPaper.void))
        .where(IssuedPaper.subject_id.in_(subject_ids))
        .order_by(IssuedPaper.issued_at, IssuedPaper.id)
    )
    return session.scalars(query.where(IssuedPaper.kind.in_(kinds)) if kinds else query).all()


def list_papers_of_enterprise(
    session: ChamberSession, enterprise_id: uuid.UUID, limit: int = 50
) -> Sequence[IssuedPaper]:
    """The papers that an enterprise itself may read, newest first."""
    own = [kind for kind in PAPER_KINDS.values() if kind.keeping.enterprise_reads]
    query = (
        sa.select(IssuedPaper)
        .options(joinedload(IssuedPaper.void))
        .where(IssuedPaper.enterprise_id == enterprise_id, IssuedPaper.kind.in_(own))
    )
    return session.scalars(
        query.order_by(IssuedPaper.issued_at.desc(), IssuedPaper.id.desc()).limit(limit)
    ).all()
