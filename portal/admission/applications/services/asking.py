"""The chamber's questions to applicants, and keeping the answers."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.admission.applications.models import (
    Answer,
    Application,
    ApplicationAction,
    Question,
    QuestionKind,
)
from portal.admission.applications.policies import may_edit_questions
from portal.admission.applications.queries.questions import list_answers
from portal.admission.applications.rules import AnswerValue, unanswered
from portal.audit.record import record
from portal.files.models import Preview
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.jobs.outbox import enqueue
from portal.members.membership.models import Grade
from portal.tenancy.actor import Actor
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession

ELIGIBILITY = (
    ("我单位拥护本会章程，自愿遵守", "We accept the chamber's charter and will keep it"),
    ("我单位有加入本会的意愿", "We wish to join the chamber"),
    (
        "我单位在本行业领域内具有一定影响，无严重失信记录",
        "We have standing in our trade and no record of serious breach of trust",
    ),
)
"""What every applicant attests item by item.

社会团体登记管理条例示范章程: 拥护章程、有加入意愿、在本领域具有一定影响.
"""


@dataclass(frozen=True)
class QuestionPlan:
    """A question as it is entered.

    `choices` for one of several answers, `grade` where only that grade is asked.
    """

    kind: QuestionKind
    title_zh: str
    title_en: str
    help_zh: str = ""
    help_en: str = ""
    choices: tuple[str, ...] = ()
    required: bool = True
    grade: Grade | None = None


def add_question(session: ChamberSession, plan: QuestionPlan, *, actor: Actor) -> Question:
    """Asks one question more of everybody who applies from now on. NotPermitted.

    InvalidInput for a choice of fewer than two answers.
    """
    guard(may_edit_questions, actor)
    if plan.kind is QuestionKind.CHOICE and len(set(plan.choices)) < 2:
        raise InvalidInput("choices", N_("Give at least two answers, one a line."))
    last = session.scalar(sa.select(sa.func.max(Question.position))) or 0
    words = {
        name: getattr(plan, name)
        for name in ("kind", "title_zh", "title_en", "help_zh", "help_en", "required")
    }
    question = Question(
        **words,
        choices=list(dict.fromkeys(plan.choices)),
        grade_id=plan.grade.id if plan.grade else None,
        position=last + 1,
    )
    session.add(question)
    record(session, ApplicationAction.QUESTION_CHANGED, question, actor=actor, added=plan.title_zh)
    return question


def retire_question(session: ChamberSession, question: Question, *, actor: Actor) -> None:
    """Asks it no more; answers given stay. NotPermitted as add_question. **Locks** the question."""
    guard(may_edit_questions, actor)
    question = session.lock(question)
    if question.retired_at is None:
        question.retired_at = session.now()
        record(
            session,
            ApplicationAction.QUESTION_CHANGED,
            question,
            actor=actor,
            retired=question.title_zh,
        )


def check_answers(
    questions: Sequence[Question], grade_id: uuid.UUID, given: Mapping[uuid.UUID, AnswerValue]
) -> None:
    """InvalidInput beside the first question that is not answered as it must be.

    That `actor` left open and may not, or answered with what is not offered.
    """
    for question in unanswered(questions, grade_id, given):
        raise InvalidInput(question.field, N_("Please fill this in."))
    for question in questions:
        value = given.get(question.id)
        if (
            value
            and value.words
            and question.kind is QuestionKind.CHOICE
            and value.words not in question.choices
        ):
            raise InvalidInput(question.field, N_("Choose one of the answers."))


def keep_answers(
    session: ChamberSession, application: Application, given: Mapping[uuid.UUID, AnswerValue]
) -> None:
    """Writes the answers of an application, new or corrected, as `actor` sent them."""
    down = {answer.question_id: answer for answer in list_answers(session, application.id)}
    for question_id, value in given.items():
        answer = down.get(question_id) or Answer(
            application_id=application.id, question_id=question_id
        )
        answer.words, answer.file_id = value.words, value.file_id
        session.add(answer)
    session.flush()


def show_uploads(session: ChamberSession, application: Application) -> None:
    """Has pictures made of what a confirmed application brought, once for each file.

    What nobody confirmed waits.
    """
    files = {
        application.licence_file_id,
        *(answer.file_id for answer in list_answers(session, application.id)),
    } - {None}
    drawn = set(session.scalars(sa.select(Preview.file_id).where(Preview.file_id.in_(files))))
    for file_id in sorted(files - drawn, key=str):
        enqueue(session, "make_previews", file_id=file_id)
