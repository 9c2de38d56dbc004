"""Finding drafts by the words of a browser."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from portal.admission.applying.models import ApplicationDraft
from portal.foundation.secrecy import hash_word
from portal.tenancy.session import ChamberSession


def list_drafts(session: ChamberSession, words: Sequence[str]) -> Sequence[ApplicationDraft]:
    """The drafts that these words open, the one saved last first."""
    query = sa.select(ApplicationDraft).where(
        ApplicationDraft.word_hash.in_([hash_word(word) for word in words])
    )
    return (
        session.scalars(
            query.order_by(ApplicationDraft.saved_at.desc(), ApplicationDraft.id.desc())
        ).all()
        if words
        else []
    )


def find_draft(session: ChamberSession, form_key: uuid.UUID) -> ApplicationDraft | None:
    """The draft of a form."""
    return session.scalars(
        sa.select(ApplicationDraft).where(ApplicationDraft.form_key == form_key)
    ).one_or_none()
