"""Mails to the applicant, whoever calls for them."""

from typing import Any

from portal.admission.applications.models import Application
from portal.jobs.mail_kinds import MailKind
from portal.jobs.models import Mail
from portal.jobs.outbox import send_mail
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession


def tell_applicant(
    session: ChamberSession, application: Application, kind: MailKind, *, actor: Actor, **more: Any
) -> Mail:
    """Queues a mail of this kind to the contact of an application, in its language.

    `actor` is whose act it tells of.
    """
    return send_mail(
        session,
        kind,
        to=application.contact_email,
        name=application.contact_name,
        language=application.language,
        contact=application.contact_name,
        enterprise=application.name,
        number=application.number,
        application_id=str(application.id),
        by=actor.name,
        **more,
    )
