"""Who may book what arrived, and pay back."""

import uuid

from portal.foundation.labels import N_
from portal.money.ledger.policies import may_move
from portal.money.payments.models import Refund, RefundState
from portal.tenancy.actor import Actor, Rank
from portal.tenancy.guards import otherwise


@otherwise(
    N_(
        "Only finance records money and pays it back, an acting deputy up to the ceiling of "
        "the appointment."
    )
)
def may_record_payment(actor: Actor, amount: int) -> bool:
    """Finance, an acting deputy up to the ceiling of the appointment (fen)."""
    return may_move(actor, Rank.CLERK, amount)


@otherwise(
    N_(
        "A refund is decided by finance's head or the secretary-general, an acting one up to "
        "the ceiling, and by nobody who asked for it or recorded the money."
    )
)
def may_decide_refund(actor: Actor, refund: Refund, recorders: set[uuid.UUID]) -> bool:
    """Finance's head or the secretary-general, who had no hand in it before.

    Who neither asked for it nor recorded money of the enterprise (会计不得兼任出纳).

    An acting deputy only up to the ceiling of the appointment.
    """
    asked = refund.steps[0].person_id if refund.steps else None
    return (
        may_move(actor, Rank.HEAD, refund.amount)
        and actor.person_id != asked
        and actor.person_id not in recorders
    )


def may_withdraw_refund(actor: Actor, refund: Refund) -> bool:
    """Whoever asked for a refund takes it back until it is decided."""
    return (
        refund.state is RefundState.REQUESTED
        and bool(refund.steps)
        and actor.person_id == refund.steps[0].person_id is not None
    )
