"""Reading what the chamber asks of applicants."""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.admission.applications.models import Answer, Question, QuestionKind
from portal.foundation.search import normalise_name
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.rules.uscc import normalise_uscc
from portal.members.membership.models import Membership
from portal.tenancy.chambers import today_of
from portal.tenancy.session import ChamberSession


def list_questions(session: ChamberSession, *, retired: bool = False) -> Sequence[Question]:
    """The chamber's questions in their order, with their grades.

    With the retired ones where asked.
    """
    query = (
        sa.select(Question)
        .options(joinedload(Question.grade))
        .order_by(Question.position, Question.id)
    )
    return session.scalars(query if retired else query.where(Question.retired_at.is_(None))).all()


def list_answers(session: ChamberSession, application_id: uuid.UUID) -> Sequence[Answer]:
    """The answers of an application, in the order of the questions.

    With their questions and files.
    """
    query = (
        sa.select(Answer)
        .join(Question, Question.id == Answer.question_id)
        .options(joinedload(Answer.question), joinedload(Answer.file))
    )
    return session.scalars(
        query.where(Answer.application_id == application_id).order_by(
            Question.position, Question.id
        )
    ).all()


def find_referees(
    session: ChamberSession, answers: Sequence[Answer]
) -> Mapping[uuid.UUID, Membership | None]:
    """The member of today that each referee's answer names.

    By member number, code or whole name; None where it names none.
    """
    return {
        a.question_id: _member(session, a.words)
        for a in answers
        if a.question.kind is QuestionKind.REFEREE and a.words
    }


def _member(session: ChamberSession, words: str) -> Membership | None:
    named = sa.or_(
        Membership.number == words,
        Enterprise.uscc == normalise_uscc(words),
        Enterprise.name_normal == normalise_name(words),
    )
    query = (
        sa.select(Membership)
        .join(Enterprise, Enterprise.id == Membership.enterprise_id)
        .where(named, Membership.standing_on(today_of(session)))
    )
    return session.scalars(query.options(joinedload(Membership.enterprise)).limit(1)).first()
