"""The one way into the ledger."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.money.ledger.models import Account, Journal, JournalKind, Posting
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class Side:
    """One side of an entry: debit positive, credit negative, in fen."""

    account: Account
    enterprise_id: uuid.UUID
    amount: int


def post(
    session: ChamberSession,
    kind: JournalKind,
    sides: Sequence[Side],
    *,
    on: dt.date,
    invoice_id: uuid.UUID | None = None,
    payment_id: uuid.UUID | None = None,
    refund_id: uuid.UUID | None = None,
    reverses_id: uuid.UUID | None = None,
    actor: Actor,
) -> Journal:
    """Appends one balanced entry; ValueError where the sides of an enterprise do not add up to zero.

    The act that calls for it is audited by the caller, under `actor`.
    """
    for enterprise_id in {side.enterprise_id for side in sides}:
        if sum(side.amount for side in sides if side.enterprise_id == enterprise_id) != 0:
            raise ValueError(f"{actor.name} posts an entry that does not balance: {sides}")
    journal = Journal(kind=kind, posted_on=on, posted_at=session.now(), invoice_id=invoice_id, payment_id=payment_id, refund_id=refund_id, reverses_id=reverses_id)
    session.add(journal)
    session.flush()
    session.add_all(Posting(journal_id=journal.id, account=side.account, enterprise_id=side.enterprise_id, amount=side.amount) for side in sides if side.amount)
    session.flush()
    return journal


def take_back(session: ChamberSession, journal: Journal, kind: JournalKind, *, on: dt.date, actor: Actor) -> Journal:
    """Appends the entry that takes another back, side by side. Each entry is taken back once: the schema refuses a second time."""
    postings = session.scalars(sa.select(Posting).where(Posting.journal_id == journal.id)).all()
    sides = [Side(p.account, p.enterprise_id, -p.amount) for p in postings]
    origin = {"invoice_id": journal.invoice_id, "payment_id": journal.payment_id, "refund_id": journal.refund_id}
    return post(session, kind, sides, on=on, reverses_id=journal.id, actor=actor, **origin)
