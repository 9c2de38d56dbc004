"""Who keeps the offices."""

from portal.tenancy.actor import OFFICE, Actor, Rank


def may_keep_offices(actor: Actor) -> bool:
    """The head of the general office and the secretary-general keep the chamber's settings."""
    return actor.holds(OFFICE, Rank.HEAD)
