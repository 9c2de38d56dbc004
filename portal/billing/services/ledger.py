"""The one way into the ledger."""

import datetime as dt
import uuid
from collections.abc import Sequence

from portal.billing.models import Account, Journal, Posting
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession


def post(
    session: ChamberSession,
    sides: Sequence[tuple[Account, int]],
    *,
    enterprise_id: uuid.UUID,
    on: dt.date,
    invoice_id: uuid.UUID | None = None,
    payment_id: uuid.UUID | None = None,
    actor: Actor,
) -> Journal:
    """Appends one balanced entry (debit positive, credit negative, in fen); ValueError where the sides do not add up to zero.

    The act that calls for it is audited by the caller, under `actor`.
    """
    if sum(amount for _, amount in sides) != 0:
        raise ValueError(f"{actor.name} posts an entry that does not balance: {sides}")
    journal = Journal(posted_on=on, posted_at=session.now(), invoice_id=invoice_id, payment_id=payment_id)
    session.add(journal)
    session.flush()
    session.add_all(Posting(journal_id=journal.id, account=account, enterprise_id=enterprise_id, amount=amount) for account, amount in sides if amount)
    session.flush()
    return journal
