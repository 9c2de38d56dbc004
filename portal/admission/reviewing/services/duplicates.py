"""Enterprises that an applicant may be already.

Found at submission, decided by a person, never guessed.
"""

from portal.admission.applications.models import Application, ApplicationAction, ApplicationState
from portal.admission.applications.queries.reading import find_open_application
from portal.admission.reviewing.models import DuplicateDecision, DuplicateGround, PossibleDuplicate
from portal.admission.reviewing.policies import may_decide_duplicates
from portal.admission.reviewing.queries.duplicates import (
    find_open_duplicate,
    find_similar,
    is_stranger,
    list_duplicates,
)
from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.services import mark_same
from portal.members.membership.queries import find_open_membership
from portal.tenancy.actor import Actor
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def note_duplicates(
    session: ChamberSession, application: Application, *, known: bool, actor: Actor
) -> None:
    """Writes down which enterprises the applicant of a submitted application may be.

    What is down already stays.

    `known`: the chamber had an enterprise of this code before `actor` sent the application. The
    same contact applying again is no stranger.
    """
    grounds: dict[Enterprise, DuplicateGround] = {}
    own = session.fetch(Enterprise, application.enterprise_id)
    if known and is_stranger(session, application):
        grounds[own] = DuplicateGround.USCC
    for enterprise, ground in find_similar(session, application.name, own.id):
        grounds.setdefault(enterprise, ground)
    down = {duplicate.enterprise_id for duplicate in list_duplicates(session, application.id)}
    for enterprise, ground in grounds.items():
        if enterprise.id not in down:
            session.add(
                PossibleDuplicate(
                    application_id=application.id,
                    enterprise_id=enterprise.id,
                    ground=ground,
                    found_at=session.now(),
                )
            )
            record(
                session,
                ApplicationAction.DUPLICATE_FOUND,
                application,
                actor=actor,
                ground=ground.value,
                uscc=enterprise.uscc,
            )


def decide_duplicate(
    session: ChamberSession,
    application: Application,
    duplicate: PossibleDuplicate,
    *,
    same: bool,
    reason: str,
    actor: Actor,
) -> DuplicateDecision:
    """A person says whether the applicant is that enterprise.

    Found the same under another code, the application goes over to the older record.

    NotPermitted for others than officers of 会员部 and 办公室; InvalidInput without a reason;
    Refused where it is decided or no longer in review, or where that enterprise is a member or has
    an open application: then this one is to be rejected.
    """
    guard(may_decide_duplicates, actor)
    if not reason.strip():
        raise InvalidInput("reason", N_("Write down why."))
    application = session.lock(application)
    duplicate = session.lock(duplicate)
    if application.state not in {ApplicationState.IN_REVIEW, ApplicationState.RETURNED} or any(
        d.decision for d in list_duplicates(session, application.id) if d.id == duplicate.id
    ):
        raise Refused(N_("This has been decided already. Open the application to see how."))
    if same and duplicate.enterprise_id != application.enterprise_id:
        _go_over(
            session, application, session.fetch(Enterprise, duplicate.enterprise_id), actor=actor
        )
    decision = DuplicateDecision(
        duplicate_id=duplicate.id,
        same=same,
        reason=reason.strip(),
        decided_by=actor.name,
        decided_at=session.now(),
    )
    session.add(decision)
    record(session, ApplicationAction.DUPLICATE_DECIDED, application, actor=actor, same=same)
    return decision


def check_duplicates(session: ChamberSession, application: Application) -> None:
    """Refused where a possible duplicate waits for its decision.

    Where `actor` would approve, also where the code was found to be another's.
    """
    if find_open_duplicate(session, application.id) is not None:
        raise Refused(
            N_(
                "This may be an enterprise the chamber knows already. Decide that first, on "
                "the application's page."
            )
        )
    if any(
        d.decision and not d.decision.same and d.ground is DuplicateGround.USCC
        for d in list_duplicates(session, application.id)
    ):
        raise Refused(
            N_(
                "The code was found to belong to another enterprise: reject the application "
                "with that reason."
            )
        )


def _go_over(
    session: ChamberSession, application: Application, other: Enterprise, *, actor: Actor
) -> None:
    own = session.fetch(Enterprise, application.enterprise_id)
    for enterprise in sorted((own, other), key=lambda e: e.id):
        session.lock(enterprise)
    if find_open_membership(session, other.id) is not None:
        raise Refused(
            N_("This enterprise is a member already; reject the application with that reason.")
        )
    if find_open_application(session, other.id) is not None:
        raise Refused(
            N_("That enterprise has an open application of its own; reject one of the two.")
        )
    application.enterprise_id = other.id
    session.flush()
    mark_same(session, own, other, actor=actor)
