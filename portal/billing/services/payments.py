"""Recording money that arrived."""

import datetime as dt
from dataclasses import dataclass

from portal.audit.record import record
from portal.billing.models import INVOICE_MOVES, Account, Allocation, BillingAction, Channel, Invoice, InvoiceState, Payment
from portal.billing.policies import may_record_payment
from portal.billing.queries import find_payment_by_reference
from portal.billing.services.ledger import post
from portal.enterprises.models import Enterprise
from portal.filing.models import PaperKind
from portal.filing.services import issue_paper
from portal.foundation.clock import day_in
from portal.foundation.errors import InvalidInput, NotPermitted, Refused
from portal.foundation.labels import N_
from portal.foundation.money import in_capitals, plain
from portal.foundation.transitions import move
from portal.jobs.outbox import announce
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.counters import next_number
from portal.tenancy.session import ChamberSession

EARLIEST = dt.date(2000, 1, 1)


@dataclass(frozen=True)
class Transfer:
    """A bank transfer as finance reads it from the statement. `amount` in fen; `reference` is the bank's serial number."""

    received_on: dt.date
    amount: int
    payer: str
    reference: str


def record_transfer(session: ChamberSession, invoice: Invoice, transfer: Transfer, *, actor: Actor) -> Payment:
    """Books a transfer against an invoice, under the invoice's lock: payment, ledger, receipt.

    What exceeds the open amount becomes credit on account. Announces `invoice_paid` once the invoice is paid in full.
    Refuses NotPermitted (not finance, or above an acting deputy's ceiling), InvalidInput (a date in the future or before
    2000, a bank serial number that was booked already), Refused (nothing is owed).
    """
    if not may_record_payment(actor, transfer.amount):
        raise NotPermitted(N_("Only finance records payments, and an acting deputy only up to the ceiling of the appointment."))
    today = day_in(session.now(), settings_of(session).zone)
    if not EARLIEST <= transfer.received_on <= today:
        raise InvalidInput("received_on", N_("The transfer cannot have arrived on this day."))
    invoice = session.lock(invoice)
    known = find_payment_by_reference(session, transfer.reference)
    if known is not None:
        raise InvalidInput("reference", N_("This bank serial number was booked already: %(amount)s from %(payer)s."), amount=f"¥{plain(known.amount)}", payer=known.payer)
    if invoice.open_amount == 0:
        raise Refused(N_("This invoice is paid in full. Look for the invoice that this money is for."))
    return _book(session, invoice, transfer, today, actor=actor)


def _book(session: ChamberSession, invoice: Invoice, transfer: Transfer, today: dt.date, *, actor: Actor) -> Payment:
    payment = Payment(
        channel=Channel.BANK_TRANSFER,
        reference=transfer.reference,
        received_on=transfer.received_on,
        amount=transfer.amount,
        payer=transfer.payer,
        recorded_at=session.now(),
        recorded_by=actor.name,
    )
    session.add(payment)
    session.flush()
    settled = min(invoice.open_amount, transfer.amount)
    credit = transfer.amount - settled
    session.add(Allocation(payment_id=payment.id, invoice_id=invoice.id, amount=settled))
    invoice.paid += settled
    move(invoice, InvoiceState.PAID if invoice.open_amount == 0 else InvoiceState.PARTLY_PAID, INVOICE_MOVES)
    sides = [(Account.BANK, transfer.amount), (Account.RECEIVABLES, -settled), (Account.CREDIT_ON_ACCOUNT, -credit)]
    post(session, sides, enterprise_id=invoice.enterprise_id, on=transfer.received_on, payment_id=payment.id, actor=actor)
    record(session, BillingAction.PAYMENT_RECORDED, payment, actor=actor, department=FINANCE, invoice=invoice.number, amount=transfer.amount, settled=settled, credit=credit)
    _issue_receipt(session, invoice, payment, today, credit=credit, actor=actor)
    if invoice.state is InvoiceState.PAID:
        announce(session, "invoice_paid", invoice_id=invoice.id)
    return payment


def _issue_receipt(session: ChamberSession, invoice: Invoice, payment: Payment, today: dt.date, *, credit: int, actor: Actor) -> None:
    enterprise = session.fetch(Enterprise, invoice.enterprise_id)
    number = f"SJ{today.year}-{next_number(session, f'receipt {today.year}'):05d}"
    issue_paper(
        session,
        PaperKind.RECEIPT,
        payment,
        number=number,
        enterprise_id=enterprise.id,
        snapshot={
            "enterprise": enterprise.name,
            "payer": payment.payer,
            "received_on": payment.received_on.isoformat(),
            "issued_on": today.isoformat(),
            "invoice_number": invoice.number,
            "dues_year": invoice.dues_year,
            "amount": payment.amount,
            "credit": credit,
            "capitals": in_capitals(payment.amount),
            "reference": payment.reference,
            "recorded_by": payment.recorded_by,
        },
        actor=actor,
    )
