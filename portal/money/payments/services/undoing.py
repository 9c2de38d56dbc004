"""Undoing what was recorded wrongly."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.jobs.news import News
from portal.jobs.outbox import announce
from portal.money.invoices.models import Invoice
from portal.money.invoices.services.hooks import tell_money_moved
from portal.money.invoices.services.settling import allocate
from portal.money.ledger.models import Account, JournalKind
from portal.money.ledger.policies import may_undo_payments
from portal.money.ledger.queries import credit_of
from portal.money.ledger.services import Side, lock_parties, post, take_back
from portal.money.payments.models import (
    Channel,
    Payment,
    PaymentAction,
    PaymentPaper,
    PaymentUndoing,
)
from portal.money.payments.queries import (
    credits_of_payment,
    find_payment_entry,
)
from portal.papers.issuing.queries import list_papers
from portal.papers.issuing.services import void_paper
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def undo_payment(
    session: ChamberSession,
    payment: Payment,
    reason: str,
    *,
    left_again: bool = False,
    actor: Actor,
) -> None:
    """Takes a wrongly recorded payment back with its trace.

    Entries reversed, invoices open again, receipts marked void. Announces `payment_undone`.

    What a credit note set free of it meanwhile comes out of the credit on account. NotPermitted;
    InvalidInput without a reason; Refused for an online payment unless its money has `left_again`,
    where it was undone already, or its credit was used or set aside meanwhile.
    """
    guard(may_undo_payments, actor, payment.amount)
    if not reason.strip():
        raise InvalidInput("reason", N_("Give the reason. It stands in the books."))
    settled = {a.invoice.party_id for a in payment.allocations}
    owners = sorted({*settled, *credits_of_payment(session, payment.id)})
    lock_parties(session, owners)
    settled_ids = sorted(a.invoice_id for a in payment.allocations)
    invoices = [session.lock(session.fetch(Invoice, invoice_id)) for invoice_id in settled_ids]
    session.lock(payment)
    _check_undoable(session, payment, left_again)
    _take_back_parts(session, payment, invoices, actor=actor)
    reason = reason.strip()
    how = {"reason": reason, "undone_at": session.now(), "undone_by": actor.name}
    session.add(PaymentUndoing(payment_id=payment.id, **how))
    tell_money_moved(session, owners, reason, actor=actor)
    for paper in list_papers(session, [payment.id], PaymentPaper.RECEIPT):
        void_paper(session, paper, reason, actor=actor)
    told = {"reference": payment.reference, "amount": payment.amount}
    act = PaymentAction.PAYMENT_UNDONE
    record(session, act, payment, actor=actor, department=FINANCE, **told)
    announce(session, News.RECEIPTS_VOID, payment_id=payment.id)


def _check_undoable(session: ChamberSession, payment: Payment, left_again: bool) -> None:
    if payment.channel is Channel.ONLINE and not left_again:
        raise Refused(N_("This money did arrive: Stripe confirmed it. Pay it back instead."))
    undone = sa.select(PaymentUndoing.id).where(PaymentUndoing.payment_id == payment.id)
    if session.scalars(undone).first():
        raise Refused(N_("This payment was undone already."))


def _take_back_parts(
    session: ChamberSession, payment: Payment, invoices: Sequence[Invoice], *, actor: Actor
) -> None:
    """Reverses the payment's entry and sets free what it settles.

    What credit notes set free of it before comes out of the credit on account.
    """
    parts = {a.invoice_id: a.amount for a in payment.allocations}
    freed = {invoice.id: max(0, parts[invoice.id] - invoice.paid) for invoice in invoices}
    _check_credit(session, payment, invoices, freed)
    today = today_of(session)
    journal = take_back(
        session, find_payment_entry(session, payment.id), JournalKind.UNDOING, on=today, actor=actor
    )
    for invoice in invoices:
        if freed[invoice.id]:
            sides = [
                Side(Account.CREDIT_ON_ACCOUNT, invoice.party_id, freed[invoice.id]),
                Side(Account.RECEIVABLES, invoice.party_id, -freed[invoice.id]),
            ]
            post(
                session,
                JournalKind.UNDOING,
                sides,
                on=today,
                origin=("payment", payment.id),
                beside_id=invoice.id,
                actor=actor,
            )
        if parts[invoice.id] > freed[invoice.id]:
            allocate(session, invoice, freed[invoice.id] - parts[invoice.id], journal, payment.id)


def _check_credit(
    session: ChamberSession,
    payment: Payment,
    invoices: Sequence[Invoice],
    freed: Mapping[uuid.UUID, int],
) -> None:
    """What the payment left on account must still lie there.

    With what credit notes set free of it (fen by invoice).
    """
    owed = Counter(credits_of_payment(session, payment.id))
    for invoice in invoices:
        owed[invoice.party_id] += freed[invoice.id]
    for party_id, credit in owed.items():
        if credit_of(session, party_id) < credit:
            raise Refused(
                N_(
                    "The credit of this payment was used for an invoice or set aside for a "
                    "refund. Give the credit back on that invoice, or decline the refund, "
                    "first."
                )
            )
