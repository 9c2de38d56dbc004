"""Who keeps the keys of online payment, and who pays so."""

from portal.foundation.labels import N_
from portal.money.invoices.models import Invoice
from portal.tenancy.actor import FINANCE, OFFICE, Actor, Rank
from portal.tenancy.guards import otherwise


@otherwise(
    N_("Only the heads of finance and of the general office set the keys for online payment.")
)
def may_keep_keys(actor: Actor) -> bool:
    """Finance's head and the general office's set the keys of the chamber's Stripe account."""
    return actor.holds(FINANCE, Rank.HEAD) or actor.holds(OFFICE, Rank.HEAD)


@otherwise(N_("Only the enterprise that owes an invoice pays it."))
def may_pay_online(actor: Actor, invoice: Invoice) -> bool:
    """The enterprise itself, or whoever holds the link that was mailed to it."""
    return not actor.is_staff and actor.enterprise_id == invoice.party_id
