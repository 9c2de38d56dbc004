"""Returned for correction, field by field, and answered by the applicant; every version is kept."""

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from portal.applications.models import (
    APPLICATION_MOVES,
    Application,
    ApplicationAction,
    ApplicationState,
    ApplicationStep,
    ApplicationVersion,
    CorrectionItem,
    CorrectionRequest,
    StepKind,
    StepState,
)
from portal.applications.models.actions import ApplicationMail
from portal.applications.policies import may_decide, may_review, owns_application
from portal.applications.queries.questions import list_answers, list_questions
from portal.applications.queries.reading import find_open_correction
from portal.applications.rules import CORRECTABLE, FIELD_NAMES, AnswerValue, is_question
from portal.applications.services.asking import check_answers, keep_answers, show_uploads
from portal.applications.services.duplicates import note_duplicates
from portal.applications.services.opening import count_days
from portal.applications.services.telling import tell_applicant
from portal.audit.record import record
from portal.foundation.clock import day_in
from portal.foundation.errors import IllegalMove, InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.guards import guard
from portal.tenancy.search_index import index_subject
from portal.tenancy.session import ChamberSession


def keep_version(session: ChamberSession, application: Application, *, actor: Actor) -> ApplicationVersion:
    """Freezes what the applicant wrote as the next version. Called where it is sent, under the application's lock; `actor` sends it."""
    last = session.scalar(sa.select(sa.func.max(ApplicationVersion.number)).where(ApplicationVersion.application_id == application.id)) or 0
    snapshot = {name: _plain(getattr(application, name)) for name in ("uscc", "legacy_reason", "dues_years", *CORRECTABLE)} | {"sent_by": actor.name}
    snapshot |= {answer.question.field: str(answer.file_id) if answer.file_id else answer.words for answer in list_answers(session, application.id)}
    version = ApplicationVersion(application_id=application.id, number=last + 1, snapshot=snapshot, made_at=session.now())
    session.add(version)
    return version


def lock_with_step(session: ChamberSession, application: Application, step: ApplicationStep) -> Application:
    """Holds an application and its open step, in this order; IllegalMove where `actor` comes too late: the step is decided, or another's."""
    application, step = session.lock(application), session.lock(step)
    if step.state is not StepState.OPEN or step.application_id != application.id:
        raise IllegalMove(N_("This step has been decided already. Open the application to see how."))
    return application


def return_application(session: ChamberSession, application: Application, step: ApplicationStep, reasons: Mapping[str, str], *, actor: Actor) -> CorrectionRequest:
    """Gives an application back with a reason for each field; the step stays open and goes on with the corrected version.

    NotPermitted for others than who decide the step; InvalidInput without a field or for one that cannot be corrected;
    IllegalMove where it is not in review (any more). The applicant is told by mail.
    """
    guard(may_decide, actor, step)
    asked = {field: reason.strip() for field, reason in reasons.items() if reason.strip()}
    if not asked or set(asked) - set(CORRECTABLE) - {question.field for question in list_questions(session)}:
        raise InvalidInput("fields", N_("Give a reason beside each field that needs correction."))
    application = lock_with_step(session, application, step)
    move(application, ApplicationState.RETURNED, APPLICATION_MOVES)
    request = CorrectionRequest(application_id=application.id, asked_at=session.now(), asked_by=actor.name)
    session.add(request)
    session.flush()
    session.add_all(CorrectionItem(request_id=request.id, field=field, reason=reason) for field, reason in asked.items())
    record(session, ApplicationAction.RETURNED, application, actor=actor, fields=sorted(asked))
    _tell(session, application, asked, actor=actor)
    return request


def remind_of_correction(session: ChamberSession, application: Application, *, actor: Actor) -> None:
    """Mails once more, with its link, what the applicant is asked to correct. NotPermitted for others than reviewers; Refused where nothing is asked."""
    guard(may_review, actor)
    request = find_open_correction(session, application.id)
    if request is None or application.state is not ApplicationState.RETURNED:
        raise Refused(N_("Nothing is returned for correction."))
    _tell(session, application, {item.field: item.reason for item in request.items}, actor=actor)
    record(session, ApplicationAction.REMINDED, application, actor=actor)


