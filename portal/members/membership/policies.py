"""Who may do what with memberships and the chamber's settings of them."""

from portal.foundation.labels import N_
from portal.tenancy.actor import OFFICE, Actor, Rank
from portal.tenancy.guards import otherwise


@otherwise(N_("Only the secretary-general or the general office's head changes settings."))
def may_edit_grades(actor: Actor) -> bool:
    """The head of the general office and the secretary-general keep the chamber's settings."""
    return actor.holds(OFFICE, Rank.HEAD)
