"""Tables and states of applications, by noun."""

from portal.admission.applications.models.actions import ApplicationAction
from portal.admission.applications.models.application import (
    APPLICATION_MOVES,
    OPEN_STATES,
    Application,
    ApplicationState,
)
from portal.admission.applications.models.corrections import (
    ApplicationEnding,
    ApplicationVersion,
    CorrectionItem,
    CorrectionRequest,
    ExpiryReminder,
)
from portal.admission.applications.models.documents import Acknowledgement, RequiredDocument
from portal.admission.applications.models.questions import Answer, Question, QuestionKind
from portal.admission.applications.models.steps import (
    ADMISSION,
    STEP_MOVES,
    ApplicationStep,
    ChainStep,
    ReviewRule,
    StepDecision,
    StepKind,
    StepState,
)

__all__ = [
    "ADMISSION",
    "APPLICATION_MOVES",
    "OPEN_STATES",
    "STEP_MOVES",
    "Acknowledgement",
    "Answer",
    "Application",
    "ApplicationAction",
    "ApplicationEnding",
    "ApplicationState",
    "ApplicationStep",
    "ApplicationVersion",
    "ChainStep",
    "CorrectionItem",
    "CorrectionRequest",
    "ExpiryReminder",
    "Question",
    "QuestionKind",
    "RequiredDocument",
    "ReviewRule",
    "StepDecision",
    "StepKind",
    "StepState",
]
