"""The public notice (公示).

It stands for its days, objections are recorded and decided, and a day after its last it ends by
itself where none is open.

That day is for what came on the last evening and has to be written down.
"""

import datetime as dt
import uuid

from portal.admission.applications.models import (
    Application,
    ApplicationAction,
    ApplicationState,
    ApplicationStep,
    StepKind,
    StepState,
)
from portal.admission.applications.policies import may_decide
from portal.admission.applications.queries.reading import find_application
from portal.admission.reviewing.models import Objection, ObjectionFinding
from portal.admission.reviewing.policies import may_record_objections
from portal.admission.reviewing.queries.notices import list_objections
from portal.admission.reviewing.services.reviewing import decide_step
from portal.audit.record import record
from portal.foundation.clock import day_in
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.tenancy.actor import SYSTEM, Actor
from portal.tenancy.chambers import settings_of, today_of
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def record_objection(
    session: ChamberSession,
    application: Application,
    step: ApplicationStep,
    *,
    raised_by: str,
    contact: str,
    body: str,
    received_on: dt.date,
    actor: Actor,
) -> Objection:
    """Writes down what somebody has against an application under notice.

    NotPermitted for others than reviewers; Refused where no notice stands; InvalidInput without
    words or for a day that cannot be.
    """
    guard(may_record_objections, actor)
    application, step = session.lock(application), session.lock(step)
    if (
        step.kind is not StepKind.NOTICE
        or step.state.value != "open"
        or step.application_id != application.id
    ):
        raise Refused(N_("This application is not under public notice."))
    if not body.strip():
        raise InvalidInput("body", N_("Write down what is objected."))
    _check_day(session, step, received_on)
    objection = Objection(
        step_id=step.id,
        raised_by=raised_by.strip(),
        contact=contact.strip(),
        body=body.strip(),
        received_on=received_on,
        recorded_by=actor.name,
        recorded_at=session.now(),
    )
    session.add(objection)
    record(session, ApplicationAction.OBJECTION_RECORDED, application, actor=actor)
    return objection


def _check_day(session: ChamberSession, step: ApplicationStep, received_on: dt.date) -> None:
    if received_on > today_of(session):
        raise InvalidInput("received_on", N_("This day lies in the future."))
    if step.due_on and received_on > step.due_on:
        raise InvalidInput(
            "received_on", N_("The notice ended on %(day)s."), day=step.due_on.isoformat()
        )
    if step.opened_at and received_on < day_in(step.opened_at, settings_of(session).zone):
        raise InvalidInput("received_on", N_("The notice was not out yet on this day."))


def decide_objection(
    session: ChamberSession,
    application: Application,
    step: ApplicationStep,
    objection: Objection,
    *,
    upheld: bool,
    reason: str,
    actor: Actor,
) -> ObjectionFinding:
    """Upholds an objection or not, with the reason.

    NotPermitted for others than who decide the step; Refused where it has its finding.
    """
    guard(may_decide, actor, step)
    if not reason.strip():
        raise InvalidInput("reason", N_("Write down why."))
    application, step = session.lock(application), session.lock(step)
    if application.state is ApplicationState.RETURNED:
        raise Refused(
            N_(
                "The application is with its applicant to be corrected. Decide on the "
                "objection once it is back."
            )
        )
    if application.state is not ApplicationState.IN_REVIEW or step.state is not StepState.OPEN:
        raise Refused(N_("This has been decided already. Open the application to see how."))
    if any(o.finding for o in list_objections(session, step.id) if o.id == objection.id):
        raise Refused(N_("This has been decided already. Open the application to see how."))
    finding = ObjectionFinding(
        objection_id=objection.id,
        upheld=upheld,
        reason=reason.strip(),
        found_by=actor.name,
        found_at=session.now(),
    )
    session.add(finding)
    record(session, ApplicationAction.OBJECTION_DECIDED, application, actor=actor, upheld=upheld)
    return finding


def end_notice(
    session: ChamberSession, application: Application, step: ApplicationStep, *, actor: Actor
) -> None:
    """Ends a notice whose days are over, and goes on with the review.

    Refused before its last day has passed, while an objection is open, or where one was upheld:
    then the application is rejected.
    """
    application, step = session.lock(application), session.lock(step)
    if step.kind is not StepKind.NOTICE:
        raise Refused(N_("This application is not under public notice."))
    if step.due_on is None or today_of(session) <= step.due_on:
        raise Refused(N_("The notice stands until %(day)s."), day=str(step.due_on))
    objections = list_objections(session, step.id)
    if any(o.finding is None for o in objections):
        raise Refused(N_("An objection waits for its finding."))
    if any(o.finding and o.finding.upheld for o in objections):
        raise Refused(N_("An objection was upheld: reject the application with that reason."))
    decide_step(session, application, step, approved=True, actor=actor)


def end_notice_of_step(
    session: ChamberSession, step_id: uuid.UUID, *, actor: Actor = SYSTEM
) -> bool:
    """Ends a notice that was over, and says whether it did.

    Where its application is still in review.

    Refuses as end_notice, and what approving refuses: then it waits for a person.
    """
    step = session.fetch(ApplicationStep, step_id)
    application = find_application(session, step.application_id)
    if application is None or application.state.value != "in_review":
        return False
    end_notice(session, application, step, actor=actor)
    return True
