"""Who may enter dues schedules."""

from portal.tenancy.actor import FINANCE, OFFICE, Actor, Rank


def may_edit_schedules(actor: Actor) -> bool:
    """Finance's head and the head of the general office enter dues schedules."""
    return actor.holds(FINANCE, Rank.HEAD) or actor.holds(OFFICE, Rank.HEAD)
