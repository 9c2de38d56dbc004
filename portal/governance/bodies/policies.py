"""Who keeps the bodies."""

from portal.foundation.labels import N_
from portal.tenancy.actor import OFFICE, Actor, Rank
from portal.tenancy.guards import otherwise


@otherwise(N_("Only the secretary-general or the general office's head changes settings."))
def may_keep_bodies(actor: Actor) -> bool:
    """The head of the general office and the secretary-general say who decides.

    And by which rule.
    """
    return actor.holds(OFFICE, Rank.HEAD)
