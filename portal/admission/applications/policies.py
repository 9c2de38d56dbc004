"""Who may do what with applications."""

from portal.admission.applications.models import Application, ApplicationStep, StepKind
from portal.foundation.labels import N_
from portal.governance.meetings.policies import may_keep_meetings
from portal.tenancy.actor import FINANCE, MEMBERSHIP, OFFICE, Actor, ActorKind, Rank
from portal.tenancy.guards import otherwise


def may_apply(actor: Actor) -> bool:
    """Anyone may ask to join."""
    return True


@otherwise(N_("Only the membership department and the general office do this."))
def may_review(actor: Actor) -> bool:
    """The membership department and the general office work on applications."""
    return actor.holds(MEMBERSHIP) or actor.holds(OFFICE)


def may_look_for_applications(actor: Actor) -> bool:
    """Reviewers, and the departments that may stand in a chain.

    Finance, which seldom does, comes by the link of a step.
    """
    return may_review(actor) or (actor.is_staff and not actor.holds(FINANCE))


def may_see_application(actor: Actor, application: Application) -> bool:
    """Reviewers see every submitted application; departments of its chain too."""
    if application.submitted_at is None:
        return False
    return may_review(actor) or any(
        post.department_id == step.department_id
        for post in actor.posts
        for step in application.steps
        if step.department_id
    )


@otherwise(N_("This step is decided by others: an officer or head of its department."))
def may_decide(actor: Actor, step: ApplicationStep) -> bool:
    """A department's officer or head decides its step.

    An officer or head of 会员部 or 办公室 enters a council's vote and keeps a public notice; the
    portal ends one.
    """
    if step.kind is not StepKind.DEPARTMENT:
        return may_keep_meetings(actor) or (step.kind is StepKind.NOTICE and actor.is_system)
    return step.department is not None and actor.holds(step.department.code, Rank.OFFICER)


def is_applicant(actor: Actor) -> bool:
    """Whoever came by the mailed link of an application."""
    return actor.kind is ActorKind.APPLICANT


@otherwise(N_("Only the applicant corrects or withdraws an application."))
def owns_application(actor: Actor, application: Application) -> bool:
    """The applicant of this very application."""
    return is_applicant(actor) and actor.application_id == application.id


def may_see_licence(actor: Actor, application: Application) -> bool:
    """Reviewers; finance does not need it."""
    return may_see_application(actor, application) and not (
        actor.holds(FINANCE) and not may_review(actor)
    )


@otherwise(
    N_(
        "Only the head of the membership department or of the general office decides what "
        "applicants are asked."
    )
)
def may_edit_questions(actor: Actor) -> bool:
    """The heads of the membership department and the general office, and the secretary-general."""
    return actor.holds(MEMBERSHIP, Rank.HEAD) or actor.holds(OFFICE, Rank.HEAD)


@otherwise(N_("Only the secretary-general or the general office's head changes settings."))
def may_edit_chain(actor: Actor) -> bool:
    """The head of the general office and the secretary-general keep the chain and the documents."""
    return actor.holds(OFFICE, Rank.HEAD)
