"""Issuing papers, copying them, and saying that they hold no longer."""

import uuid
from typing import Any

import sqlalchemy as sa

from portal.audit.acts import Act
from portal.audit.record import record
from portal.foundation.errors import Refused
from portal.foundation.labels import N_
from portal.foundation.secrecy import new_word
from portal.jobs.models import Mail, MailState
from portal.jobs.outbox import enqueue
from portal.papers.issuing.models import IssuedPaper, PaperKind, PaperRendering, PaperVoid
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.counters import hold
from portal.tenancy.models import ChamberOwned
from portal.tenancy.session import ChamberSession

TEMPLATE_VERSION = 1


class IssuingAction(Act):
    """Acts on papers."""

    PAPER_ISSUED = "paper.issued", N_("Paper issued")
    PAPER_VOIDED = "paper.voided", N_("Paper marked void")


def issue_paper(
    session: ChamberSession,
    kind: PaperKind,
    subject: ChamberOwned,
    *,
    number: str,
    enterprise_id: uuid.UUID | None,
    snapshot: dict[str, Any],
    priority: int = 5,
    checkable: bool = False,
    actor: Actor,
) -> IssuedPaper:
    """Freezes a paper and calls for its rendering.

    A `checkable` one carries a QR code to its public check page.

    The worker announces `paper_rendered` when its bytes stand.
    """
    session.flush()
    paper = IssuedPaper(
        kind=kind,
        number=number,
        check_word=new_word() if checkable else None,
        subject_type=subject.__tablename__,  # type: ignore[attr-defined]
        subject_id=subject.id,
        enterprise_id=enterprise_id,
        template_version=TEMPLATE_VERSION,
        snapshot={**_letterhead(session), **snapshot},
        issued_at=session.now(),
    )
    session.add(paper)
    record(session, IssuingAction.PAPER_ISSUED, paper, actor=actor, kind=kind.value, number=number)
    enqueue(session, "render_paper", priority=priority, paper_id=paper.id)
    return paper


def issue_copy(session: ChamberSession, paper: IssuedPaper, *, actor: Actor) -> IssuedPaper:
    """Issues a paper once more as it was frozen, marked as a copy. Refused for one that is void."""
    hold(session, "paper copies")
    session.lock(paper)
    if session.scalars(sa.select(PaperVoid.id).where(PaperVoid.paper_id == paper.id)).first():
        raise Refused(N_("This paper is void: there are no copies of it."))
    last = (
        session.scalar(
            sa.select(sa.func.max(IssuedPaper.copy)).where(
                IssuedPaper.kind == paper.kind, IssuedPaper.number == paper.number
            )
        )
        or 0
    )
    same = (
        "kind",
        "number",
        "check_word",
        "subject_type",
        "subject_id",
        "enterprise_id",
        "template_version",
        "snapshot",
    )
    copy = IssuedPaper(
        copy=last + 1, issued_at=session.now(), **{name: getattr(paper, name) for name in same}
    )
    session.add(copy)
    session.flush()
    record(
        session,
        IssuingAction.PAPER_ISSUED,
        copy,
        actor=actor,
        kind=paper.kind.value,
        number=paper.number,
        copy=copy.copy,
    )
    enqueue(session, "render_paper", priority=5, paper_id=copy.id)
    return copy


def void_paper(session: ChamberSession, paper: IssuedPaper, reason: str, *, actor: Actor) -> None:
    """Says that a paper no longer holds.

    Its check page tells so, its PDF is marked 作废, and mails that wait to bring it are not sent.

    Marking it again changes nothing. **Locks** the paper.
    """
    session.lock(paper)
    if session.scalars(sa.select(PaperVoid.id).where(PaperVoid.paper_id == paper.id)).first():
        return
    session.add(PaperVoid(paper_id=paper.id, reason=reason[:500], voided_at=session.now()))
    for file_id in session.scalars(
        sa.select(PaperRendering.file_id).where(PaperRendering.paper_id == paper.id)
    ).all():
        waiting = sa.update(Mail).where(
            Mail.attachment_file_id == file_id, Mail.state == MailState.QUEUED
        )
        session.execute(
            waiting.values(
                state=MailState.FAILED, fault="the paper that it brings is void", next_try_at=None
            )
        )
    enqueue(session, "render_void_paper", priority=4, paper_id=paper.id)
    record(session, IssuingAction.PAPER_VOIDED, paper, actor=actor, number=paper.number)


def _letterhead(session: ChamberSession) -> dict[str, Any]:
    settings = settings_of(session)
    return {
        "chamber_zh": settings.name_zh,
        "chamber_en": settings.name_en,
        "chamber_uscc": settings.uscc or "",
        "chamber_address": settings.address,
        "chamber_phone": settings.phone,
        "colour": settings.colour,
        "seal_file_id": str(settings.seal_file_id or ""),
    }
