"""Returned for correction, field by field, and answered by the applicant.

Every version is kept.
"""

from collections.abc import Mapping

import sqlalchemy as sa

from portal.admission.applications.models import (
    APPLICATION_MOVES,
    Application,
    ApplicationAction,
    ApplicationState,
    ApplicationStep,
    CorrectionItem,
    CorrectionRequest,
    StepKind,
    StepState,
)
from portal.admission.applications.models.actions import ApplicationMail
from portal.admission.applications.policies import may_decide, may_review
from portal.admission.applications.queries.questions import list_questions
from portal.admission.applications.queries.reading import find_open_correction
from portal.admission.applications.rules import CORRECTABLE, FIELD_NAMES
from portal.admission.applications.services.telling import tell_applicant
from portal.admission.reviewing.services.opening import count_days
from portal.audit.record import record
from portal.foundation.clock import day_in
from portal.foundation.errors import IllegalMove, InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def lock_with_step(
    session: ChamberSession, application: Application, step: ApplicationStep
) -> Application:
    """Holds an application and its open step, in this order.

    IllegalMove where `actor` comes too late: the step is decided, or another's.
    """
    application, step = session.lock(application), session.lock(step)
    if step.state is not StepState.OPEN or step.application_id != application.id:
        raise IllegalMove(
            N_("This step has been decided already. Open the application to see how.")
        )
    return application


def return_application(
    session: ChamberSession,
    application: Application,
    step: ApplicationStep,
    reasons: Mapping[str, str],
    *,
    actor: Actor,
) -> CorrectionRequest:
    """Gives an application back with a reason for each field.

    The step stays open and goes on with the corrected version.

    NotPermitted for others than who decide the step; InvalidInput without a field or for one that
    cannot be corrected; IllegalMove where it is not in review (any more). The applicant is told by
    mail.
    """
    guard(may_decide, actor, step)
    asked = {field: reason.strip() for field, reason in reasons.items() if reason.strip()}
    if not asked or set(asked) - set(CORRECTABLE) - {
        question.field for question in list_questions(session)
    }:
        raise InvalidInput("fields", N_("Give a reason beside each field that needs correction."))
    application = lock_with_step(session, application, step)
    move(application, ApplicationState.RETURNED, APPLICATION_MOVES)
    request = CorrectionRequest(
        application_id=application.id, asked_at=session.now(), asked_by=actor.name
    )
    session.add(request)
    session.flush()
    session.add_all(
        CorrectionItem(request_id=request.id, field=field, reason=reason)
        for field, reason in asked.items()
    )
    record(session, ApplicationAction.RETURNED, application, actor=actor, fields=sorted(asked))
    _tell(session, application, asked, actor=actor)
    return request


def remind_of_correction(
    session: ChamberSession, application: Application, *, actor: Actor
) -> None:
    """Mails once more, with its link, what the applicant is asked to correct.

    NotPermitted for others than reviewers; Refused where nothing is asked.
    """
    guard(may_review, actor)
    request = find_open_correction(session, application.id)
    if request is None or application.state is not ApplicationState.RETURNED:
        raise Refused(N_("Nothing is returned for correction."))
    _tell(session, application, {item.field: item.reason for item in request.items}, actor=actor)
    record(session, ApplicationAction.REMINDED, application, actor=actor)


def take_return_back(
    session: ChamberSession, application: Application, step: ApplicationStep, *, actor: Actor
) -> None:
    """The review goes on with what the applicant sent last.

    The return was a mistake, or nobody answers it. A public notice begins anew.

    NotPermitted for others than who decide the step; IllegalMove where nothing is returned (any
    more).
    """
    guard(may_decide, actor, step)
    application = lock_with_step(session, application, step)
    request = find_open_correction(session, application.id)
    move(application, ApplicationState.IN_REVIEW, APPLICATION_MOVES)
    resume_review(session, application, request)
    record(session, ApplicationAction.RETURN_TAKEN_BACK, application, actor=actor)


def _tell(
    session: ChamberSession, application: Application, asked: Mapping[str, str], *, actor: Actor
) -> None:
    """Mails what to correct, each field by its name in the applicant's language."""
    titles = {
        q.field: q.title_zh if application.language == "zh" else q.title_en
        for q in list_questions(session, retired=True)
    }
    names = [FIELD_NAMES.get(field) or titles.get(field, field) for field in asked]
    tell_applicant(
        session,
        application,
        ApplicationMail.RETURNED,
        actor=actor,
        fields=names,
        reasons=list(asked.values()),
    )


def _give_days_back(
    session: ChamberSession, application: Application, request: CorrectionRequest
) -> None:
    """The days that an application was with its applicant are none of the step's.

    Its deadline, which `actor` works by, moves by as many.
    """
    zone = settings_of(session).zone
    days = day_in(session.now(), zone) - day_in(request.asked_at, zone)
    query = sa.select(ApplicationStep).where(
        ApplicationStep.application_id == application.id,
        ApplicationStep.kind != StepKind.NOTICE,
        ApplicationStep.state == StepState.OPEN,
    )
    for step in session.scalars(query):
        step.due_on = step.due_on + days if step.due_on else None


def resume_review(
    session: ChamberSession, application: Application, request: CorrectionRequest | None
) -> None:
    """The review goes on after a return, by what `actor` did.

    Notices begin anew, other steps get the days back.
    """
    if request is not None:
        request.answered_at = session.now()
        _give_days_back(session, application, request)
    _publish_again(session, application)


def _publish_again(session: ChamberSession, application: Application) -> None:
    """A notice that stands counts its days anew.

    What it says has changed, or it did not stand in public meanwhile.
    """
    query = sa.select(ApplicationStep).where(
        ApplicationStep.application_id == application.id,
        ApplicationStep.kind == StepKind.NOTICE,
        ApplicationStep.state == StepState.OPEN,
    )
    for step in session.scalars(query):
        count_days(session, step)
