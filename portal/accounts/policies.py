"""Who may do what with people."""

import uuid

from portal.accounts.models import SignIn
from portal.foundation.labels import N_
from portal.tenancy.actor import MEMBERSHIP, OFFICE, Actor, ActorKind, Rank
from portal.tenancy.guards import otherwise


def anyone(actor: Actor) -> bool:
    """Everybody may."""
    return True


def is_signed_in(actor: Actor) -> bool:
    """Somebody with an account may."""
    return actor.person_id is not None


def is_staff(actor: Actor) -> bool:
    """Whoever holds an appointment today may."""
    return actor.is_staff and bool(actor.posts)


def is_contact(actor: Actor) -> bool:
    """A person acting for an enterprise may."""
    return actor.kind is ActorKind.CONTACT


@otherwise(N_("Only the general office's head or the secretary-general appoints."))
def may_appoint(actor: Actor) -> bool:
    """The head of the general office and the secretary-general may appoint."""
    return actor.holds(OFFICE, Rank.HEAD)


@otherwise(
    N_(
        "Only the enterprise's own contacts, and those who keep the roll, invite and remove "
        "its contacts."
    )
)
def may_manage_colleagues(actor: Actor, enterprise_id: uuid.UUID) -> bool:
    """A contact may invite and remove colleagues of the same enterprise.

    Those who keep the roll may for any, where nobody of the enterprise can.
    """
    return (
        actor.enterprise_id == enterprise_id
        if is_contact(actor)
        else is_staff(actor) and (actor.holds(MEMBERSHIP) or actor.holds(OFFICE))
    )


def may_end_sign_in(actor: Actor, sign_in: SignIn) -> bool:
    """Each person may end their own sign-ins."""
    return actor.person_id == sign_in.person_id
