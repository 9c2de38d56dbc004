"""Who may do what with money."""

from portal.billing.models import Invoice
from portal.tenancy.actor import FINANCE, MEMBERSHIP, OFFICE, Actor, ActorKind, Rank


def may_see_money(actor: Actor) -> bool:
    """Finance sees invoices and payments; the membership department looks on."""
    return actor.holds(FINANCE) or actor.holds(MEMBERSHIP)


def may_read_invoice(actor: Actor, invoice: Invoice) -> bool:
    """Finance and membership; and the enterprise that owes it."""
    if actor.is_staff:
        return may_see_money(actor)
    return actor.kind in {ActorKind.CONTACT, ActorKind.APPLICANT} and actor.enterprise_id == invoice.enterprise_id


def may_record_payments(actor: Actor) -> bool:
    """Finance records what arrived."""
    return actor.holds(FINANCE)


def may_record_payment(actor: Actor, amount: int) -> bool:
    """Finance, an acting deputy up to the ceiling of the appointment (fen)."""
    post = actor.post_in(FINANCE)
    return post is not None and (post.ceiling is None or amount <= post.ceiling)


def may_edit_schedules(actor: Actor) -> bool:
    """Finance's head and the head of the general office enter dues schedules."""
    return actor.holds(FINANCE, Rank.HEAD) or actor.holds(OFFICE, Rank.HEAD)
