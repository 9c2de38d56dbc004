"""Attempts to pay online.

Begun under the invoice's lock, ended by what Stripe says now, never by what a browser or an event
says.
"""

import datetime as dt
import uuid

import sqlalchemy as sa

from portal.audit.record import record
from portal.foundation.clock import day_in
from portal.foundation.errors import Refused
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.members.enterprises.models import Party
from portal.members.enterprises.queries import find_debtor
from portal.money.invoices.models import Invoice
from portal.money.ledger.models import Account, JournalKind
from portal.money.ledger.services import Side, post
from portal.money.online.models import (
    CHECKOUT_MOVES,
    UNDER_WAY,
    Checkout,
    CheckoutState,
    OnlineAction,
    ParkReason,
    StripeKeys,
)
from portal.money.online.policies import may_pay_online
from portal.money.online.queries import find_checkout_under_way, list_unopened
from portal.money.online.services.keys import LATCH
from portal.money.online.services.parking import park
from portal.money.online.stripe_gateway import Session
from portal.money.payments.models import Channel, Payment
from portal.money.payments.services.recording import Arrival, Part, record_payment
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.chambers import settings_of, today_of
from portal.tenancy.counters import hold
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession

LASTS = dt.timedelta(hours=2)
"""How long a hosted page stays open; Stripe takes 30 minutes to 24 hours."""
SHORTEST = dt.timedelta(minutes=31)


def begin_checkout(
    session: ChamberSession, invoice: Invoice, keys: StripeKeys | None, *, actor: Actor
) -> Checkout:
    """The attempt to pay what an invoice has open.

    The one under way where there is one, so that two tabs share it, or a new one.

    NotPermitted for others than the enterprise (or who holds its link); Refused where nothing is
    owed or the chamber takes no online payments. An attempt that was never opened at Stripe and
    does not fit any more gives way to a new one; an open one that does not fit is returned as it
    is: the caller closes it at Stripe first. **Locks** the invoice, the attempt, the latch of the
    keys.
    """
    guard(may_pay_online, actor, invoice)
    if keys is None:
        raise Refused(N_("This chamber takes no online payments. Please pay by bank transfer."))
    invoice = session.lock(invoice)
    if invoice.open_amount == 0:
        raise Refused(
            N_("%(number)s is not open any more. There is nothing to pay."), number=invoice.number
        )
    known = find_checkout_under_way(session, invoice.id)
    known = session.lock(known) if known is not None else None
    if known is not None and known.state in UNDER_WAY:
        if known.session_id or known.fits(invoice.open_amount, session.now() + SHORTEST):
            return known
        _end(session, known, CheckoutState.EXPIRED, actor=actor)
        session.flush()
    _hold_keys(session, keys)
    return _open_checkout(session, invoice, keys, actor=actor)


def _open_checkout(
    session: ChamberSession, invoice: Invoice, keys: StripeKeys, *, actor: Actor
) -> Checkout:
    checkout = Checkout(
        invoice_id=invoice.id,
        amount=invoice.open_amount,
        currency=invoice.currency,
        livemode=keys.livemode,
        opened_at=session.now(),
        opened_by=actor.name,
        expires_at=session.now() + LASTS,
    )
    session.add(checkout)
    session.flush()
    record(
        session,
        OnlineAction.CHECKOUT_OPENED,
        checkout,
        actor=actor,
        department=FINANCE,
        invoice=invoice.number,
        amount=checkout.amount,
    )
    return checkout


def _hold_keys(session: ChamberSession, keys: StripeKeys) -> None:
    """Lets nobody set or forget the keys before this transaction ends.

    Refused where that happened since `keys` were read.
    """
    seen = keys.id, keys.set_at
    hold(session, LATCH)
    now = session.scalars(
        sa.select(StripeKeys).execution_options(populate_existing=True)
    ).one_or_none()
    if now is None or (now.id, now.set_at) != seen:
        raise Refused(N_("The keys for online payment were changed at the same moment. Try again."))


def note_opened(session: ChamberSession, checkout: Checkout, found: Session) -> Checkout:
    """Keeps the hosted page of an attempt. Refused where the attempt ended meanwhile."""
    checkout = session.lock(checkout)
    if checkout.state not in UNDER_WAY:
        raise Refused(N_("This payment has ended. Begin again."))
    if checkout.session_id is None:
        checkout.session_id, checkout.address = found.id, found.address
        move(checkout, CheckoutState.OPEN, CHECKOUT_MOVES)
    return checkout


def end_unopened(session: ChamberSession, *, actor: Actor) -> None:
    """Ends the attempts whose page at Stripe would be closed by now.

    Those for which Stripe never opened a page, or never told us of it.
    """
    for checkout in list_unopened(session, session.now()):
        checkout = session.lock(checkout)
        if checkout.state is CheckoutState.OPENING and checkout.session_id is None:
            _end(session, checkout, CheckoutState.EXPIRED, actor=actor)


