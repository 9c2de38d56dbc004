"""How an application ends without a decision of the chamber.

Withdrawn by the applicant, or expired unpaid.
"""

import datetime as dt

from portal.admission.applications.models import (
    APPLICATION_MOVES,
    Application,
    ApplicationAction,
    ApplicationEnding,
    ApplicationState,
    ExpiryReminder,
)
from portal.admission.applications.models.actions import ApplicationMail
from portal.admission.applications.policies import may_review, owns_application
from portal.admission.applications.queries.reading import (
    find_by_invoice,
    find_day_of_approval,
    list_reminded,
)
from portal.admission.applications.services.telling import tell_applicant
from portal.admission.reviewing.services.admitting import lock_invoice
from portal.audit.record import record
from portal.foundation.clock import day_in
from portal.foundation.errors import Refused
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.jobs.news import News
from portal.jobs.outbox import announce
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Grade
from portal.money.dues.services.charging import raise_first_invoice
from portal.money.invoices.models import OPEN_STATES, Invoice, InvoiceState
from portal.money.invoices.services.corrections import issue_credit_note, void_invoice
from portal.money.invoices.services.raising import Addressee
from portal.tenancy.actor import SYSTEM, Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession

REMINDERS = (14, 3)
"""Days before the expiry on which the applicant is reminded."""
REMINDED_AHEAD = dt.timedelta(days=max(REMINDERS))


def withdraw_application(
    session: ChamberSession, application: Application, reason: str, *, actor: Actor
) -> None:
    """The applicant takes the application back.

    Its invoice is void or credited, and money that came lies on account, shown to finance.

    NotPermitted for others; IllegalMove once it is decided otherwise.
    """
    guard(owns_application, actor, application)
    _end(
        session,
        application,
        ApplicationState.WITHDRAWN,
        reason.strip() or "—",
        ApplicationAction.WITHDRAWN,
        actor=actor,
    )


def expire_application(
    session: ChamberSession, application: Application, on: dt.date, *, actor: Actor = SYSTEM
) -> bool:
    """Reminds the applicant of an approval that expires soon, or ends it.

    It ends where it was not paid by its last day; says whether it did.

    One that is paid is left alone: its admission is only a moment away. So is one whose invoice the
    chamber took back: nobody can pay it.
    """
    application = session.lock(application)
    invoice = lock_invoice(session, application)
    if (
        application.state is not ApplicationState.AWAITING_DUES
        or invoice is None
        or invoice.state not in OPEN_STATES
    ):
        return False
    left = ((application.expires_on or on) - on).days
    if left >= 0:
        _remind(session, application, left, actor=actor)
        return False
    _end(
        session,
        application,
        ApplicationState.EXPIRED,
        f"{application.expires_on}",
        ApplicationAction.EXPIRED,
        actor=actor,
    )
    tell_applicant(
        session,
        application,
        ApplicationMail.EXPIRED,
        actor=actor,
        expires_on=str(application.expires_on),
    )
    return True


def raise_invoice_again(
    session: ChamberSession, application: Application, *, actor: Actor
) -> Invoice:
    """Raises the first invoice of an approved application once more.

    After the earlier one was made void or credited; its term to pay begins anew.

    Of a member, whose admission stands, too. NotPermitted for others than the reviewers; Refused
    where an invoice stands.
    """
    guard(may_review, actor)
    application = session.lock(application)
    session.lock(session.fetch(Enterprise, application.enterprise_id))
    known = session.find(Invoice, application.invoice_id)
    waits = application.state in {ApplicationState.AWAITING_DUES, ApplicationState.ADMITTED}
    if not waits or known is None or known.state not in {InvoiceState.VOID, InvoiceState.CREDITED}:
        raise Refused(N_("This application has an invoice that stands, or waits for none."))
    enterprise = session.fetch(Enterprise, application.enterprise_id)
    grade = session.fetch(Grade, application.grade_id)
    addressee = Addressee(application.contact_name, application.contact_email, application.language)
    on = find_day_of_approval(session, application.id)
    years = application.dues_years
    invoice = raise_first_invoice(
        session, enterprise, grade, addressee, on=on, years=years, actor=actor
    )
    other = find_by_invoice(session, invoice.id)
    if other is not None and other.id != application.id:
        raise Refused(
            N_("Another application of this enterprise is approved already (%(number)s)."),
            number=other.number,
        )
    application.invoice_id = invoice.id
    if application.state is ApplicationState.AWAITING_DUES:
        set_expiry(session, application)
    record(
        session, ApplicationAction.INVOICED_AGAIN, application, actor=actor, invoice=invoice.number
    )
    if invoice.state is InvoiceState.PAID:
        announce(session, News.INVOICE_PAID, invoice_id=invoice.id)
    return invoice


def _end(
    session: ChamberSession,
    application: Application,
    state: ApplicationState,
    reason: str,
    action: ApplicationAction,
    *,
    actor: Actor,
) -> None:
    application = session.lock(application)
    invoice = lock_invoice(session, application)
    move(application, state, APPLICATION_MOVES)
    session.add(
        ApplicationEnding(
            application_id=application.id,
            state=state,
            reason=reason[:500],
            ended_by=actor.name,
            ended_at=session.now(),
        )
    )
    record(session, action, application, actor=actor)
    if invoice is None or invoice.state in {InvoiceState.VOID, InvoiceState.CREDITED}:
        return
    words = f"{application.number}: {reason}"
    if invoice.paid or invoice.credited:
        issue_credit_note(session, invoice, invoice.amount - invoice.credited, words, actor=SYSTEM)
    else:
        void_invoice(session, invoice, words, actor=SYSTEM)


def _remind(session: ChamberSession, application: Application, left: int, *, actor: Actor) -> None:
    """One reminder for the nearest level that is reached and was not sent yet."""
    due = [days for days in REMINDERS if left <= days]
    if (
        not due
        or application.expires_on is None
        or min(due) in list_reminded(session, application.id, application.expires_on)
    ):
        return
    session.add(
        ExpiryReminder(
            application_id=application.id,
            days_before=min(due),
            expires_on=application.expires_on,
            sent_at=session.now(),
        )
    )
    tell_applicant(
        session,
        application,
        ApplicationMail.EXPIRING,
        actor=actor,
        expires_on=str(application.expires_on),
    )


def set_expiry(session: ChamberSession, application: Application) -> None:
    """Sets the last day to pay of an application that `actor` has just approved."""
    settings = settings_of(session)
    application.expires_on = day_in(session.now(), settings.zone) + dt.timedelta(
        days=settings.days_to_expiry
    )
