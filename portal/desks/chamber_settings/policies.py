"""Who keeps the chamber's settings, and who looks after its machinery."""

from portal.foundation.labels import N_
from portal.jobs.models import Mail, MailState
from portal.money.dues.policies import may_edit_schedules
from portal.tenancy.actor import OFFICE, Actor, Rank
from portal.tenancy.guards import otherwise


@otherwise(N_("Only the secretary-general or the general office's head changes settings."))
def may_edit_settings(actor: Actor) -> bool:
    """The head of the general office and the secretary-general."""
    return actor.holds(OFFICE, Rank.HEAD)


def may_only_edit_dues(actor: Actor) -> bool:
    """Finance's head, who keeps schedules and keys without the other settings.

    They find them in the menu itself.
    """
    return may_edit_schedules(actor) and not may_edit_settings(actor)


@otherwise(N_("Only the general office looks after mails and failed jobs."))
def may_see_mails(actor: Actor) -> bool:
    """The general office looks after mails and failed jobs."""
    return actor.holds(OFFICE, Rank.OFFICER)


def may_pass_link_on(actor: Actor, mail: Mail) -> bool:
    """Who may read the link of a mail that has not reached its reader.

    An applicant's the general office, an invitation's whoever may appoint; a password reset's
    nobody.
    """
    if mail.state is MailState.SENT:
        return False
    if mail.template.startswith("applications/") and mail.template != "applications/welcome":
        return may_see_mails(actor)
    return mail.template != "accounts/reset" and may_edit_settings(actor)
