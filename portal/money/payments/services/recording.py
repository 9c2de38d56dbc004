"""Recording money that arrived."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.money import yuan
from portal.foundation.serial_numbers import serial_number
from portal.members.enterprises.models import Enterprise, Party
from portal.money.invoices.models import Invoice
from portal.money.invoices.services.hooks import tell_money_moved
from portal.money.invoices.services.settling import allocate
from portal.money.ledger.models import Account, JournalKind
from portal.money.ledger.services import Side, post
from portal.money.payments.models import (
    Channel,
    Payment,
    PaymentAction,
)
from portal.money.payments.policies import may_record_payment
from portal.money.payments.queries import (
    list_payments_of_reference,
)
from portal.money.payments.services.receipts import issue_receipts
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession

EARLIEST = dt.date(2000, 1, 1)
MONEY = {
    Channel.BANK_TRANSFER: Account.BANK,
    Channel.CASH: Account.CASH,
    Channel.ONLINE: Account.STRIPE_CLEARING,
}


@dataclass(frozen=True)
class Arrival:
    """Money as finance reads it off the statement or counts it. `amount` in fen.

    `reference` is the bank's serial number, or the number in the cash book.
    """

    received_on: dt.date
    amount: int
    payer: str
    reference: str
    channel: Channel = Channel.BANK_TRANSFER


@dataclass(frozen=True)
class Part:
    """What of the money is for an invoice, in fen."""

    invoice: Invoice
    amount: int


def record_payment(
    session: ChamberSession,
    arrival: Arrival,
    parts: Sequence[Part],
    *,
    surplus_to: Enterprise | Party | None = None,
    actor: Actor,
) -> Payment:
    """Books money over one or several invoices, of one or several enterprises.

    Under their locks: payment, ledger, a receipt for each enterprise.

    What exceeds the parts becomes credit on account of `surplus_to`; where none is named, of the
    enterprise that owes all the parts. Locks the invoices, sorted. The order of the parts means
    nothing but the order of lines on the receipt. Announces `invoice_paid` for each invoice that is
    paid in full. Refuses NotPermitted (not finance, or above an acting deputy's ceiling),
    InvalidInput (a date in the future or before 2000, a reference that was booked already, parts
    that exceed the money or what an invoice has open, a rest beside parts of several enterprises of
    which none is named), Refused (nothing is owed).
    """
    if not actor.is_system:
        guard(may_record_payment, actor, arrival.amount)
    arrival = replace(arrival, reference=serial_number(arrival.reference))
    today = today_of(session)
    if not EARLIEST <= arrival.received_on <= today:
        raise InvalidInput("received_on", N_("The money cannot have arrived on this day."))
    locked = {
        invoice.id: session.lock(invoice)
        for invoice in sorted((part.invoice for part in parts), key=lambda i: i.id)
    }
    parts = [Part(locked[part.invoice.id], part.amount) for part in parts]
    attempt = _attempt(session, arrival)
    _check_parts(arrival, parts)
    owner = surplus_to.id if surplus_to else _owner_of_rest(arrival, parts)
    return _book(session, arrival, parts, owner, attempt, actor=actor)


def _owner_of_rest(arrival: Arrival, parts: Sequence[Part]) -> uuid.UUID:
    """Whose the rest is where nobody was named: whoever owes all the parts.

    InvalidInput where several do and there is a rest.
    """
    owners = list(dict.fromkeys(part.invoice.party_id for part in parts))
    if not owners:
        raise InvalidInput(
            "amount",
            N_(
                "Say what the money is for: choose an invoice, or an enterprise whose credit "
                "it becomes."
            ),
        )
    rest = arrival.amount - sum(part.amount for part in parts)
    if rest and len(owners) > 1:
        raise InvalidInput(
            "owner",
            N_(
                "%(amount)s are left over, and the lines are of several enterprises. Say on "
                "whose account the rest goes."
            ),
            amount=yuan(rest),
        )
    return owners[0]


def _attempt(session: ChamberSession, arrival: Arrival) -> int:
    known = list_payments_of_reference(session, arrival.channel, arrival.reference)
    if known and known[0].undoing is None:
        amount = yuan(known[0].amount)
        raise InvalidInput(
            "reference",
            N_("This bank serial number was booked already: %(amount)s from %(payer)s."),
            amount=amount,
            payer=known[0].payer,
        )
    return known[0].attempt + 1 if known else 1


def _check_parts(arrival: Arrival, parts: Sequence[Part]) -> None:
    if len({part.invoice.id for part in parts}) < len(parts):
        raise InvalidInput("amount", N_("An invoice stands on two lines. Put its money on one."))
    for part in parts:
        if part.invoice.open_amount == 0:
            raise Refused(
                N_("%(number)s is not open any more. Look for the invoice that this money is for."),
                number=part.invoice.number,
            )
        if not 0 < part.amount <= part.invoice.open_amount:
            raise InvalidInput(
                "amount",
                N_("%(number)s has %(amount)s open; more cannot be booked on it."),
                number=part.invoice.number,
                amount=yuan(part.invoice.open_amount),
            )
    if sum(part.amount for part in parts) > arrival.amount:
        raise InvalidInput("amount", N_("The parts are more than the money that arrived."))


def _book(
    session: ChamberSession,
    arrival: Arrival,
    parts: Sequence[Part],
    owner: uuid.UUID,
    attempt: int,
    *,
    actor: Actor,
) -> Payment:
    payment = Payment(
        **asdict(arrival),
        attempt=attempt,
        recorded_at=session.now(),
        recorded_by=actor.name,
        recorded_by_id=actor.person_id,
    )
    session.add(payment)
    session.flush()
    surplus = arrival.amount - sum(part.amount for part in parts)
    money = MONEY[arrival.channel]
    sides = [Side(Account.RECEIVABLES, p.invoice.party_id, -p.amount) for p in parts]
    sides += [Side(money, p.invoice.party_id, p.amount) for p in parts]
    sides += [Side(money, owner, surplus), Side(Account.CREDIT_ON_ACCOUNT, owner, -surplus)]
    on, origin = arrival.received_on, ("payment", payment.id)
    journal = post(session, JournalKind.PAYMENT, sides, on=on, origin=origin, actor=actor)
    for part in parts:
        allocate(session, part.invoice, part.amount, journal, payment.id)
    details = {
        "amount": arrival.amount,
        "settled": arrival.amount - surplus,
        "credit": surplus,
        "invoices": [p.invoice.number for p in parts],
    }
    record(
        session, PaymentAction.PAYMENT_RECORDED, payment, actor=actor, department=FINANCE, **details
    )
    settled = [(p.invoice, p.amount) for p in parts]
    issue_receipts(session, payment, settled, owner, surplus, actor=actor)
    tell_money_moved(session, [p.invoice.party_id for p in parts], payment.reference, actor=actor)
    return payment
