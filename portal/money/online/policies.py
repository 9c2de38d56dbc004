"""Who keeps the keys of online payment, and who pays so."""

from portal.money.invoices.models import Invoice
from portal.tenancy.actor import FINANCE, OFFICE, Actor, Rank


def may_keep_keys(actor: Actor) -> bool:
    """Finance's head and the head of the general office set the keys of the chamber's Stripe account."""
    return actor.holds(FINANCE, Rank.HEAD) or actor.holds(OFFICE, Rank.HEAD)


def may_pay_online(actor: Actor, invoice: Invoice) -> bool:
    """The enterprise itself, or whoever holds the link that was mailed to it."""
    return not actor.is_staff and actor.enterprise_id == invoice.party_id
