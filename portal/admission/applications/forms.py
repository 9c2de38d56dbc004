"""The chamber's own questions as fields of the applicant's form."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from portal.admission.applications.models import Answer, Question, QuestionKind
from portal.admission.applications.rules import FIELD_NAMES, AnswerValue, unanswered
from portal.admission.applications.services.asking import QuestionPlan
from portal.files.models import StoredFile
from portal.web.filters import in_language, label
from portal.web.forms import MISSING, REQUIRED, Attachment, Form, Paragraph, Text

F = TypeVar("F", bound=Form)
FIELD_LABELS = {field: _l(name) for field, name in FIELD_NAMES.items()}


def asking(base: type[F], questions: Iterable[Question]) -> type[F]:
    """The form with a field for each question.

    A paper brings a second one that remembers what was kept.
    """
    fields: dict[str, Any] = {}
    for question in questions:
        fields[question.field] = _field(question)
        if question.kind is QuestionKind.PAPER:
            fields[f"kept_{question.field}"] = HiddenField()
    return type(base.__name__, (base,), fields)


def fill_answers(form: Form, answers: Iterable[Answer]) -> None:
    """Shows what was answered before. Papers are uploaded anew."""
    for answer in answers:
        if answer.question.field in form and answer.question.kind is not QuestionKind.PAPER:
            form[answer.question.field].data = (
                answer.words == "yes"
                if answer.question.kind is QuestionKind.ATTESTATION
                else answer.words
            )


def read_answers(
    form: Form,
    questions: Sequence[Question],
    grade_id: uuid.UUID | None,
    kept: Mapping[str, StoredFile],
) -> dict[uuid.UUID, AnswerValue] | None:
    """What was answered to those of the questions that the form has.

    None, with words beside each, where a grade's question is left open.
    """
    shown = [question for question in questions if question.field in form]
    given = {
        question.id: _value(form[question.field], question, kept.get(question.field))
        for question in shown
    }
    missing = unanswered(shown, grade_id, given)
    for question in missing:
        form[question.field].errors = [*form[question.field].errors, str(MISSING)]
    if missing:
        return None
    return {
        question.id: given[question.id]
        for question in shown
        if question.grade_id in {None, grade_id}
    }


def labels_of(questions: Iterable[Question]) -> dict[str, Any]:
    """What each field of an application is called.

    Those of the form, and the chamber's questions.
    """
    return {
        **FIELD_LABELS,
        **{question.field: in_language(question, "title") for question in questions},
    }


def _value(field: Field, question: Question, kept: StoredFile | None) -> AnswerValue:
    if question.kind is QuestionKind.PAPER:
        return AnswerValue(kept.name[:200], kept.id) if kept else AnswerValue()
    if question.kind is QuestionKind.ATTESTATION:
        return AnswerValue("yes" if field.data else "")
    return AnswerValue(str(field.data or ""))


def _field(question: Question) -> Any:
    title, told = (
        in_language(question, "title"),
        " · ".join(filter(None, (_for_grade(question), in_language(question, "help")))),
    )
    shape: dict[str, Any] = {
        "description": told,
        "render_kw": {"data-grade": str(question.grade_id)} if question.grade_id else {},
    }
    if question.kind is QuestionKind.ATTESTATION:
        return BooleanField(title, **shape)
    if question.kind is QuestionKind.CHOICE:
        return SelectField(
            title,
            choices=[SelectChoice("", "—"), *(SelectChoice(c, c) for c in question.choices)],
            **shape,
        )
    if question.kind is QuestionKind.PAPER:
        shape["render_kw"]["accept"] = "image/jpeg,image/png,application/pdf"
        return Attachment(title, required=question.required, **shape)
    if question.kind is QuestionKind.PARAGRAPH:
        return Paragraph(title, most=2_000, required=False, needed=question.required, **shape)
    return Text(title, most=200, required=False, needed=question.required, **shape)


def _for_grade(question: Question) -> str:
    return (
        gettext("Only for %(grade)s", grade=in_language(question.grade)) if question.grade else ""
    )


class QuestionForm(Form):
    """A question of the chamber."""

    kind = SelectField(_l("How it is answered"), [REQUIRED])
    title_zh = Text(_l("In Chinese"), most=200)
    title_en = Text(_l("In English"), most=300)
    help_zh = Text(_l("Explanation in Chinese"), most=300, required=False)
    help_en = Text(_l("Explanation in English"), most=300, required=False)
    choices = Paragraph(
        _l("Answers to choose from"),
        most=4_000,
        required=False,
        description=_l("One a line; only where one of several answers is asked for"),
    )
    grade = SelectField(_l("Asked of"))
    required = BooleanField(_l("Must be answered"), default=True)

    def offer(self, grades: list[tuple[str, str]]) -> None:
        """Fills the choices."""
        self.kind.choices = [(k.value, label(k)) for k in QuestionKind]
        self.grade.choices = [("", _l("every grade")), *grades]

    def plan(self) -> QuestionPlan:
        """What was typed, but for the grade."""
        lines = tuple(
            line.strip()[:200] for line in (self.choices.data or "").splitlines() if line.strip()
        )
        return QuestionPlan(
            QuestionKind(self.kind.data),
            self.title_zh.data,
            self.title_en.data,
            self.help_zh.data,
            self.help_en.data,
            lines[:50],
            self.required.data,
        )
