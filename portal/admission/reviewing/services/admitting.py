"""Admission: in one place, under the application's lock, once.

Whether the approval or the money comes last.
"""

from portal.accounts.models import LinkKind
from portal.accounts.services.people import ensure_person, make_link
from portal.accounts.services.representing import add_representation
from portal.admission.applications.models import (
    APPLICATION_MOVES,
    Application,
    ApplicationAction,
    ApplicationState,
)
from portal.admission.applications.models.actions import ApplicationMail
from portal.admission.applications.queries.reading import find_day_of_approval
from portal.audit.record import record
from portal.foundation.transitions import move
from portal.jobs.outbox import send_mail
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Grade, Membership
from portal.members.membership.services import admit_enterprise
from portal.money.dues.services.certificates import follow_money
from portal.money.invoices.models import Invoice, InvoiceState
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession


def admit_if_due(
    session: ChamberSession, application: Application, *, actor: Actor
) -> Membership | None:
    """Admits the enterprise of an approved application whose invoice is paid in full.

    None, and nothing done, otherwise.

    Member number, certificate, announcement and record of admission; the contact becomes the
    enterprise's first representative and is welcomed by mail with a link to set a password.
    **Locks** application, enterprise, invoice.
    """
    application = session.lock(application)
    invoice = lock_invoice(session, application)
    if (
        application.state is not ApplicationState.AWAITING_DUES
        or invoice is None
        or invoice.state is not InvoiceState.PAID
    ):
        return None
    enterprise = session.fetch(Enterprise, application.enterprise_id)
    decided_on = find_day_of_approval(session, application.id)
    grade = session.fetch(Grade, application.grade_id)
    membership = admit_enterprise(
        session,
        enterprise,
        grade,
        application_id=application.id,
        decided_on=decided_on,
        actor=actor,
    )
    follow_money(session, [enterprise.id], membership.number, actor=actor)
    move(application, ApplicationState.ADMITTED, APPLICATION_MOVES)
    record(session, ApplicationAction.ADMITTED, application, actor=actor, number=membership.number)
    _welcome(session, application, membership, actor=actor)
    return membership


def lock_invoice(session: ChamberSession, application: Application) -> Invoice | None:
    """The first invoice of a locked application as it stands now.

    Under the locks of enterprise and invoice; None where there is none yet.

    Whatever `actor` decides by the money asks here: an invoice read before its lock may have been
    paid, or undone, meanwhile.
    """
    if application.invoice_id is None or application.enterprise_id is None:
        return None
    session.lock(session.fetch(Enterprise, application.enterprise_id))
    return session.lock(session.fetch(Invoice, application.invoice_id))


def _welcome(
    session: ChamberSession, application: Application, membership: Membership, *, actor: Actor
) -> None:
    word = (
        _account(session, application, membership, actor=actor)
        if application.contact_email
        else None
    )
    send_mail(
        session,
        ApplicationMail.WELCOME,
        to=application.contact_email,
        name=application.contact_name,
        language=application.language,
        secret=word,
        contact=application.contact_name,
        enterprise=application.name,
        member_number=membership.number,
        has_account=bool(application.contact_email),
        application_id=str(application.id),
    )


def _account(
    session: ChamberSession, application: Application, membership: Membership, *, actor: Actor
) -> str | None:
    """Makes the contact a person of the enterprise.

    Returns the word of the link that sets a password, where none is set.
    """
    person = ensure_person(
        session,
        email=application.contact_email,
        name=application.contact_name,
        phone=application.contact_phone,
        language=application.language,
        actor=actor,
    )
    add_representation(
        session,
        person,
        membership.enterprise_id,
        member_representative=True,
        dues_contact=True,
        actor=actor,
    )
    return (
        make_link(session, person, LinkKind.INVITATION, actor=actor)
        if person.password_hash is None
        else None
    )
