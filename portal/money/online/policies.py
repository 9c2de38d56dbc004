"""Who keeps the keys of online payment."""

from portal.tenancy.actor import FINANCE, OFFICE, Actor, Rank


def may_keep_keys(actor: Actor) -> bool:
    """Finance's head and the head of the general office set the keys of the chamber's Stripe account."""
    return actor.holds(FINANCE, Rank.HEAD) or actor.holds(OFFICE, Rank.HEAD)
