"""What an invoice's `paid` follows: allocations, and credit on account that is used."""

import datetime as dt
import uuid

from portal.audit.record import record
from portal.foundation.errors import Refused
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.jobs.news import News
from portal.jobs.outbox import announce
from portal.money.invoices.models import (
    INVOICE_MOVES,
    Allocation,
    Invoice,
    InvoiceAction,
    InvoiceState,
)
from portal.money.invoices.queries import credit_in
from portal.money.invoices.services.hooks import tell_money_moved
from portal.money.ledger.models import Account, Journal, JournalKind
from portal.money.ledger.policies import may_record_payments, may_undo_payments
from portal.money.ledger.queries import credit_of
from portal.money.ledger.services import Side, lock_parties, post
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def allocate(
    session: ChamberSession,
    invoice: Invoice,
    amount: int,
    journal: Journal,
    payment_id: uuid.UUID | None,
) -> None:
    """Settles `amount` fen of a locked invoice by an entry, or frees it again where negative.

    Announces `invoice_paid` once nothing is open.
    """
    session.add(
        Allocation(
            journal_id=journal.id, payment_id=payment_id, invoice_id=invoice.id, amount=amount
        )
    )
    invoice.paid += amount
    settle_state(session, invoice)


def settle_state(session: ChamberSession, invoice: Invoice) -> None:
    """Moves an invoice to the state that its sums say.

    Announces `invoice_paid` where it becomes paid.
    """
    settled = invoice.paid + invoice.credited
    to = (
        InvoiceState.PAID
        if settled == invoice.amount
        else InvoiceState.PARTLY_PAID
        if invoice.paid
        else InvoiceState.ISSUED
    )
    if to is not invoice.state:
        move(invoice, to, INVOICE_MOVES)
        if to is InvoiceState.PAID:
            announce(session, News.INVOICE_PAID, invoice_id=invoice.id)
    session.flush()


def use_credit(session: ChamberSession, invoice: Invoice, on: dt.date, *, actor: Actor) -> int:
    """Settles an open invoice from the enterprise's credit on account, as far as it reaches.

    Returns the fen used.

    NotPermitted for others than finance (an act of the portal itself may); Refused where nothing is
    owed or there is no credit.
    """
    if not actor.is_system:
        guard(may_record_payments, actor)
    used = use_credit_if_any(session, invoice, on, actor=actor)
    if not used:
        raise Refused(
            N_(
                "There is nothing to settle: the invoice is not open, or the enterprise has "
                "no credit."
            )
        )
    return used


def give_credit_back(
    session: ChamberSession, invoice: Invoice, on: dt.date, *, actor: Actor
) -> int:
    """Takes back what credit on account settled of an invoice.

    The credit lies on account again, the invoice is open again; returns the fen.

    NotPermitted for others than who undo payments; Refused where no credit settles it.
    """
    lock_parties(session, [invoice.party_id])
    invoice = session.lock(invoice)
    used = min(credit_in(session, invoice.id), invoice.paid)
    guard(may_undo_payments, actor, used)
    if used <= 0:
        raise Refused(N_("No credit settles this invoice."))
    owner = invoice.party_id
    sides = [Side(Account.RECEIVABLES, owner, used), Side(Account.CREDIT_ON_ACCOUNT, owner, -used)]
    journal = post(
        session, JournalKind.UNDOING, sides, on=on, origin=("invoice", invoice.id), actor=actor
    )
    allocate(session, invoice, -used, journal, None)
    tell_money_moved(session, [owner], invoice.number, actor=actor)
    record(
        session,
        InvoiceAction.CREDIT_GIVEN_BACK,
        invoice,
        actor=actor,
        department=FINANCE,
        invoice=invoice.number,
        amount=used,
    )
    return used


def use_credit_if_any(
    session: ChamberSession, invoice: Invoice, on: dt.date, *, actor: Actor
) -> int:
    """As use_credit, under the locks of enterprise and invoice.

    0 where there is nothing to use or to settle.
    """
    lock_parties(session, [invoice.party_id])
    invoice = session.lock(invoice)
    used = min(credit_of(session, invoice.party_id), invoice.open_amount)
    if used <= 0:
        return 0
    owner = invoice.party_id
    sides = [Side(Account.CREDIT_ON_ACCOUNT, owner, used), Side(Account.RECEIVABLES, owner, -used)]
    journal = post(
        session, JournalKind.CREDIT_USED, sides, on=on, origin=("invoice", invoice.id), actor=actor
    )
    allocate(session, invoice, used, journal, None)
    tell_money_moved(session, [owner], invoice.number, actor=actor)
    record(
        session,
        InvoiceAction.CREDIT_USED,
        invoice,
        actor=actor,
        department=FINANCE,
        invoice=invoice.number,
        amount=used,
    )
    return used
