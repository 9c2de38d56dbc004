"""The applicant answers a return, field by field; every version is kept."""

from collections.abc import Mapping
from typing import Any

from portal.admission.applications.models import (
    APPLICATION_MOVES,
    Application,
    ApplicationAction,
    ApplicationState,
)
from portal.admission.applications.policies import owns_application
from portal.admission.applications.queries.questions import list_answers, list_questions
from portal.admission.applications.queries.reading import find_open_correction
from portal.admission.applications.rules import AnswerValue, is_question
from portal.admission.applications.services.asking import check_answers, keep_answers, show_uploads
from portal.admission.applications.services.versions import index_application, keep_version
from portal.admission.reviewing.services.duplicates import note_duplicates
from portal.admission.reviewing.services.returning import resume_review
from portal.audit.record import record
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.tenancy.actor import Actor
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def correct_application(
    session: ChamberSession, application: Application, values: Mapping[str, Any], *, actor: Actor
) -> None:
    """Takes the applicant's corrections, and goes on with the review.

    Of exactly the fields that were asked for; a public notice begins anew, and other steps get the
    days back.

    NotPermitted for others than the applicant; InvalidInput where other fields come along;
    IllegalMove where nothing is returned.
    """
    guard(owns_application, actor, application)
    application = session.lock(application)
    request = find_open_correction(session, application.id)
    move(application, ApplicationState.IN_REVIEW, APPLICATION_MOVES)
    asked = {item.field for item in request.items} if request else set()
    if "grade_id" in asked:
        asked |= {
            "dues_years",
            *(question.field for question in list_questions(session) if question.grade_id),
        }
    if request is None or set(values) - asked:
        raise InvalidInput("fields", N_("Only the fields that were asked for can be changed."))
    for name, value in values.items():
        if not is_question(name):
            setattr(application, name, value)
    _keep_answers(session, application, values)
    resume_review(session, application, request)
    show_uploads(session, application)
    index_application(session, application)
    version = keep_version(session, application, actor=actor)
    note_duplicates(session, application, known=False, actor=actor)
    record(
        session,
        ApplicationAction.CORRECTED,
        application,
        actor=actor,
        fields=sorted(values),
        version=version.number,
    )


def _keep_answers(
    session: ChamberSession, application: Application, values: Mapping[str, Any]
) -> None:
    """The corrected answers.

    Questions that nobody put to this applicant are asked only where the grade changes.
    """
    asked = list_questions(session)
    given = {
        answer.question_id: AnswerValue(answer.words, answer.file_id)
        for answer in list_answers(session, application.id)
    }
    put = [
        q
        for q in asked
        if q.field in values
        or q.id in given
        or ("grade_id" in values and q.grade_id == application.grade_id)
    ]
    corrected = {
        question.id: values[question.field] for question in asked if question.field in values
    }
    check_answers(put, application.grade_id, given | corrected)
    keep_answers(session, application, corrected)
