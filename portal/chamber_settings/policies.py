"""Who keeps the chamber's settings, and who looks after its machinery."""

from portal.jobs.models import Mail
from portal.tenancy.actor import OFFICE, Actor, Rank


def may_edit_settings(actor: Actor) -> bool:
    """The head of the general office and the secretary-general."""
    return actor.holds(OFFICE, Rank.HEAD)


def may_see_mails(actor: Actor) -> bool:
    """The general office looks after mails and failed jobs."""
    return actor.holds(OFFICE, Rank.OFFICER)


def may_pass_link_on(actor: Actor, mail: Mail) -> bool:
    """Who may read the one-time link of a held mail: an applicant's by the general office, an invitation's by whoever may appoint; a password reset's by nobody."""
    if mail.template in {"applications/confirm", "applications/draft"}:
        return may_see_mails(actor)
    return mail.template != "accounts/reset" and may_edit_settings(actor)
