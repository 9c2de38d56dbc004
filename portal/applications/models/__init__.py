"""Tables and states of applications, by noun."""

from portal.applications.models.actions import ApplicationAction
from portal.applications.models.application import APPLICATION_MOVES, OPEN_STATES, Application, ApplicationState
from portal.applications.models.corrections import ApplicationEnding, ApplicationVersion, CorrectionItem, CorrectionRequest, ExpiryReminder
from portal.applications.models.documents import Acknowledgement, RequiredDocument
from portal.applications.models.review import STEP_MOVES, ApplicationStep, ChainStep, MajorityBase, ReviewRule, StepDecision, StepKind, StepState

__all__ = [
    "APPLICATION_MOVES",
    "OPEN_STATES",
    "STEP_MOVES",
    "Acknowledgement",
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
    "MajorityBase",
    "RequiredDocument",
    "ReviewRule",
    "StepDecision",
    "StepKind",
    "StepState",
]
