"""Who may do what with enterprises."""

import uuid

from portal.foundation.labels import N_
from portal.members.enterprises.models import Amendment
from portal.tenancy.actor import FINANCE, MEMBERSHIP, OFFICE, Actor, ActorKind, Rank
from portal.tenancy.guards import otherwise


@otherwise(N_("Only colleagues who work with the roll write notes."))
def may_see_roll(actor: Actor) -> bool:
    """The membership department, the general office and finance work with the roll."""
    return any(actor.holds(department) for department in (MEMBERSHIP, OFFICE, FINANCE))


@otherwise(N_("Only the membership department and the general office keep the roll."))
def may_keep_roll(actor: Actor) -> bool:
    """The membership department and the general office enter, tag and correct enterprises."""
    return actor.holds(MEMBERSHIP) or actor.holds(OFFICE)


def may_see_contacts(actor: Actor) -> bool:
    """Who keeps the roll reads phones and addresses whole.

    Others see them masked (个人信息保护法: collect and show what is needed).
    """
    return may_keep_roll(actor)


@otherwise(
    N_("Only the membership department, the general office and the enterprise itself correct it.")
)
def may_ask_for_amendment(actor: Actor, enterprise_id: uuid.UUID | None = None) -> bool:
    """Who keeps the roll, and the enterprise itself."""
    return may_keep_roll(actor) or (
        actor.kind is ActorKind.CONTACT
        and (enterprise_id is None or actor.enterprise_id == enterprise_id)
    )


def may_decide_amendments(actor: Actor) -> bool:
    """Officers of the membership department and the office decide on changes of identity."""
    return actor.holds(MEMBERSHIP, Rank.OFFICER) or actor.holds(OFFICE, Rank.OFFICER)


@otherwise(N_("A change of identity is decided by an officer who did not ask for it."))
def may_decide_amendment(actor: Actor, amendment: Amendment) -> bool:
    """They do, but nobody on what they asked for themselves."""
    return may_decide_amendments(actor) and actor.person_id != amendment.asked_by_id