def settle_checkout(session: ChamberSession, found: Session, *, actor: Actor) -> None:
    """Brings an attempt to where Stripe says it is. Safe to say again, in any order.

    Collected money is booked once, on the day it was paid: on the invoice as far as it is open, the
    rest on account of the enterprise; the fee that Stripe kept goes from its clearing account to
    fees. What fits no attempt of this chamber is parked for finance, not booked. **Locks** invoice,
    checkout.
    """
    checkout = _held(session, found)
    fault = _fault(found, checkout, str(session.chamber_id))
    if fault is not None or checkout is None:
        if found.status == "complete":
            _park(session, fault or ParkReason.UNKNOWN, found, actor=actor)
        return
    checkout.session_id = checkout.session_id or found.id
    if checkout.state is CheckoutState.PAID:
        _book_fee(session, checkout, found, actor=actor)
    elif found.is_paid:
        _book(session, checkout, found, actor=actor)
    elif found.status == "expired" or found.has_failed:
        if checkout.state in UNDER_WAY:
            ended = CheckoutState.FAILED if found.has_failed else CheckoutState.EXPIRED
            _end(session, checkout, ended, actor=actor)
    elif found.status == "complete" and checkout.state in {
        CheckoutState.OPENING,
        CheckoutState.OPEN,
    }:
        move(checkout, CheckoutState.CONFIRMING, CHECKOUT_MOVES)


def _park(session: ChamberSession, reason: ParkReason, found: Session, *, actor: Actor) -> None:
    """Lays money that fits no attempt before finance."""
    details = {
        "reference": found.reference,
        "chamber": found.chamber,
        "payment_intent": found.payment_intent,
        "payer": found.payer,
        "livemode": found.livemode,
        "status": found.payment_status,
    }
    park(session, reason, found.id, found.amount, found.currency, details, actor=actor)


def _held(session: ChamberSession, found: Session) -> Checkout | None:
    """The attempt that a session names, under the locks of its invoice and itself."""
    checkout = session.find(Checkout, _uuid(found.reference))
    if checkout is None:
        return None
    session.lock(session.fetch(Invoice, checkout.invoice_id))
    return session.lock(checkout)


def _fault(found: Session, checkout: Checkout | None, chamber: str) -> ParkReason | None:
    """Why a session is not what the portal opened; None where it is."""
    if found.chamber != chamber and (found.chamber or checkout):
        return ParkReason.CHAMBER
    if checkout is None:
        return ParkReason.UNKNOWN
    faults = {
        ParkReason.SESSION: checkout.session_id not in {None, found.id},
        ParkReason.MODE: found.livemode is not checkout.livemode,
        ParkReason.CURRENCY: found.currency != checkout.currency,
        ParkReason.AMOUNT: found.amount != checkout.amount,
    }
    return next((reason for reason, wrong in faults.items() if wrong), None)


def _book(session: ChamberSession, checkout: Checkout, found: Session, *, actor: Actor) -> None:
    invoice = session.lock(session.fetch(Invoice, checkout.invoice_id))
    owner = session.fetch(Party, invoice.party_id)
    paid_on = day_in(min(found.paid_at or session.now(), session.now()), settings_of(session).zone)
    arrival = Arrival(
        paid_on,
        found.amount,
        found.payer[:120] or find_debtor(session, owner.id).name,
        found.payment_intent or found.id,
        Channel.ONLINE,
    )
    settled = min(found.amount, invoice.open_amount)
    payment = record_payment(
        session, arrival, [Part(invoice, settled)] if settled else [], surplus_to=owner, actor=actor
    )
    checkout.payment_id = payment.id
    move(checkout, CheckoutState.PAID, CHECKOUT_MOVES)
    session.flush()
    _book_fee(session, checkout, found, actor=actor)


def _book_fee(session: ChamberSession, checkout: Checkout, found: Session, *, actor: Actor) -> None:
    """Books what Stripe kept, once, as soon as Stripe says it."""
    if found.fee is None or checkout.fee is not None:
        return
    checkout.fee = found.fee
    if found.fee:
        owner = session.fetch(Invoice, checkout.invoice_id).party_id
        sides = [
            Side(Account.FEES, owner, found.fee),
            Side(Account.STRIPE_CLEARING, owner, -found.fee),
        ]
        post(
            session,
            JournalKind.FEE,
            sides,
            on=today_of(session),
            origin=("payment", session.fetch(Payment, checkout.payment_id).id),
            actor=actor,
        )


def _end(
    session: ChamberSession, checkout: Checkout, state: CheckoutState, *, actor: Actor
) -> None:
    move(checkout, state, CHECKOUT_MOVES)
    record(
        session,
        OnlineAction.CHECKOUT_ENDED,
        checkout,
        actor=actor,
        department=FINANCE,
        state=state.value,
    )


def _uuid(word: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(word)
    except ValueError:
        return None
