"""The documents to acknowledge, in their versions: a chamber's data."""

import sqlalchemy as sa

from portal.admission.applications.models import ApplicationAction, RequiredDocument
from portal.admission.applications.policies import may_edit_chain
from portal.audit.record import record
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.tenancy.actor import Actor
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def publish_document(
    session: ChamberSession, *, title_zh: str, title_en: str, version: str, body: str, actor: Actor
) -> RequiredDocument:
    """Puts a version of a document in force; earlier versions of the same title retire.

    InvalidInput where this version stands already. **Locks** them, sorted.
    """
    guard(may_edit_chain, actor)
    same = session.scalars(
        sa.select(RequiredDocument)
        .where(RequiredDocument.title_zh == title_zh)
        .order_by(RequiredDocument.id)
    ).all()
    if any(d.version == version for d in same):
        raise InvalidInput(
            "version", N_("This version stands already. Give the new one another name.")
        )
    for earlier in [session.lock(document) for document in same]:
        earlier.retired_at = earlier.retired_at or session.now()
    document = RequiredDocument(
        title_zh=title_zh, title_en=title_en, version=version, body=body, published_at=session.now()
    )
    session.add(document)
    record(
        session,
        ApplicationAction.DOCUMENT_PUBLISHED,
        document,
        actor=actor,
        title=title_zh,
        version=version,
    )
    return document


def retire_document(session: ChamberSession, document: RequiredDocument, *, actor: Actor) -> None:
    """Takes a document out of what applicants must acknowledge. **Locks** the document."""
    guard(may_edit_chain, actor)
    document = session.lock(document)
    if document.retired_at is None:
        document.retired_at = session.now()
        record(
            session,
            ApplicationAction.DOCUMENT_RETIRED,
            document,
            actor=actor,
            title=document.title_zh,
        )
