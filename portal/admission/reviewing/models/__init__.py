"""What reviewers keep beside an application, by noun."""

from portal.admission.reviewing.models.desk import (
    ApplicationNote,
    ChecklistItem,
    ChecklistTick,
    Handover,
)
from portal.admission.reviewing.models.duplicates import (
    DuplicateDecision,
    DuplicateGround,
    PossibleDuplicate,
)
from portal.admission.reviewing.models.notices import Objection, ObjectionFinding

__all__ = [
    "ApplicationNote",
    "ChecklistItem",
    "ChecklistTick",
    "DuplicateDecision",
    "DuplicateGround",
    "Handover",
    "Objection",
    "ObjectionFinding",
    "PossibleDuplicate",
]
