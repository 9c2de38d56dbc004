"""Versions of what an applicant sent, and what the search finds of an application."""

import uuid

import sqlalchemy as sa

from portal.admission.applications.models import (
    Application,
    ApplicationVersion,
)
from portal.admission.applications.queries.questions import list_answers
from portal.admission.applications.rules import CORRECTABLE
from portal.tenancy.actor import Actor
from portal.tenancy.search_index import index_subject
from portal.tenancy.session import ChamberSession


def keep_version(
    session: ChamberSession, application: Application, *, actor: Actor
) -> ApplicationVersion:
    """Freezes what the applicant wrote as the next version.

    Called where it is sent, under the application's lock; `actor` sends it.
    """
    last = (
        session.scalar(
            sa.select(sa.func.max(ApplicationVersion.number)).where(
                ApplicationVersion.application_id == application.id
            )
        )
        or 0
    )
    snapshot = {
        name: _plain(getattr(application, name))
        for name in ("uscc", "legacy_reason", "dues_years", *CORRECTABLE)
    } | {"sent_by": actor.name}
    snapshot |= {
        answer.question.field: str(answer.file_id) if answer.file_id else answer.words
        for answer in list_answers(session, application.id)
    }
    version = ApplicationVersion(
        application_id=application.id, number=last + 1, snapshot=snapshot, made_at=session.now()
    )
    session.add(version)
    return version


def index_application(session: ChamberSession, application: Application) -> None:
    """Writes the search tokens of an application that `actor` submitted or changed.

    Name, code, number, contact.
    """
    index_subject(
        session,
        "application",
        application.id,
        application.name,
        application.uscc,
        application.number or "",
        application.contact_name,
    )


def _plain(value: object) -> object:
    return (
        str(value)
        if isinstance(value, uuid.UUID)
        else value
        if value is None or isinstance(value, int | str)
        else str(value)
    )
