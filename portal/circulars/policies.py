"""Who may do what with notices to members."""

from portal.circulars.models import Circular, CircularState
from portal.foundation.labels import N_
from portal.tenancy.actor import MEMBERSHIP, OFFICE, Actor, ActorKind, Rank
from portal.tenancy.guards import otherwise


@otherwise(N_("Only the membership department and the general office write notices."))
def may_write_circulars(actor: Actor) -> bool:
    """The membership department and the general office write notices."""
    return actor.holds(MEMBERSHIP) or actor.holds(OFFICE)


@otherwise(N_("Only officers of the membership department and the general office publish notices."))
def may_publish_circulars(actor: Actor) -> bool:
    """Their officers and heads publish and withdraw them."""
    return actor.holds(MEMBERSHIP, Rank.OFFICER) or actor.holds(OFFICE, Rank.OFFICER)


def may_read_circulars(actor: Actor) -> bool:
    """Whoever acts for an enterprise reads its notices."""
    return actor.kind is ActorKind.CONTACT


def may_change(actor: Actor, circular: Circular) -> bool:
    """A draft can be changed."""
    return may_write_circulars(actor) and circular.state is CircularState.DRAFT