def take_return_back(session: ChamberSession, application: Application, step: ApplicationStep, *, actor: Actor) -> None:
    """The review goes on with what the applicant sent last: the return was a mistake, or nobody answers it. A public notice begins anew.

    NotPermitted for others than who decide the step; IllegalMove where nothing is returned (any more).
    """
    guard(may_decide, actor, step)
    application = lock_with_step(session, application, step)
    request = find_open_correction(session, application.id)
    move(application, ApplicationState.IN_REVIEW, APPLICATION_MOVES)
    if request is not None:
        request.answered_at = session.now()
        _give_days_back(session, application, request)
    _publish_again(session, application)
    record(session, ApplicationAction.RETURN_TAKEN_BACK, application, actor=actor)


def _tell(session: ChamberSession, application: Application, asked: Mapping[str, str], *, actor: Actor) -> None:
    """Mails what to correct, each field by its name in the applicant's language."""
    titles = {q.field: q.title_zh if application.language == "zh" else q.title_en for q in list_questions(session, retired=True)}
    names = [FIELD_NAMES.get(field) or titles.get(field, field) for field in asked]
    tell_applicant(session, application, ApplicationMail.RETURNED, actor=actor, fields=names, reasons=list(asked.values()))


def _give_days_back(session: ChamberSession, application: Application, request: CorrectionRequest) -> None:
    """The days that an application was with its applicant are none of the step's: its deadline, which `actor` works by, moves by as many."""
    zone = settings_of(session).zone
    days = day_in(session.now(), zone) - day_in(request.asked_at, zone)
    query = sa.select(ApplicationStep).where(ApplicationStep.application_id == application.id, ApplicationStep.kind != StepKind.NOTICE, ApplicationStep.state == StepState.OPEN)
    for step in session.scalars(query):
        step.due_on = step.due_on + days if step.due_on else None


def correct_application(session: ChamberSession, application: Application, values: Mapping[str, Any], *, actor: Actor) -> None:
    """Takes the applicant's corrections of exactly the fields that were asked for, and goes on with the review; a public notice begins anew, and other steps get the days back.

    NotPermitted for others than the applicant; InvalidInput where other fields come along; IllegalMove where nothing is returned.
    """
    guard(owns_application, actor, application)
    application = session.lock(application)
    request = find_open_correction(session, application.id)
    move(application, ApplicationState.IN_REVIEW, APPLICATION_MOVES)
    asked = {item.field for item in request.items} if request else set()
    if "grade_id" in asked:
        asked |= {"dues_years", *(question.field for question in list_questions(session) if question.grade_id)}
    if request is None or set(values) - asked:
        raise InvalidInput("fields", N_("Only the fields that were asked for can be changed."))
    for name, value in values.items():
        if not is_question(name):
            setattr(application, name, value)
    _keep_answers(session, application, values)
    request.answered_at = session.now()
    _publish_again(session, application)
    _give_days_back(session, application, request)
    show_uploads(session, application)
    index_application(session, application)
    version = keep_version(session, application, actor=actor)
    note_duplicates(session, application, known=False, actor=actor)
    record(session, ApplicationAction.CORRECTED, application, actor=actor, fields=sorted(values), version=version.number)


def _publish_again(session: ChamberSession, application: Application) -> None:
    """A notice that stands counts its days anew: what it says has changed, or it did not stand in public meanwhile."""
    query = sa.select(ApplicationStep).where(ApplicationStep.application_id == application.id, ApplicationStep.kind == StepKind.NOTICE, ApplicationStep.state == StepState.OPEN)
    for step in session.scalars(query):
        count_days(session, step)


def _keep_answers(session: ChamberSession, application: Application, values: Mapping[str, Any]) -> None:
    """The corrected answers. Questions that nobody put to this applicant are asked only where the grade changes."""
    asked = list_questions(session)
    given = {answer.question_id: AnswerValue(answer.words, answer.file_id) for answer in list_answers(session, application.id)}
    put = [q for q in asked if q.field in values or q.id in given or ("grade_id" in values and q.grade_id == application.grade_id)]
    corrected = {question.id: values[question.field] for question in asked if question.field in values}
    check_answers(put, application.grade_id, given | corrected)
    keep_answers(session, application, corrected)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, uuid.UUID) else value if value is None or isinstance(value, int | str) else str(value)


def index_application(session: ChamberSession, application: Application) -> None:
    """Writes the search tokens of an application that `actor` submitted or changed: name, code, number, contact."""
    index_subject(session, "application", application.id, application.name, application.uscc, application.number or "", application.contact_name)
