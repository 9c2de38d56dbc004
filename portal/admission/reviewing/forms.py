"""Forms of reviewing one application."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from portal.admission.applications.models import Application, Question, QuestionKind
from portal.admission.applications.rules import CORRECTABLE
from portal.governance.bodies.rules import MOST_VOTERS
from portal.roll.forms import said_as as of_enterprise
from portal.web.filters import in_language
from portal.web.forms import REQUIRED, Day, Form, Number, Paragraph, Text


class ReturnForm(Form):
    """Why an application is given back, field by field. Fields without a reason are in order."""

    def reasons(self) -> dict[str, str]:
        """The reasons that were given, by field."""
        return {
            field.short_name: str(field.data or "") for field in self if isinstance(field, Text)
        }


def return_form(labels: Mapping[str, Any], said: Mapping[str, str]) -> ReturnForm:
    """The form with a line for each field of an application.

    Of the form, and of the chamber's questions; under each, what the applicant has written.
    """
    lines = {
        name: Text(words, most=500, required=False, description=said.get(name) or "—")
        for name, words in labels.items()
    }
    form: type[ReturnForm] = type("ReturnForm", (ReturnForm,), lines)
    return form()


def said_in(application: Application, questions: Iterable[Question]) -> dict[str, str]:
    """What an application says in each field, as people say it."""
    marks = {question.field for question in questions if question.kind is QuestionKind.ATTESTATION}
    grades = {str(application.grade_id): in_language(application.grade)}
    found = {
        name: said_as(name, getattr(application, name), grades, marks)
        for name in CORRECTABLE
        if name != "licence_file_id"
    }
    found |= {
        answer.question.field: said_as(answer.question.field, answer.words, grades, marks)
        for answer in application.answers
    }
    return found | {"licence_file_id": application.licence.name if application.licence else ""}


def said_as(field: str, value: Any, grades: Mapping[str, str], marks: Collection[str]) -> str:
    """A value of a field as people say it.

    `grades` are names by id, `marks` the fields that are attestations.
    """
    if field == "grade_id":
        return grades.get(str(value), "—")
    return "✓" if field in marks and value else of_enterprise(field, value)


class RejectionForm(Form):
    """Why an application ends."""

    reason = Paragraph(_l("Reason"), most=1_000, description=_l("The applicant reads this"))


class VoteForm(Form):
    """A council's vote."""

    meeting_on = Day(_l("Day of the meeting"))
    entitled = Number(_l("Entitled to vote"), 1, MOST_VOTERS)
    present = Number(_l("Present"), 0, MOST_VOTERS)
    in_favour = Number(_l("In favour"), 0, MOST_VOTERS)


class HandoverForm(Form):
    """To whom an application goes, and a word for them."""

    to = SelectField(_l("To"))
    words = Text(_l("A word for them"), most=500, required=False)

    def offer(self, colleagues: list[tuple[str, str]]) -> None:
        """Fills the choices; the first gives it back to everyone."""
        self.to.choices = [("", _l("everyone (nobody holds it)")), *colleagues]


class NoteForm(Form):
    """An internal note."""

    body = Paragraph(_l("Note"), most=2_000, description=_l("Only colleagues read this"))


class DuplicateForm(Form):
    """Whether two enterprises are one."""

    same = SelectField(_l("Is it the same enterprise?"), [REQUIRED])
    reason = Text(_l("Why"), most=500)

    def __init__(self) -> None:
        super().__init__()
        self.same.choices = [("", "—"), ("yes", _l("Yes, the same")), ("no", _l("No, another one"))]


class ObjectionForm(Form):
    """An objection to a public notice."""

    raised_by = Text(_l("Raised by"), most=120)
    contact = Text(_l("How to reach them"), most=120, required=False)
    received_on = Day(_l("Received on"))
    body = Paragraph(_l("What is objected"), most=2_000)


class FindingForm(Form):
    """What became of an objection."""

    upheld = SelectField(_l("Is it upheld?"), [REQUIRED])
    reason = Paragraph(_l("Why"), most=1_000)

    def __init__(self) -> None:
        super().__init__()
        self.upheld.choices = [
            ("", "—"),
            ("no", _l("No: the review goes on")),
            ("yes", _l("Yes: the application cannot pass")),
        ]
