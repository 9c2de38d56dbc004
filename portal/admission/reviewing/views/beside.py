"""What stands beside an application: what reviewers keep, and what changed between its versions."""

import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.admission.applications.models import (
    Application,
    ApplicationVersion,
    QuestionKind,
    StepKind,
)
from portal.admission.applications.queries.questions import list_questions
from portal.admission.applications.queries.reading import (
    list_versions,
)
from portal.admission.applications.rules import changed_fields
from portal.admission.reviewing.forms import said_as
from portal.admission.reviewing.models import (
    ApplicationNote,
    ChecklistItem,
    ChecklistTick,
    Handover,
    Objection,
    PossibleDuplicate,
)
from portal.admission.reviewing.queries.desk import (
    list_handovers,
    list_notes,
    list_points,
    list_ticks,
)
from portal.admission.reviewing.queries.duplicates import list_duplicates
from portal.admission.reviewing.queries.notices import list_objections
from portal.governance.meetings.models import Meeting
from portal.governance.meetings.queries import find_planned_meeting
from portal.members.membership.queries import list_grades
from portal.web.filters import in_language
from portal.web.request import db


@dataclass(frozen=True)
class Beside:
    """What reviewers keep beside an application."""

    points: Sequence[ChecklistItem]
    ticks: Mapping[uuid.UUID, ChecklistTick]
    notes: Sequence[ApplicationNote]
    handovers: Sequence[Handover]
    duplicates: Sequence[PossibleDuplicate]
    objections: Sequence[Objection]
    meeting: Meeting | None

    @property
    def unsettled(self) -> bool:
        """Whether a department's approval waits for the checklist or a possible duplicate."""
        return any(point.id not in self.ticks for point in self.points) or any(
            d.decision is None for d in self.duplicates
        )


def what_is_beside(application: Application) -> Beside:
    """What reviewers keep beside an application, and the meeting on whose agenda it stands."""
    step = application.open_step
    notice = next((s for s in application.steps if s.kind is StepKind.NOTICE), None)
    return Beside(
        list_points(db()),
        list_ticks(db(), application.id),
        list_notes(db(), application.id),
        list_handovers(db(), application.id),
        list_duplicates(db(), application.id),
        list_objections(db(), notice.id) if notice else [],
        find_planned_meeting(db(), step.id) if step and step.body_id else None,
    )


def changes_of(
    application: Application,
) -> list[tuple[ApplicationVersion, list[tuple[str, object, object]]]]:
    """Each later version of the application with what it changed.

    Field, before, after, as people say it.
    """
    versions = list_versions(db(), application.id)
    grades = {str(grade.id): in_language(grade) for grade in list_grades(db(), retired=True)}
    asked = list_questions(db(), retired=True)
    marks = {question.field for question in asked if question.kind is QuestionKind.ATTESTATION}
    files = {
        "licence_file_id",
        *(question.field for question in asked if question.kind is QuestionKind.PAPER),
    }
    found: list[tuple[ApplicationVersion, list[tuple[str, object, object]]]] = []
    for a, b in itertools.pairwise(versions):
        names = changed_fields(a.snapshot, b.snapshot)
        said = {
            n: [
                v.snapshot.get(n) if n in files else said_as(n, v.snapshot.get(n), grades, marks)
                for v in (a, b)
            ]
            for n in names
        }
        found.append((b, [(n, before, after) for n, (before, after) in said.items()]))
    return found
