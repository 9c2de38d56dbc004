"""Money that came online and left again past the portal."""

from portal.money.online.queries import went_back_at_stripe
from portal.money.payments.models import Payment
from portal.money.payments.services.undoing import undo_payment
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession


def undo_online_payment(
    session: ChamberSession, payment: Payment, reason: str, *, actor: Actor
) -> None:
    """Undoes an online payment of which Stripe reports that the whole left again.

    Refuses as undo_payment; Refused without such a report.
    """
    undo_payment(
        session, payment, reason, left_again=went_back_at_stripe(session, payment), actor=actor
    )
