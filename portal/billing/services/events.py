"""Events that Stripe signed: kept once, then what they are about is fetched and applied; and the regular look at whatever has no end yet.

An event only says what to fetch: neither its order nor its content is believed. What the worker does outside a transaction
takes the world's doors and opens one for each result.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from portal.audit.record import record
from portal.billing import stripe_gateway
from portal.billing.models import BillingAction, Checkout, ParkReason, Refund, RefundState, StripeEvent, StripeKeys
from portal.billing.queries.online import find_keys, list_refunds_on_their_way, list_under_way, list_without_fee
from portal.billing.services.checkouts import end_unopened, settle_checkout
from portal.billing.services.parking import park, park_dispute
from portal.billing.services.refunds import apply_refund
from portal.billing.stripe_gateway import Account, Declined, Event, Returned, Unreachable
from portal.foundation.errors import DomainError
from portal.jobs.outbox import enqueue
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.session import ChamberSession, Doors

log = logging.getLogger("portal.stripe")
KINDS = ("checkout.session.", "refund.", "charge.dispute.")
"""What the portal listens to. A refund made in Stripe's own pages comes as refund.created."""
Apply = Callable[[ChamberSession], None]
FEE_AFTER = dt.timedelta(days=7)
"""How long Stripe is asked again what it kept of a payment."""


@dataclass(frozen=True)
class Reconciled:
    """What a look at Stripe found: how many payments and refunds were asked for, and for how many Stripe gave no answer."""

    asked: int = 0
    unanswered: int = 0


def receive_event(session: ChamberSession, event: Event, *, actor: Actor) -> None:
    """Keeps a signed event once and calls for what it is about to be fetched; the same event again, or one of another kind, changes nothing."""
    if not event.kind.startswith(KINDS):
        return
    if session.scalar(sa.select(StripeEvent.id).where(StripeEvent.event_id == event.id)) is not None:
        return
    row = StripeEvent(event_id=event.id, kind=event.kind, object_id=event.object_id, happened_at=event.happened_at, received_at=session.now())
    session.add(row)
    session.flush()
    record(session, BillingAction.EVENT_RECEIVED, row, actor=actor, department=FINANCE, event=event.id, kind=event.kind)
    enqueue(session, "read_stripe_event", unique_key=f"{session.chamber_id}:{event.id}", priority=8, event_id=row.id)


def fetch_for(account: Account, kind: str, object_id: str, *, actor: Actor) -> Apply:
    """Asks Stripe for what an event is about; the answer is how to apply it. Unreachable; Declined where Stripe knows nothing of it."""
    if kind.startswith("checkout.session."):
        session_found = stripe_gateway.fetch_session(account, object_id)
        return lambda session: settle_checkout(session, session_found, actor=actor)
    if kind.startswith("refund."):
        returned = stripe_gateway.fetch_refund(account, object_id)
        return lambda session: settle_refund(session, returned, actor=actor)
    disputed = stripe_gateway.fetch_dispute(account, object_id)
    return lambda session: park_dispute(session, disputed, actor=actor)


def settle_refund(session: ChamberSession, found: Returned, *, actor: Actor) -> None:
    """Applies a refund that Stripe reports to the one that asked for it; one that nobody here asked for is parked."""
    refund = session.scalars(sa.select(Refund).where(Refund.reference == found.id)).one_or_none() or session.find(Refund, _uuid(found.reference))
    if refund is None or refund.payment_id is None or refund.amount != found.amount or refund.state in {RefundState.REQUESTED, RefundState.DECLINED}:
        park(session, ParkReason.REFUND, found.id, found.amount, found.currency, {"status": found.status, "payment_intent": found.payment_intent}, actor=actor)
    else:
        apply_refund(session, refund, found, actor=actor)


def reconcile_chamber(doors: Doors, chamber_id: uuid.UUID, account_for: Callable[[StripeKeys], Account], *, actor: Actor) -> Reconciled:
    """Asks Stripe about every attempt and refund that has no end yet and applies each answer in a transaction of its own.

    What Stripe does not answer, and what cannot be applied, is left for the next look: one never stops the others. So nothing depends on an
    event having arrived. Attempts that Stripe opened no page for are ended.
    """
    with doors.chamber(chamber_id) as session:
        keys = find_keys(session)
        attempts = [*list_under_way(session), *list_without_fee(session, session.now() - FEE_AFTER)]
        asks = [("checkout.session.", c.session_id or "") for c in attempts] + [("refund.", r.reference or "") for r in list_refunds_on_their_way(session)]
    if keys is None:
        return Reconciled()
    with doors.chamber(chamber_id, writing=True) as session:
        end_unopened(session, actor=actor)
    try:
        account, unanswered = account_for(keys), 0
    except Unreachable as error:
        log.error("Stripe cannot be asked: %s (%s)", error, actor.name)
        return Reconciled(len(asks), len(asks))
    for number, (kind, object_id) in enumerate(asks):
        try:
            apply = fetch_for(account, kind, object_id, actor=actor)
            with doors.chamber(chamber_id, writing=True) as session:
                apply(session)
        except Unreachable as error:
            log.warning("Stripe does not answer: %s (%s)", error, actor.name)
            return Reconciled(len(asks), unanswered + len(asks) - number)
        except Declined as error:
            log.warning("Stripe gave no answer about %s: %s (%s)", object_id, error, actor.name)
            unanswered += 1
        except (DomainError, IntegrityError):
            log.exception("what Stripe said of %s could not be applied (%s)", object_id, actor.name)
            unanswered += 1
    return Reconciled(len(asks), unanswered)


def close_checkout(account: Account, checkout: Checkout, *, actor: Actor) -> Apply:
    """Closes the hosted page of an attempt at Stripe; the answer is how to apply what it was found to be, which may be paid."""
    found = stripe_gateway.expire_session(account, checkout.session_id or "")
    return lambda session: settle_checkout(session, found, actor=actor)


def _uuid(word: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(word)
    except ValueError:
        return None
