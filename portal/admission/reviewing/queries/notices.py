"""Reading public notices and objections."""

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.admission.applications.models import (
    Application,
    ApplicationState,
    ApplicationStep,
    StepKind,
    StepState,
)
from portal.admission.reviewing.models import Objection, ObjectionFinding
from portal.tenancy.chambers import today_of
from portal.tenancy.session import ChamberSession

TO_WRITE_DOWN = dt.timedelta(days=1)
"""The time for writing down what came on the last evening of a notice."""
_STANDING = (ApplicationStep.state == StepState.OPEN, ApplicationStep.kind == StepKind.NOTICE)


def list_objections(session: ChamberSession, step_id: uuid.UUID) -> Sequence[Objection]:
    """The objections to one notice with their findings, oldest first."""
    query = (
        sa.select(Objection)
        .options(joinedload(Objection.finding))
        .where(Objection.step_id == step_id)
    )
    return session.scalars(query.order_by(Objection.id)).all()


def list_ended_notices(session: ChamberSession, on: dt.date) -> Sequence[ApplicationStep]:
    """Notices that end by themselves on the day `on`.

    A whole day has passed since their last one, without an objection that is open or upheld.
    """
    cleared = sa.select(ObjectionFinding.objection_id).where(ObjectionFinding.upheld.is_(False))
    objected = sa.select(Objection.step_id).where(Objection.id.not_in(cleared))
    query = sa.select(ApplicationStep).where(
        *_STANDING, ApplicationStep.due_on < on - TO_WRITE_DOWN, ApplicationStep.id.not_in(objected)
    )
    return session.scalars(query.order_by(ApplicationStep.id)).all()


def list_public_notices(
    session: ChamberSession, limit: int = 100
) -> Sequence[tuple[Application, ApplicationStep]]:
    """The applications under public notice today, with the step that says until when.

    The soonest to end first.
    """
    today = today_of(session)
    query = (
        sa.select(Application, ApplicationStep)
        .join(ApplicationStep, ApplicationStep.application_id == Application.id)
        .options(joinedload(Application.grade))
        .where(
            Application.state == ApplicationState.IN_REVIEW,
            *_STANDING,
            ApplicationStep.due_on >= today,
        )
    )
    return [
        (application, step)
        for application, step in session.execute(
            query.order_by(ApplicationStep.due_on, ApplicationStep.id).limit(limit)
        ).all()
    ]
