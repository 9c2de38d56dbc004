"""Who may enter dues schedules."""

from portal.foundation.labels import N_
from portal.tenancy.actor import FINANCE, OFFICE, Actor, Rank
from portal.tenancy.guards import otherwise


@otherwise(N_("Only the heads of finance and of the general office enter dues schedules."))
def may_edit_schedules(actor: Actor) -> bool:
    """Finance's head and the head of the general office enter dues schedules."""
    return actor.holds(FINANCE, Rank.HEAD) or actor.holds(OFFICE, Rank.HEAD)
