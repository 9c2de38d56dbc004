"""Who may do what with memberships and the chamber's settings of them."""

from portal.tenancy.actor import OFFICE, Actor, Rank


def may_edit_grades(actor: Actor) -> bool:
    """The head of the general office and the secretary-general keep the chamber's settings."""
    return actor.holds(OFFICE, Rank.HEAD)
