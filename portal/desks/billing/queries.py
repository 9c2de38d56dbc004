"""What of the money waits for finance."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.foundation.labels import N_
from portal.foundation.money import in_currency
from portal.money.invoices.models import OPEN_STATES, Invoice, PaymentSlip
from portal.money.online.queries import list_parked
from portal.money.payments.models import RefundState
from portal.money.payments.policies import may_decide_refund
from portal.money.payments.queries import list_recorders_of, list_refunds
from portal.tenancy.actor import Actor
from portal.tenancy.my_day import MOST, Waiting
from portal.tenancy.session import ChamberSession


def list_slips(session: ChamberSession, _actor: Actor, _today: dt.date) -> Iterable[Waiting]:
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
    query = query.where(Invoice.state.in_(OPEN_STATES))
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


def list_refunds_to_move(
    session: ChamberSession, actor: Actor, _today: dt.date
) -> Iterable[Waiting]:
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


def list_reports(session: ChamberSession, _actor: Actor, _today: dt.date) -> Iterable[Waiting]:
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
