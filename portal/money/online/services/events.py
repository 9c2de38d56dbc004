"""Events that Stripe signed: kept once, then what they are about is fetched and applied.

And the regular look at whatever has no end yet.

An event only says what to fetch: neither its order nor its content is believed. What the worker
does outside a transaction takes the world's doors and opens one for each result.
"""

import datetime as dt
import functools
import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from portal.audit.record import record
from portal.foundation.errors import DomainError
from portal.jobs.outbox import enqueue
from portal.money.online import stripe_gateway
from portal.money.online.models import Checkout, OnlineAction, ParkReason, StripeEvent, StripeKeys
from portal.money.online.queries import (
    find_keys,
    find_payment_of_intent,
    has_online_payments,
    list_heard_of,
    list_known_intents,
    list_refunds_on_their_way,
    list_under_way,
    list_without_fee,
)
from portal.money.online.services.checkouts import end_unopened, settle_checkout
from portal.money.online.services.parking import park, park_dispute
from portal.money.online.stripe_gateway import Account, Declined, Event, Returned, Unreachable
from portal.money.payments.models import Refund, RefundState
from portal.money.payments.services.refunds import apply_refund
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.session import ChamberSession, Doors

log = logging.getLogger("portal.stripe")
KINDS = ("checkout.session.", "refund.", "charge.dispute.")
"""What the portal listens to. A refund made in Stripe's own pages comes as refund.created."""
Apply = Callable[[ChamberSession], None]
LISTED_FOR = dt.timedelta(days=30)
"""How far back refunds and disputes that nobody here asked for are looked for."""
FEE_AFTER = dt.timedelta(days=7)
"""How long Stripe is asked again what it kept of a payment."""


@dataclass(frozen=True)
class Reconciled:
    """What a look at Stripe found.

    How many payments and refunds were asked for, and for how many Stripe gave no answer.
    """

    asked: int = 0
    unanswered: int = 0


def receive_stripe_event(session: ChamberSession, event: Event, *, actor: Actor) -> None:
    """Keeps a signed event once and calls for what it is about to be fetched.

    The same event again, or one of another kind, changes nothing.
    """
    if not event.kind.startswith(KINDS):
        return
    if (
        session.scalar(sa.select(StripeEvent.id).where(StripeEvent.event_id == event.id))
        is not None
    ):
        return
    row = StripeEvent(
        event_id=event.id,
        kind=event.kind,
        object_id=event.object_id,
        happened_at=event.happened_at,
        received_at=session.now(),
    )
    session.add(row)
    session.flush()
    record(
        session,
        OnlineAction.EVENT_RECEIVED,
        row,
        actor=actor,
        department=FINANCE,
        event=event.id,
        kind=event.kind,
    )
    enqueue(
        session,
        "read_stripe_event",
        unique_key=f"{session.chamber_id}:{event.id}",
        priority=8,
        event_id=row.id,
    )


def fetch_for(account: Account, kind: str, object_id: str, *, actor: Actor) -> Apply:
    """Asks Stripe for what an event is about; the answer is how to apply it. Unreachable.

    Declined where Stripe knows nothing of it.
    """
    if kind.startswith("checkout.session."):
        session_found = stripe_gateway.fetch_session(account, object_id)
        return lambda session: settle_checkout(session, session_found, actor=actor)
    if kind.startswith("refund."):
        returned = stripe_gateway.fetch_refund(account, object_id)
        return lambda session: settle_refund(session, returned, actor=actor)
    disputed = stripe_gateway.fetch_dispute(account, object_id)
    return lambda session: park_dispute(session, disputed, actor=actor)


def settle_refund(session: ChamberSession, found: Returned, *, actor: Actor) -> None:
    """Applies a refund that Stripe reports to the one that asked for it.

    One that nobody here asked for is parked.
    """
    refund = session.scalars(
        sa.select(Refund).where(Refund.reference == found.id)
    ).one_or_none() or session.find(Refund, _uuid(found.reference))
    if (
        refund is None
        or refund.payment_id is None
        or refund.amount != found.amount
        or refund.state in {RefundState.REQUESTED, RefundState.DECLINED}
    ):
        payment, details = (
            find_payment_of_intent(session, found.payment_intent),
            {"status": found.status, "payment_intent": found.payment_intent},
        )
        park(
            session,
            ParkReason.REFUND,
            found.id,
            found.amount,
            found.currency,
            details,
            payment_id=payment.id if payment else None,
            actor=actor,
        )
    else:
        apply_refund(
            session, refund, reference=found.id, status=found.status, why=found.reason, actor=actor
        )


