"""The worker's part in online payments."""

import datetime as dt
import functools
import uuid
from dataclasses import dataclass
from typing import Any

from portal.jobs.news import News
from portal.jobs.outbox import enqueue
from portal.jobs.registry import Task, reacts_to, recur, register
from portal.jobs.worker import each
from portal.money.online import stripe_gateway
from portal.money.online.models import Checkout, CheckoutState, ParkReason, StripeEvent, StripeKeys
from portal.money.online.queries import find_checkout_under_way, find_keys
from portal.money.online.services.events import (
    Apply,
    close_checkout,
    fetch_for,
    reconcile_chamber,
    settle_refund,
)
from portal.money.online.services.parking import park
from portal.money.online.stripe_gateway import Account, Declined, account_of
from portal.money.payments.models import Payment, Refund, RefundState
from portal.money.payments.services.refunds import fail_refund
from portal.tenancy.actor import SYSTEM
from portal.tenancy.chambers import every_chamber
from portal.tenancy.models import Chamber
from portal.tenancy.session import ChamberSession
from portal.web.world import World


@dataclass(frozen=True)
class ToAsk:
    """Something to ask Stripe about, and the chamber's keys, read before the slow part.

    Without keys nothing is asked.
    """

    keys: StripeKeys
    about: StripeEvent | Checkout | Refund
    payment: Payment | None = None


@reacts_to(News.INVOICE_PAID, "billing.close_page_of_paid_invoice")
def close_page_of_paid_invoice(session: ChamberSession, invoice_id: str) -> None:
    """Nobody pays again what was paid another way: the hosted page of a paid invoice is closed."""
    _call_for_closing(session, invoice_id)


@reacts_to(News.INVOICE_VOID, "billing.close_page_of_void_invoice")
def close_page_of_void_invoice(session: ChamberSession, invoice_id: str) -> None:
    """The hosted page of an invoice that was taken back is closed."""
    _call_for_closing(session, invoice_id)


def _call_for_closing(session: ChamberSession, invoice_id: str) -> None:
    checkout = find_checkout_under_way(session, uuid.UUID(invoice_id))
    if checkout is not None and checkout.state is CheckoutState.OPEN:
        enqueue(session, "close_checkout", checkout_id=checkout.id)


def _prepare_event(session: ChamberSession, event_id: str) -> ToAsk | None:
    keys = find_keys(session)
    return ToAsk(keys, session.fetch(StripeEvent, uuid.UUID(event_id))) if keys else None


def _fetch_event(world: World, item: ToAsk | None) -> Apply | None:
    if item is None or not isinstance(item.about, StripeEvent):
        return None
    event = item.about
    try:
        return fetch_for(_account(world, item.keys), event.kind, event.object_id, actor=SYSTEM)
    except Declined as declined:
        details = {"kind": event.kind, "why": str(declined)}
        return lambda session: _park_unreadable(session, event.object_id, details)


def _park_unreadable(session: ChamberSession, object_id: str, details: dict[str, str]) -> None:
    """Stripe signed news of something that the chamber's key may not read.

    Another account's, or gone.
    """
    park(session, ParkReason.UNKNOWN, object_id, 0, "", details, actor=SYSTEM)


def _prepare_closing(session: ChamberSession, checkout_id: str) -> ToAsk | None:
    keys, checkout = find_keys(session), session.fetch(Checkout, uuid.UUID(checkout_id))
    return ToAsk(keys, checkout) if keys and checkout.state is CheckoutState.OPEN else None


def _close(world: World, item: ToAsk | None) -> Apply | None:
    return (
        close_checkout(_account(world, item.keys), item.about, actor=SYSTEM)
        if item and isinstance(item.about, Checkout)
        else None
    )


def _apply(session: ChamberSession, apply: Apply | None, **_ids: str) -> None:
    if apply is not None:
        apply(session)


def _prepare_refund(session: ChamberSession, refund_id: str) -> ToAsk | None:
    keys, refund = find_keys(session), session.fetch(Refund, uuid.UUID(refund_id))
    if keys is None or refund.state is not RefundState.APPROVED:
        return None
    return ToAsk(keys, refund, session.fetch(Payment, refund.payment_id))


def _send_refund(world: World, item: ToAsk | None) -> Apply | None:
    if item is None or item.payment is None or not isinstance(item.about, Refund):
        return None
    refund = item.about
    try:
        chamber, intent = str(refund.chamber_id), item.payment.reference
        found = stripe_gateway.send_refund(
            _account(world, item.keys),
            reference=str(refund.id),
            chamber=chamber,
            payment_intent=intent,
            amount=refund.amount,
        )
    except Declined as declined:
        why = str(declined)
        return lambda session: fail_refund(
            session, session.fetch(Refund, refund.id), why, actor=SYSTEM
        )
    return lambda session: settle_refund(session, found, actor=SYSTEM)


def _reconcile_everywhere(world: Any, _prepared: None) -> None:
    def reconcile(chamber: Chamber) -> object:
        return reconcile_chamber(
            world.doors, chamber.id, functools.partial(_account, world), actor=SYSTEM
        )

    each(every_chamber(world.doors), reconcile, lambda chamber: chamber.slug)


def _account(world: World, keys: StripeKeys) -> Account:
    return account_of(world.settings.stripe_url, keys.secret_key, world.sealer)


register(Task("read_stripe_event", _apply, prepare=_prepare_event, work=_fetch_event))
register(Task("close_checkout", _apply, prepare=_prepare_closing, work=_close))
register(Task("send_online_refund", _apply, prepare=_prepare_refund, work=_send_refund))
recur("reconcile_online", dt.timedelta(minutes=10), _reconcile_everywhere)
