"""What should have gone on by itself: late, unanswered, without an invoice, no longer paid."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa

from portal.admission.applications.models import (
    Application,
    ApplicationState,
    ApplicationStep,
    CorrectionRequest,
    StepKind,
    StepState,
)
from portal.admission.applications.policies import may_review
from portal.admission.reviewing.models import Objection, ObjectionFinding
from portal.foundation.clock import start_of
from portal.foundation.labels import N_
from portal.money.invoices.models import OPEN_STATES, Allocation, Invoice, InvoiceState, InvoiceVoid
from portal.money.ledger.models import Journal
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.my_day import MOST, Waiting
from portal.tenancy.session import ChamberSession

UNANSWERED = dt.timedelta(days=14)
"""How long a return may lie with the applicant before it stands on My day."""


def list_late(session: ChamberSession, _actor: Actor, today: dt.date) -> Iterable[Waiting]:
    """What should have gone on by itself and did not: past its last day."""
    zone = settings_of(session).zone
    late = [
        (N_("Public notice to end"), _notices_over(today)),
        (N_("Approval that ran out"), _unpaid(today)),
    ]
    for what, query in late:
        for application, due_on in session.execute(query.limit(MOST)).all():
            since = start_of(due_on or today, zone)
            yield Waiting(
                what,
                application.name,
                since,
                "reviews.show_application",
                N_("Look into it"),
                {"application_id": application.id},
                application.number or "",
                due_on,
            )


def _notices_over(today: dt.date) -> sa.Select[Application, dt.date | None]:
    """Notices whose days were over before yesterday, and to which nobody objects any more."""
    cleared = sa.select(ObjectionFinding.objection_id).where(ObjectionFinding.upheld.is_(False))
    objected = sa.select(Objection.step_id).where(Objection.id.not_in(cleared))
    notices = sa.select(Application, ApplicationStep.due_on).join(
        ApplicationStep, ApplicationStep.application_id == Application.id
    )
    return notices.where(
        Application.state == ApplicationState.IN_REVIEW,
        ApplicationStep.kind == StepKind.NOTICE,
        ApplicationStep.state == StepState.OPEN,
        ApplicationStep.id.not_in(objected),
        ApplicationStep.due_on < today - dt.timedelta(days=1),
    ).order_by(ApplicationStep.due_on)


def _unpaid(today: dt.date) -> sa.Select[Application, dt.date | None]:
    """Approvals whose last day to pay was before yesterday."""
    unpaid = sa.select(Application, Application.expires_on).join(
        Invoice, Invoice.id == Application.invoice_id
    )
    return unpaid.where(
        Application.state == ApplicationState.AWAITING_DUES,
        Invoice.state.in_(OPEN_STATES),
        Application.expires_on < today - dt.timedelta(days=1),
    ).order_by(Application.expires_on)


def list_unanswered(session: ChamberSession, _actor: Actor, _today: dt.date) -> Iterable[Waiting]:
    """Returns that no applicant answers."""
    asked = sa.select(Application, CorrectionRequest.asked_at).join(
        CorrectionRequest, CorrectionRequest.application_id == Application.id
    )
    asked = asked.where(
        Application.state == ApplicationState.RETURNED,
        CorrectionRequest.answered_at.is_(None),
        CorrectionRequest.asked_at < session.now() - UNANSWERED,
    )
    for application, at in session.execute(
        asked.order_by(CorrectionRequest.asked_at).limit(MOST)
    ).all():
        where = {"application_id": application.id}
        yield Waiting(
            N_("Returned, and not answered"),
            application.name,
            at,
            "reviews.show_application",
            N_("Look into it"),
            where,
            application.number or "",
        )


def list_without_invoice(
    session: ChamberSession, _actor: Actor, _today: dt.date
) -> Iterable[Waiting]:
    """Approved applications whose invoice was taken back.

    Nobody can pay until another one is raised.
    """
    query = (
        sa.select(Application, Invoice, InvoiceVoid.voided_at)
        .join(Invoice, Invoice.id == Application.invoice_id)
        .outerjoin(InvoiceVoid, InvoiceVoid.invoice_id == Invoice.id)
        .where(
            Application.state == ApplicationState.AWAITING_DUES,
            Invoice.state.in_((InvoiceState.VOID, InvoiceState.CREDITED)),
        )
    )
    for application, invoice, at in session.execute(
        query.order_by(Application.submitted_at).limit(MOST)
    ).all():
        where = {"application_id": application.id}
        since = at or application.submitted_at or session.now()
        yield Waiting(
            N_("Approved, without an invoice"),
            application.name,
            since,
            "reviews.show_application",
            N_("Raise it again"),
            where,
            invoice.number,
            application.expires_on,
        )


def list_no_longer_paid(
    session: ChamberSession, actor: Actor, _today: dt.date
) -> Iterable[Waiting]:
    """Members whose first dues are open again after their admission.

    The membership stands, and a person says what becomes of it.
    """
    endpoint = "dossier.show_enterprise" if may_review(actor) else "billing.show_account"
    freed = (
        sa.select(Allocation.invoice_id, sa.func.max(Journal.posted_at).label("at"))
        .join(Journal, Journal.id == Allocation.journal_id)
        .where(Allocation.amount < 0)
    )
    last = freed.group_by(Allocation.invoice_id).subquery()
    query = (
        sa.select(Application, Invoice, last.c.at)
        .join(Invoice, Invoice.id == Application.invoice_id)
        .outerjoin(last, last.c.invoice_id == Invoice.id)
        .where(Application.state == ApplicationState.ADMITTED, Invoice.state.in_(OPEN_STATES))
    )
    for application, invoice, at in session.execute(
        query.order_by(Invoice.issued_on, Invoice.id).limit(MOST)
    ).all():
        if application.enterprise_id:
            where, since = (
                {"enterprise_id": application.enterprise_id},
                at or start_of(invoice.issued_on, settings_of(session).zone),
            )
            yield Waiting(
                N_("A member's first dues are open again"),
                application.name,
                since,
                endpoint,
                N_("Look into it"),
                where,
                invoice.number,
                invoice.due_on,
            )
