"""Opening the steps of an application, with their deadlines."""

import datetime as dt

from portal.admission.applications.models import (
    ADMISSION,
    STEP_MOVES,
    Application,
    ApplicationStep,
    StepKind,
    StepState,
)
from portal.foundation.transitions import move
from portal.governance.meetings.services.matters import bring_matter
from portal.tenancy.chambers import today_of
from portal.tenancy.session import ChamberSession

DAYS_OF_NOTICE = 7
"""Days that a public notice stands where its step does not say."""


def open_step(session: ChamberSession, step: ApplicationStep) -> None:
    """It is this step's turn: its days count from today, in the chamber's zone.

    A body's comes before its next meeting.

    IllegalMove where it is not waiting.
    """
    move(step, StepState.OPEN, STEP_MOVES)
    step.opened_at = session.now()
    count_days(session, step)
    if step.body_id is not None:
        application = session.fetch(Application, step.application_id)
        bring_matter(
            session, ADMISSION, step, body_id=step.body_id, rule=step, title=application.name
        )


def count_days(session: ChamberSession, step: ApplicationStep) -> None:
    """Lets the days of a step begin today.

    When it opens, and again for a notice whose application `actor` has corrected.
    """
    days = step.days or (DAYS_OF_NOTICE if step.kind is StepKind.NOTICE else None)
    if days:
        step.due_on = today_of(session) + dt.timedelta(days=days)
