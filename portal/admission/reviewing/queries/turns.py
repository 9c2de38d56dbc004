"""What waits for a reviewer's decision: steps, objections."""

import datetime as dt
import uuid
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.accounts.models import Appointment
from portal.admission.applications.models import (
    Application,
    ApplicationState,
    ApplicationStep,
    StepKind,
    StepState,
)
from portal.admission.applications.policies import may_decide
from portal.admission.reviewing.models import Objection, ObjectionFinding
from portal.foundation.labels import N_
from portal.tenancy.actor import Actor, Rank
from portal.tenancy.my_day import MOST, Waiting
from portal.tenancy.session import ChamberSession

_IN_REVIEW = sa.and_(
    Application.state == ApplicationState.IN_REVIEW, ApplicationStep.state == StepState.OPEN
)


def list_steps(session: ChamberSession, actor: Actor, today: dt.date) -> Iterable[Waiting]:
    """Open steps of the actor's departments that nobody else holds who could decide them.

    Of all departments, for who is over all of them.

    What is held by somebody who cannot (a clerk, or a colleague of another department) waits for
    who can, under the holder's name.
    """
    departments = [post.department_id for post in actor.posts if post.department_id]
    query = (
        sa.select(Application, ApplicationStep)
        .join(ApplicationStep, ApplicationStep.application_id == Application.id)
        .where(_IN_REVIEW, ApplicationStep.kind == StepKind.DEPARTMENT)
        .order_by(ApplicationStep.opened_at, Application.id)
        .limit(MOST)
    )
    if len(departments) == len(actor.posts):
        query = query.where(ApplicationStep.department_id.in_(departments))
    mine = session.execute(query.where(Application.handler_id == actor.person_id)).all()
    free = session.execute(query.where(_nobody_holds(actor, today))).all()
    stuck = query.where(_holder_cannot(actor, today)).options(joinedload(Application.handler))
    waits = [(a, s) for a, s in session.execute(stuck).all() if may_decide(actor, s)]
    longest = sorted([*free, *waits], key=lambda found: found[1].opened_at or session.now())
    for application, step in [*mine, *longest][:MOST]:
        held = (application, step) in waits and application.handler
        elsewhere = held.name if held else ""
        since, note = step.opened_at or session.now(), (application.number, elsewhere)
        yield Waiting(
            N_("Application to review"),
            application.name,
            since,
            "reviews.show_application",
            N_("Review"),
            {"application_id": application.id},
            " · ".join(filter(None, note)),
            step.due_on,
            application.handler_id == actor.person_id,
        )


def _appointed(today: dt.date) -> sa.Select[uuid.UUID]:
    """The appointments of an application's holder that are in force."""
    return sa.select(Appointment.id).where(
        Appointment.ended_at.is_(None),
        Appointment.from_on <= today,
        sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= today),
        Appointment.person_id == Application.handler_id,
    )


def _others(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.and_(Application.handler_id.is_not(None), Application.handler_id != actor.person_id)


def _nobody_holds(actor: Actor, today: dt.date) -> sa.ColumnElement[bool]:
    """Nobody, or somebody else who works here no more."""
    gone = sa.and_(_others(actor), ~_appointed(today).exists())
    return sa.or_(Application.handler_id.is_(None), gone)


def _holder_cannot(actor: Actor, today: dt.date) -> sa.ColumnElement[bool]:
    """Somebody else holds it, and may not decide the step."""
    over = sa.and_(
        Appointment.department_id == ApplicationStep.department_id,
        Appointment.rank.in_((Rank.OFFICER, Rank.HEAD)),
    )
    deciding = _appointed(today).where(sa.or_(over, Appointment.rank == Rank.SECRETARY_GENERAL))
    return sa.and_(_others(actor), _appointed(today).exists(), ~deciding.exists())


def list_objections_to_decide(
    session: ChamberSession, _actor: Actor, _today: dt.date
) -> Iterable[Waiting]:
    """Objections that have no finding yet."""
    query = (
        sa.select(Objection, Application)
        .join(ApplicationStep, ApplicationStep.id == Objection.step_id)
        .join(Application, Application.id == ApplicationStep.application_id)
        .where(
            ApplicationStep.state == StepState.OPEN,
            Application.state == ApplicationState.IN_REVIEW,
            Objection.id.not_in(sa.select(ObjectionFinding.objection_id)),
        )
    )
    for objection, application in session.execute(query.order_by(Objection.id).limit(MOST)).all():
        where = {"application_id": application.id, "objection_id": objection.id}
        yield Waiting(
            N_("Objection to decide"),
            application.name,
            objection.recorded_at,
            "reviews.decide_objection",
            N_("Decide"),
            where,
            objection.raised_by,
        )


def list_upheld(session: ChamberSession, _actor: Actor, _today: dt.date) -> Iterable[Waiting]:
    """Notices to which an objection was upheld: the application is to be rejected."""
    upheld = sa.select(Objection.step_id, sa.func.min(ObjectionFinding.found_at)).join(
        ObjectionFinding, ObjectionFinding.objection_id == Objection.id
    )
    since = {
        step_id: at
        for step_id, at in session.execute(
            upheld.where(ObjectionFinding.upheld).group_by(Objection.step_id)
        )
    }
    steps = sa.select(ApplicationStep, Application).join(
        Application, Application.id == ApplicationStep.application_id
    )
    steps = steps.where(
        ApplicationStep.id.in_(since),
        ApplicationStep.state == StepState.OPEN,
        Application.state == ApplicationState.IN_REVIEW,
    )
    for step, application in session.execute(steps.limit(MOST)).all() if since else ():
        where = {"application_id": application.id}
        yield Waiting(
            N_("Objection upheld"),
            application.name,
            since[step.id],
            "reviews.reject_application",
            N_("Reject"),
            where,
            application.number or "",
            step.due_on,
        )