def reconcile_chamber(
    doors: Doors,
    chamber_id: uuid.UUID,
    account_for: Callable[[StripeKeys], Account],
    *,
    actor: Actor,
) -> Reconciled:
    """Asks Stripe about every attempt and refund that has no end yet.

    Each answer is applied in a transaction of its own.

    What Stripe does not answer, and what cannot be applied, is left for the next look: one never
    stops the others. So nothing depends on an event having arrived: refunds and disputes of the
    last thirty days that were made in Stripe's own pages are found too. Attempts that Stripe opened
    no page for are ended.
    """
    with doors.chamber(chamber_id) as session:
        keys, asks = find_keys(session), _without_end(session)
    if keys is None:
        return Reconciled()
    with doors.chamber(chamber_id, writing=True) as session:
        end_unopened(session, actor=actor)
    try:
        account = account_for(keys)
    except Unreachable as error:
        log.error("Stripe cannot be asked: %s (%s)", error, actor.name)
        return Reconciled(len(asks), len(asks))
    fetches: list[tuple[str, Callable[[], Apply]]] = [
        (object_id, functools.partial(fetch_for, account, kind, object_id, actor=actor))
        for kind, object_id in asks
    ]
    known = {object_id for _, object_id in asks}
    try:
        fetches += [
            (object_id, functools.partial(_told, apply))
            for object_id, apply in _unheard(doors, chamber_id, account, known, actor=actor)
        ]
    except (Unreachable, Declined) as error:
        log.warning("Stripe does not list what happened: %s (%s)", error, actor.name)
    return _apply_each(doors, chamber_id, fetches, actor=actor)


def _without_end(session: ChamberSession) -> list[tuple[str, str]]:
    """The attempts and refunds that have no end yet, or no fee: kind and Stripe's id of each."""
    attempts = [*list_under_way(session), *list_without_fee(session, session.now() - FEE_AFTER)]
    refunds = list_refunds_on_their_way(session)
    return [("checkout.session.", c.session_id or "") for c in attempts] + [
        ("refund.", r.reference or "") for r in refunds
    ]


def _apply_each(
    doors: Doors,
    chamber_id: uuid.UUID,
    fetches: Sequence[tuple[str, Callable[[], Apply]]],
    *,
    actor: Actor,
) -> Reconciled:
    unanswered = 0
    for number, (object_id, fetch) in enumerate(fetches):
        try:
            apply = fetch()
            with doors.chamber(chamber_id, writing=True) as session:
                apply(session)
        except Unreachable as error:
            log.warning("Stripe does not answer: %s (%s)", error, actor.name)
            return Reconciled(len(fetches), unanswered + len(fetches) - number)
        except Declined as error:
            log.warning("Stripe gave no answer about %s: %s (%s)", object_id, error, actor.name)
            unanswered += 1
        except (DomainError, IntegrityError):
            log.exception("what Stripe said of %s could not be applied (%s)", object_id, actor.name)
            unanswered += 1
    return Reconciled(len(fetches), unanswered)


def _unheard(
    doors: Doors, chamber_id: uuid.UUID, account: Account, asked: set[str], *, actor: Actor
) -> Iterator[tuple[str, Apply]]:
    """The refunds and disputes that Stripe knows otherwise than the portal.

    Of payments of this chamber: those that the portal does not know, or not as they are now; none
    that is `asked` for anyway.
    """
    with doors.chamber(chamber_id) as session:
        since = session.now() - LISTED_FOR
        if not has_online_payments(session):
            return
    refunds, disputes = (
        stripe_gateway.list_refunds_since(account, since),
        stripe_gateway.list_disputes_since(account, since),
    )
    with doors.chamber(chamber_id) as session:
        ours = list_known_intents(
            session, {r.payment_intent for r in refunds} | {d.payment_intent for d in disputes}
        )
        heard = list_heard_of(session, {r.id for r in refunds} | {d.id for d in disputes})
    for refund in refunds:
        if (
            refund.payment_intent in ours
            and refund.id not in asked
            and (refund.id, refund.status) not in heard
        ):
            yield refund.id, functools.partial(settle_refund, found=refund, actor=actor)
    for dispute in disputes:
        if dispute.payment_intent in ours and (dispute.id, dispute.status) not in heard:
            yield dispute.id, functools.partial(park_dispute, found=dispute, actor=actor)


def _told(apply: Apply) -> Apply:
    return apply


def close_checkout(account: Account, checkout: Checkout, *, actor: Actor) -> Apply:
    """Closes the hosted page of an attempt at Stripe.

    The answer is how to apply what it was found to be, which may be paid.
    """
    found = stripe_gateway.expire_session(account, checkout.session_id or "")
    return lambda session: settle_checkout(session, found, actor=actor)


def _uuid(word: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(word)
    except ValueError:
        return None
