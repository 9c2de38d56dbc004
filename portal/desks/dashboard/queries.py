"""What waits for a colleague, oldest first, each with the one action that moves it.

And what they did lately.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.accounts.models import Appointment
from portal.admission.applications.models import (
    Application,
    ApplicationState,
    ApplicationStep,
    CorrectionRequest,
    StepKind,
    StepState,
)
from portal.admission.applications.policies import may_decide, may_review
from portal.admission.reviewing.models import Objection, ObjectionFinding
from portal.audit.models import AuditEvent
from portal.desks.chamber_settings.policies import may_see_mails
from portal.foundation.clock import start_of
from portal.foundation.labels import N_
from portal.foundation.money import in_currency
from portal.governance.meetings.models import Meeting, MeetingState
from portal.governance.meetings.policies import may_keep_meetings
from portal.governance.meetings.queries import count_waiting
from portal.jobs.models import Job, JobState, Mail, MailState
from portal.money.invoices.models import Allocation, Invoice, InvoiceState, InvoiceVoid, PaymentSlip
from portal.money.ledger.models import Journal
from portal.money.ledger.policies import may_record_payments
from portal.money.online.queries import list_parked
from portal.money.payments.models import RefundState
from portal.money.payments.policies import may_decide_refund
from portal.money.payments.queries import list_recorders_of, list_refunds
from portal.tenancy.actor import Actor, Rank
from portal.tenancy.chambers import settings_of
from portal.tenancy.session import ChamberSession

MOST = 15
UNANSWERED = dt.timedelta(days=14)
"""How long a return may lie with the applicant before it stands on My day."""
_OPEN_INVOICES = (InvoiceState.ISSUED, InvoiceState.PARTLY_PAID)


@dataclass(frozen=True)
class Waiting:
    """One thing that waits.

    What, about whom, since when, until when, and where the one action is done.
    """

    what: str
    about: str
    since: dt.datetime
    endpoint: str
    action: str
    where: dict[str, uuid.UUID] = field(default_factory=dict)
    note: str = ""
    due_on: dt.date | None = None
    mine: bool = False


def list_waiting(session: ChamberSession, actor: Actor, today: dt.date) -> list[Waiting]:
    """What this colleague can move now; what they have claimed first, then the longest waiting."""
    found: list[Waiting] = []
    if may_review(actor) or any(post.department_id for post in actor.posts):
        found += [*_steps(session, actor, today)]
    if may_review(actor):
        found += [
            *_meetings(session, actor, today),
            *_objections(session, actor),
            *_stuck(session, actor, today),
            *_without_invoice(session),
            *_no_longer_paid(session, "dossier.show_enterprise"),
        ]
    if may_record_payments(actor):
        found += [*_slips(session), *_refunds(session, actor), *_parked(session)]
        found += [] if may_review(actor) else _no_longer_paid(session, "billing.show_account")
    if may_see_mails(actor):
        found += [*_mails(session), *_failed(session)]
    return sorted(found, key=lambda w: (not w.mine, w.since))


def list_recent_acts(
    session: ChamberSession, actor: Actor, limit: int = 10
) -> Sequence[AuditEvent]:
    """What this colleague did last, newest first."""
    return session.scalars(
        sa.select(AuditEvent)
        .where(AuditEvent.actor_id == actor.person_id)
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    ).all()


def _steps(session: ChamberSession, actor: Actor, today: dt.date) -> Iterable[Waiting]:
    """Open steps of the actor's departments that nobody else holds who could decide them.

    Of all departments, for who is over all of them.

    What is held by somebody who cannot (a clerk, or a colleague of another department) waits for
    who can, under the holder's name.
    """
    departments = [post.department_id for post in actor.posts if post.department_id]
    query = (
        sa.select(Application, ApplicationStep)
        .join(ApplicationStep, ApplicationStep.application_id == Application.id)
        .where(
            Application.state == ApplicationState.IN_REVIEW,
            ApplicationStep.state == StepState.OPEN,
            ApplicationStep.kind == StepKind.DEPARTMENT,
        )
        .order_by(ApplicationStep.opened_at, Application.id)
        .limit(MOST)
    )
    if len(departments) == len(actor.posts):
        query = query.where(ApplicationStep.department_id.in_(departments))
    mine = session.execute(query.where(Application.handler_id == actor.person_id)).all()
    in_force = sa.and_(
        Appointment.ended_at.is_(None),
        Appointment.from_on <= today,
        sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= today),
    )
    held = sa.select(Appointment.id).where(
        in_force, Appointment.person_id == Application.handler_id
    )
    over = sa.and_(
        Appointment.department_id == ApplicationStep.department_id,
        Appointment.rank.in_((Rank.OFFICER, Rank.HEAD)),
    )
    deciding = held.where(sa.or_(over, Appointment.rank == Rank.SECRETARY_GENERAL))
    others = sa.and_(Application.handler_id.is_not(None), Application.handler_id != actor.person_id)
    free = session.execute(
        query.where(sa.or_(Application.handler_id.is_(None), sa.and_(others, ~held.exists())))
    ).all()
    stuck = query.where(others, held.exists(), ~deciding.exists()).options(
        joinedload(Application.handler)
    )
    waits = [(a, s) for a, s in session.execute(stuck).all() if may_decide(actor, s)]
    for application, step in [
        *mine,
        *sorted([*free, *waits], key=lambda found: found[1].opened_at or session.now()),
    ][:MOST]:
        elsewhere = (
            application.handler.name if (application, step) in waits and application.handler else ""
        )
        yield Waiting(
            N_("Application to review"),
            application.name,
            step.opened_at or session.now(),
            "reviews.show_application",
            N_("Review"),
            {"application_id": application.id},
            " · ".join(filter(None, (application.number, elsewhere))),
            step.due_on,
            application.handler_id == actor.person_id,
        )


def _meetings(session: ChamberSession, actor: Actor, today: dt.date) -> Iterable[Waiting]:
    if not may_keep_meetings(actor):
        return
    query = sa.select(Meeting).where(
        Meeting.state == MeetingState.PLANNED, Meeting.held_on <= today
    )
    for meeting in session.scalars(query.order_by(Meeting.held_on, Meeting.id).limit(MOST)):
        yield Waiting(
            N_("Meeting to enter"),
            meeting.title,
            meeting.created_at,
            "meetings.show_meeting",
            N_("Enter the results"),
            {"meeting_id": meeting.id},
            meeting.number,
            meeting.held_on,
        )
    for body_id, count, since in count_waiting(session):
        yield Waiting(
            N_("Matters for a meeting"),
            str(count),
            since,
            "meetings.call_meeting",
            N_("Call a meeting"),
            {"body": body_id},
        )


def _objections(session: ChamberSession, actor: Actor) -> Iterable[Waiting]:
    if not may_keep_meetings(actor):
        return
    query = (
        sa.select(Objection, Application)
        .join(ApplicationStep, ApplicationStep.id == Objection.step_id)
        .join(Application, Application.id == ApplicationStep.application_id)
        .where(
            ApplicationStep.state == StepState.OPEN,
            Application.state == ApplicationState.IN_REVIEW,
            Objection.id.not_in(sa.select(ObjectionFinding.objection_id)),
        )
    )
    for objection, application in session.execute(query.order_by(Objection.id).limit(MOST)).all():
        where = {"application_id": application.id, "objection_id": objection.id}
        yield Waiting(
            N_("Objection to decide"),
            application.name,
            objection.recorded_at,
            "reviews.decide_objection",
            N_("Decide"),
            where,
            objection.raised_by,
        )

    upheld = sa.select(Objection.step_id, sa.func.min(ObjectionFinding.found_at)).join(
        ObjectionFinding, ObjectionFinding.objection_id == Objection.id
    )
    since = {
        step_id: at
        for step_id, at in session.execute(
            upheld.where(ObjectionFinding.upheld).group_by(Objection.step_id)
        )
    }
    steps = sa.select(ApplicationStep, Application).join(
        Application, Application.id == ApplicationStep.application_id
    )
    steps = steps.where(
        ApplicationStep.id.in_(since),
        ApplicationStep.state == StepState.OPEN,
        Application.state == ApplicationState.IN_REVIEW,
    )
    for step, application in session.execute(steps.limit(MOST)).all() if since else ():
        where = {"application_id": application.id}
        yield Waiting(
            N_("Objection upheld"),
            application.name,
            since[step.id],
            "reviews.reject_application",
            N_("Reject"),
            where,
            application.number or "",
            step.due_on,
        )


def _stuck(session: ChamberSession, actor: Actor, today: dt.date) -> Iterable[Waiting]:
    """What should have gone on by itself and did not: notices and approvals past their last day.

    And returns that nobody answers.
    """
    if not may_keep_meetings(actor):
        return
    ago, zone = today - dt.timedelta(days=1), settings_of(session).zone
    notices = sa.select(Application, ApplicationStep.due_on).join(
        ApplicationStep, ApplicationStep.application_id == Application.id
    )
    objected = sa.select(Objection.step_id).where(
        Objection.id.not_in(
            sa.select(ObjectionFinding.objection_id).where(ObjectionFinding.upheld.is_(False))
        )
    )
    notices = notices.where(
        Application.state == ApplicationState.IN_REVIEW,
        ApplicationStep.kind == StepKind.NOTICE,
        ApplicationStep.state == StepState.OPEN,
    )
    notices = notices.where(ApplicationStep.id.not_in(objected))
    unpaid = sa.select(Application, Application.expires_on).join(
        Invoice, Invoice.id == Application.invoice_id
    )
    unpaid = unpaid.where(
        Application.state == ApplicationState.AWAITING_DUES,
        Invoice.state.in_(_OPEN_INVOICES),
        Application.expires_on < ago,
    ).order_by(Application.expires_on)
    late = [
        (
            N_("Public notice to end"),
            notices.where(ApplicationStep.due_on < today - dt.timedelta(days=1)).order_by(
                ApplicationStep.due_on
            ),
        ),
        (N_("Approval that ran out"), unpaid),
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


def _without_invoice(session: ChamberSession) -> Iterable[Waiting]:
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


def _no_longer_paid(session: ChamberSession, endpoint: str) -> Iterable[Waiting]:
    """Members whose first dues are open again after their admission.

    The membership stands, and a person says what becomes of it.
    """
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
        .where(Application.state == ApplicationState.ADMITTED, Invoice.state.in_(_OPEN_INVOICES))
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


def _slips(session: ChamberSession) -> Iterable[Waiting]:
    """Invoices still open for which the member has sent a transfer slip."""
    first = (
        sa.select(PaymentSlip.invoice_id, sa.func.min(PaymentSlip.uploaded_at).label("at"))
        .group_by(PaymentSlip.invoice_id)
        .subquery()
    )
    query = (
        sa.select(Invoice, first.c.at)
        .join(first, first.c.invoice_id == Invoice.id)
        .options(joinedload(Invoice.party), joinedload(Invoice.enterprise))
    )
    query = query.where(Invoice.state.in_(_OPEN_INVOICES))
    for invoice, at in session.execute(query.order_by(first.c.at).limit(MOST)).all():
        where = {"invoice_id": invoice.id}
        yield Waiting(
            N_("Transfer slip to look at"),
            invoice.debtor.name,
            at,
            "billing.show_invoice",
            N_("Look for the transfer"),
            where,
            invoice.number,
            invoice.due_on,
        )


def _refunds(session: ChamberSession, actor: Actor) -> Iterable[Waiting]:
    """Refunds to transfer (Stripe makes its own), and to decide, for who may."""
    for state, action in {
        RefundState.APPROVED: N_("Pay it back"),
        RefundState.REQUESTED: N_("Decide"),
    }.items():
        for refund in list_refunds(session, state, limit=MOST, oldest=True):
            decides = state is RefundState.REQUESTED and may_decide_refund(
                actor, refund, list_recorders_of(session, refund.party_id)
            )
            if not decides and (state is RefundState.REQUESTED or refund.payment_id):
                continue
            yield Waiting(
                N_("Refund"),
                refund.debtor.name,
                refund.steps[-1].at,
                "billing.show_refund",
                action,
                {"refund_id": refund.id},
            )


def _parked(session: ChamberSession) -> Iterable[Waiting]:
    """What Stripe reports and nobody has looked at."""
    for parked in list_parked(session, MOST):
        about = in_currency(parked.amount, parked.currency)
        yield Waiting(
            parked.reason.label,
            about,
            parked.parked_at,
            "billing.settle_parked",
            N_("Look into it"),
            {"parked_id": parked.id},
            parked.reference,
        )


def _mails(session: ChamberSession) -> Iterable[Waiting]:
    count, since = session.execute(
        sa.select(sa.func.count(), sa.func.min(Mail.created_at)).where(Mail.state == MailState.HELD)
    ).one()
    if count:
        yield Waiting(
            N_("Messages to pass on"),
            str(count),
            since,
            "chamber_settings.list_mails",
            N_("Pass them on"),
        )


def _failed(session: ChamberSession) -> Iterable[Waiting]:
    count, since = session.execute(
        sa.select(sa.func.count(), sa.func.min(Job.created_at)).where(Job.state == JobState.FAILED)
    ).one()
    if count:
        yield Waiting(
            N_("Work that failed"),
            str(count),
            since,
            "chamber_settings.list_mails",
            N_("Try again"),
        )
