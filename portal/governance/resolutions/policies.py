"""Who reads, enters and publishes resolutions."""

from portal.foundation.labels import N_
from portal.tenancy.actor import FINANCE, MEMBERSHIP, OFFICE, Actor, ActorKind, Rank
from portal.tenancy.guards import otherwise


def may_see_resolutions(actor: Actor) -> bool:
    """The membership department, the general office, and finance, whose dues stand on them."""
    return actor.holds(MEMBERSHIP) or actor.holds(OFFICE) or actor.holds(FINANCE)


@otherwise(N_("Officers of the membership department and the general office keep the resolutions."))
def may_keep_resolutions(actor: Actor) -> bool:
    """Officers of the membership department and the general office keep resolutions.

    And their heads: they enter and publish them.
    """
    return actor.holds(MEMBERSHIP, Rank.OFFICER) or actor.holds(OFFICE, Rank.OFFICER)


def may_read_published(actor: Actor) -> bool:
    """Whoever acts for an enterprise reads what is published to the members."""
    return actor.kind is ActorKind.CONTACT
