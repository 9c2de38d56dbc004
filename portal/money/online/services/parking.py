"""What Stripe reports and the portal does not book by itself.

Parked for finance, and dealt with by a person.
"""

import uuid
from typing import Any

import sqlalchemy as sa

from portal.audit.record import record
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.money.ledger.policies import may_record_payments
from portal.money.online.models import (
    PARKED_MOVES,
    OnlineAction,
    Parked,
    ParkedSettling,
    ParkedState,
    ParkReason,
)
from portal.money.online.queries import find_payment_of_intent
from portal.money.online.stripe_gateway import Disputed
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def park(
    session: ChamberSession,
    reason: ParkReason,
    reference: str,
    amount: int,
    currency: str,
    details: dict[str, Any],
    *,
    payment_id: uuid.UUID | None = None,
    actor: Actor,
) -> Parked:
    """Lays a report before finance, once by reason and reference.

    Told again, its details are brought up to date.

    Other news of what was dealt with already (a dispute that is lost now) lays the same report
    before finance again.
    """
    same = sa.select(Parked).where(Parked.reason == reason, Parked.reference == reference)
    parked = session.scalars(same).one_or_none()
    if parked is not None:
        parked = session.lock(parked)
        if not _bring_up_to_date(session, parked, details, payment_id):
            return parked
    else:
        parked = Parked(
            reason=reason,
            reference=reference,
            amount=amount,
            currency=currency.upper()[:10],
            details=details,
            payment_id=payment_id,
            parked_at=session.now(),
        )
        session.add(parked)
        session.flush()
    told = {"reason": reason.value, "reference": reference, "amount": amount}
    record(session, OnlineAction.MONEY_PARKED, parked, actor=actor, department=FINANCE, **told)
    return parked


def _bring_up_to_date(
    session: ChamberSession, parked: Parked, details: dict[str, Any], payment_id: uuid.UUID | None
) -> bool:
    """Whether a report that was dealt with lies before finance again, for there is news of it."""
    settled, news = parked.state is ParkedState.SETTLED, parked.details != details
    parked.details, parked.payment_id = details, parked.payment_id or payment_id
    if not (settled and news):
        return False
    move(parked, ParkedState.PARKED, PARKED_MOVES)
    parked.parked_at = session.now()
    return True


def park_dispute(session: ChamberSession, found: Disputed, *, actor: Actor) -> None:
    """Lays a dispute (拒付) before finance, with the payment it is about. Nothing is booked.

    Stripe holds the money until it is decided.
    """
    payment = find_payment_of_intent(session, found.payment_intent)
    details = {"status": found.status, "why": found.reason, "payment_intent": found.payment_intent}
    park(
        session,
        ParkReason.DISPUTE,
        found.id,
        found.amount,
        found.currency,
        details,
        payment_id=payment.id if payment else None,
        actor=actor,
    )


def settle_parked(session: ChamberSession, parked: Parked, note: str, *, actor: Actor) -> None:
    """Writes down what was done about a report. NotPermitted; InvalidInput without a note.

    IllegalMove where it was dealt with already.
    """
    guard(may_record_payments, actor)
    if not note.strip():
        raise InvalidInput("note", N_("Say what was done. It stands in the books."))
    parked = session.lock(parked)
    move(parked, ParkedState.SETTLED, PARKED_MOVES)
    session.add(
        ParkedSettling(
            parked_id=parked.id, note=note.strip(), settled_at=session.now(), settled_by=actor.name
        )
    )
    record(
        session,
        OnlineAction.PARKED_SETTLED,
        parked,
        actor=actor,
        department=FINANCE,
        reference=parked.reference,
    )
