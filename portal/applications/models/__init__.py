"""Tables and states of applications, by noun."""

from portal.applications.models.actions import ApplicationAction
from portal.applications.models.application import APPLICATION_MOVES, OPEN_STATES, Application, ApplicationState
from portal.applications.models.corrections import ApplicationEnding, ApplicationVersion, CorrectionItem, CorrectionRequest, ExpiryReminder
from portal.applications.models.desk import ApplicationNote, ChecklistItem, ChecklistTick, Handover
from portal.applications.models.documents import Acknowledgement, RequiredDocument
from portal.applications.models.drafts import ApplicationDraft
from portal.applications.models.duplicates import DuplicateDecision, DuplicateGround, PossibleDuplicate
from portal.applications.models.notices import Objection, ObjectionFinding
from portal.applications.models.questions import Answer, Question, QuestionKind
from portal.applications.models.review import ADMISSION, STEP_MOVES, ApplicationStep, ChainStep, ReviewRule, StepDecision, StepKind, StepState

__all__ = [
    "ADMISSION",
    "APPLICATION_MOVES",
    "OPEN_STATES",
    "STEP_MOVES",
    "Acknowledgement",
    "Answer",
    "Application",
    "ApplicationAction",
    "ApplicationDraft",
    "ApplicationEnding",
    "ApplicationNote",
    "ApplicationState",
    "ApplicationStep",
    "ApplicationVersion",
    "ChainStep",
    "ChecklistItem",
    "ChecklistTick",
    "CorrectionItem",
    "CorrectionRequest",
    "DuplicateDecision",
    "DuplicateGround",
    "ExpiryReminder",
    "Handover",
    "Objection",
    "ObjectionFinding",
    "PossibleDuplicate",
    "Question",
    "QuestionKind",
    "RequiredDocument",
    "ReviewRule",
    "StepDecision",
    "StepKind",
    "StepState",
]
