"""Who keeps the chamber's settings, and who looks after its machinery."""

from portal.tenancy.actor import OFFICE, Actor, Rank


def may_edit_settings(actor: Actor) -> bool:
    """The head of the general office and the secretary-general."""
    return actor.holds(OFFICE, Rank.HEAD)


def may_see_mails(actor: Actor) -> bool:
    """The general office looks after mails and failed jobs."""
    return actor.holds(OFFICE, Rank.OFFICER)
