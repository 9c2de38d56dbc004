"""Which questions are asked, and which fields differ."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.admission.applications.models import Question
from portal.foundation.labels import N_

FIELD_NAMES = {
    "name": N_("Name of the enterprise"),
    "kind": N_("Kind"),
    "legal_representative": N_("Legal representative"),
    "capital": N_("Registered capital (CNY)"),
    "industry": N_("Industry"),
    "region": N_("Region"),
    "address": N_("Address"),
    "licence_file_id": N_("Business licence"),
    "grade_id": N_("Grade applied for"),
    "contact_name": N_("Contact"),
    "contact_phone": N_("Phone"),
}
CORRECTABLE = tuple(FIELD_NAMES)
"""Fields that an application can be returned for.

The code and the proved e-mail address are not among them.
"""


def changed_fields(earlier: Mapping[str, object], later: Mapping[str, object]) -> list[str]:
    """The fields in which two versions of an application differ.

    Those of the form in their usual order, then the chamber's questions.
    """
    questions = sorted(name for name in {*earlier, *later} if is_question(name))
    years = ["dues_years"] if "dues_years" in earlier else []
    return [
        name for name in (*CORRECTABLE, *years, *questions) if earlier.get(name) != later.get(name)
    ]


def is_question(field: str) -> bool:
    """Whether a field is a question of the chamber's own.

    Q and the 32 hexadecimal digits of its id.
    """
    return re.fullmatch(r"q[0-9a-f]{32}", field) is not None


@dataclass(frozen=True)
class AnswerValue:
    """An answer as it was given: words, or the id of a stored file."""

    words: str = ""
    file_id: uuid.UUID | None = None

    def __bool__(self) -> bool:
        return bool(self.words) or self.file_id is not None


def asked_of(questions: Sequence[Question], grade_id: uuid.UUID | None) -> list[Question]:
    """The questions that an applicant for a grade is asked."""
    return [question for question in questions if question.grade_id in {None, grade_id}]


def unanswered(
    questions: Sequence[Question],
    grade_id: uuid.UUID | None,
    given: Mapping[uuid.UUID, AnswerValue],
) -> list[Question]:
    """The questions of a grade that must be answered and are not."""
    return [
        question
        for question in asked_of(questions, grade_id)
        if question.required and not given.get(question.id)
    ]


def read_seats(lines: str) -> list[tuple[str, str]]:
    """Who is entitled to vote, one a line.

    The name, then after a comma (or 、 or a tab) the capacity.
    """
    found = []
    for line in lines.splitlines():
        name, _, capacity = re.sub(r"[，、\t]", ",", line, count=1).partition(",")
        if name.strip():
            found.append((name.strip()[:80], capacity.strip()[:200]))
    return found
