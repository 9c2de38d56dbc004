"""Who sees and keeps meetings."""

from portal.foundation.labels import N_
from portal.tenancy.actor import MEMBERSHIP, OFFICE, Actor, Rank
from portal.tenancy.guards import otherwise


@otherwise(N_("Only the membership department and the general office do this."))
def may_see_meetings(actor: Actor) -> bool:
    """The membership department and the general office prepare and follow meetings."""
    return actor.holds(MEMBERSHIP) or actor.holds(OFFICE)


@otherwise(N_("Officers of the membership department and the general office keep the meetings."))
def may_keep_meetings(actor: Actor) -> bool:
    """Officers of the membership department and the general office keep meetings.

    And their heads: they call meetings and enter what was decided.
    """
    return actor.holds(MEMBERSHIP, Rank.OFFICER) or actor.holds(OFFICE, Rank.OFFICER)
