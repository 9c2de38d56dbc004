"""Quorum and majority, in integer arithmetic; which questions are asked, and which fields differ."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.applications.models import Application, ApplicationState, ApplicationStep, MajorityBase, Question, ReviewRule, StepState
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_

MOST_VOTERS = 100_000
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
"""Fields that an application can be returned for. The code and the proved e-mail address are not among them."""


def changed_fields(earlier: Mapping[str, object], later: Mapping[str, object]) -> list[str]:
    """The fields in which two versions of an application differ: those of the form in their usual order, then the chamber's questions."""
    questions = sorted(name for name in {*earlier, *later} if is_question(name))
    years = ["dues_years"] if "dues_years" in earlier else []
    return [name for name in (*CORRECTABLE, *years, *questions) if earlier.get(name) != later.get(name)]


def is_question(field: str) -> bool:
    """Whether a field is a question of the chamber's own: q and the 32 hexadecimal digits of its id."""
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


def unanswered(questions: Sequence[Question], grade_id: uuid.UUID | None, given: Mapping[uuid.UUID, AnswerValue]) -> list[Question]:
    """The questions of a grade that must be answered and are not."""
    return [question for question in asked_of(questions, grade_id) if question.required and not given.get(question.id)]


@dataclass(frozen=True)
class Vote:
    """The counts of a council's vote: entitled (应到), present (实到), in favour."""

    entitled: int
    present: int
    in_favour: int


def check_counts(vote: Vote) -> None:
    """Refuses (InvalidInput) counts that cannot be: more present than entitled, more in favour than present."""
    if not 0 < vote.entitled <= MOST_VOTERS:
        raise InvalidInput("entitled", N_("Someone must be entitled to vote."))
    if not 0 <= vote.present <= vote.entitled:
        raise InvalidInput("present", N_("More cannot be present than are entitled."))
    if not 0 <= vote.in_favour <= vote.present:
        raise InvalidInput("in_favour", N_("More cannot be in favour than were present."))


def has_quorum(rule: ReviewRule, vote: Vote) -> bool:
    """Whether enough were present: present · den ≥ num · entitled."""
    return vote.present * rule.quorum_den >= rule.quorum_num * vote.entitled


def check_quorum(rule: ReviewRule, vote: Vote) -> None:
    """Refuses (InvalidInput) where too few of those entitled were present for the council to decide anything."""
    if not has_quorum(rule, vote):
        raise InvalidInput("present", N_("No quorum: at least %(num)s/%(den)s of those entitled must be present."), num=rule.quorum_num, den=rule.quorum_den)


def carries(rule: ReviewRule, vote: Vote) -> bool:
    """Whether the matter is carried: yes · den ≥ num · base, or > where the rule is strict (超过, 过半数)."""
    base = vote.present if rule.pass_base is MajorityBase.PRESENT else vote.entitled
    reached, needed = vote.in_favour * rule.pass_den, rule.pass_num * base
    return has_quorum(rule, vote) and (reached > needed if rule.strict else reached >= needed)


def waits_for(application: Application, step: ApplicationStep) -> bool:
    """Whether an application waits for the decision of this step."""
    return application.state is ApplicationState.IN_REVIEW and step.state is StepState.OPEN


def read_seats(lines: str) -> list[tuple[str, str]]:
    """Who is entitled to vote, one a line: the name, then after a comma (or 、 or a tab) the capacity."""
    found = []
    for line in lines.splitlines():
        name, _, capacity = re.sub(r"[，、\t]", ",", line, count=1).partition(",")
        if name.strip():
            found.append((name.strip()[:80], capacity.strip()[:200]))
    return found
