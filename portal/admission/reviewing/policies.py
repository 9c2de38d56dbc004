"""Who may do what beside deciding."""

from portal.admission.applications.models import Application
from portal.admission.applications.policies import may_decide, may_review
from portal.foundation.labels import N_
from portal.governance.meetings.policies import may_keep_meetings
from portal.money.ledger.policies import may_record_payments
from portal.tenancy.actor import MEMBERSHIP, OFFICE, Actor, Rank
from portal.tenancy.guards import otherwise


@otherwise(N_("The checklist is kept by the reviewers and by whoever decides the present step."))
def may_tick(actor: Actor, application: Application) -> bool:
    """Reviewers keep the checklist of an application, and whoever decides its open step."""
    return may_review(actor) or (
        application.open_step is not None and may_decide(actor, application.open_step)
    )


@otherwise(N_("Its holder, or an officer of the department, hands an application over."))
def may_hand_over(actor: Actor, application: Application) -> bool:
    """Whoever holds an application, and the officers of the reviewing departments."""
    return may_keep_meetings(actor) or (
        may_review(actor)
        and application.handler_id is not None
        and application.handler_id == actor.person_id
    )


@otherwise(N_("An officer of the membership department or the general office decides this."))
def may_decide_duplicates(actor: Actor) -> bool:
    """An officer or head says whether two enterprises are one.

    Of the membership department or the general office.
    """
    return may_keep_meetings(actor)


@otherwise(N_("Only the membership department and the general office do this."))
def may_record_objections(actor: Actor) -> bool:
    """Whoever reviews writes down what is objected to a public notice."""
    return may_review(actor)


@otherwise(
    N_("Only the head of the membership department or of the general office keeps the checklist.")
)
def may_keep_checklist(actor: Actor) -> bool:
    """The heads of the membership department and the general office, and the secretary-general."""
    return actor.holds(MEMBERSHIP, Rank.HEAD) or actor.holds(OFFICE, Rank.HEAD)


def has_turns(actor: Actor) -> bool:
    """Reviewers, and the departments that may stand in a chain."""
    return may_review(actor) or any(post.department_id for post in actor.posts)


def may_follow_payments(actor: Actor) -> bool:
    """Whoever sees to it that a member's first dues stay paid: reviewers and finance."""
    return may_review(actor) or may_record_payments(actor)
