"""What features above add to an act on an invoice, in its own transaction.

They register it, invoices know nobody above.
"""

import uuid
from collections.abc import Collection
from typing import Protocol

from portal.money.invoices.models import Invoice
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession


class MoneyMoved(Protocol):
    """Follows what was settled of some parties' invoices, or set free again."""

    def __call__(
        self,
        session: ChamberSession,
        party_ids: Collection[uuid.UUID],
        reason: str,
        *,
        actor: Actor,
    ) -> None: ...


class TakingBack(Protocol):
    """Looks at an invoice that is to be taken back whole, or was, under its lock.

    Refused where it may not be.
    """

    def __call__(self, session: ChamberSession, invoice: Invoice) -> None: ...


MONEY_MOVED: list[MoneyMoved] = []
TAKING_BACK: list[TakingBack] = []
TAKEN_BACK: list[TakingBack] = []


def tell_money_moved(
    session: ChamberSession, party_ids: Collection[uuid.UUID], reason: str, *, actor: Actor
) -> None:
    """Lets every feature follow that parties' invoices were settled.

    Something of them, or set free again.
    """
    for follow in MONEY_MOVED:
        follow(session, party_ids, reason, actor=actor)


def check_taking_back(session: ChamberSession, invoice: Invoice) -> None:
    """Asks every feature whether an invoice may be taken back whole.

    Refused by the one that minds.
    """
    for check in TAKING_BACK:
        check(session, invoice)


def tell_taken_back(session: ChamberSession, invoice: Invoice) -> None:
    """Lets every feature follow that an invoice was taken back whole.

    Made void, or by credit notes.
    """
    for follow in TAKEN_BACK:
        follow(session, invoice)
