"""What reviewers do: decide the open step; and admission, which happens in one place."""

import datetime as dt

from portal.admission.applications.models import (
    APPLICATION_MOVES,
    STEP_MOVES,
    Application,
    ApplicationAction,
    ApplicationState,
    ApplicationStep,
    StepDecision,
    StepKind,
    StepState,
)
from portal.admission.applications.models.actions import ApplicationMail
from portal.admission.applications.policies import may_decide
from portal.admission.applications.queries.reading import (
    find_application,
    find_by_invoice,
    find_day_of_approval,
)
from portal.admission.applications.services.telling import tell_applicant
from portal.admission.reviewing.queries.desk import list_points, list_ticks
from portal.admission.reviewing.services.admitting import admit_if_due
from portal.admission.reviewing.services.duplicates import check_duplicates
from portal.admission.reviewing.services.ending import set_expiry
from portal.admission.reviewing.services.opening import open_step
from portal.audit.record import record
from portal.foundation.clock import day_in
from portal.foundation.errors import IllegalMove, InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.governance.bodies.rules import Vote, check_carried, check_counts
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.services import Identity, take_over_identity
from portal.members.membership.queries import find_open_membership
from portal.money.dues.services.charging import raise_first_invoice
from portal.money.invoices.services.raising import Addressee
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def approve_step(
    session: ChamberSession, application: Application, step: ApplicationStep, *, actor: Actor
) -> None:
    """A department approves its step; the next opens, or the application is approved.

    NotPermitted for others; Refused where the step is a council's or a notice, a point of the
    checklist is not ticked, or a possible duplicate is undecided; IllegalMove where it is not open
    (any more).
    """
    if step.kind is StepKind.COUNCIL:
        raise Refused(N_("A body decides this step by a vote."))
    if step.kind is StepKind.NOTICE:
        raise Refused(N_("A public notice ends when its days are over."))
    application = session.lock(application)
    ticked = list_ticks(session, application.id)
    if any(point.id not in ticked for point in list_points(session)):
        raise Refused(
            N_(
                "The checklist is not whole yet. Tick each point on the application's page, "
                "or return or reject it."
            )
        )
    check_duplicates(session, application)
    decide_step(session, application, step, approved=True, actor=actor)


def record_vote(
    session: ChamberSession,
    application: Application,
    step: ApplicationStep,
    vote: Vote,
    meeting_on: dt.date,
    *,
    actor: Actor,
) -> None:
    """Enters a council's vote for the application.

    InvalidInput where counts or day cannot be, or where the rule of the step does not carry: then
    nothing is changed, and a rejection is entered as such. NotPermitted, IllegalMove and, for an
    undecided duplicate, Refused as in approve_step.
    """
    if step.kind is not StepKind.COUNCIL:
        raise Refused(N_("This step is decided without a vote."))
    check_counts(vote)
    application = session.lock(application)
    _check_day(session, application, meeting_on)
    check_carried(step, vote)
    check_duplicates(session, application)
    decide_step(
        session, application, step, approved=True, vote=vote, meeting_on=meeting_on, actor=actor
    )


def reject_application(
    session: ChamberSession,
    application: Application,
    step: ApplicationStep,
    reason: str,
    *,
    actor: Actor,
) -> None:
    """Ends the application at its open step, with the reason the applicant reads.

    InvalidInput without one; else as approve_step.
    """
    if not reason.strip():
        raise InvalidInput("reason", N_("Give the reason. The applicant reads it."))
    decide_step(session, application, step, approved=False, reason=reason.strip(), actor=actor)


def _check_day(session: ChamberSession, application: Application, meeting_on: dt.date) -> None:
    zone = settings_of(session).zone
    submitted_on = day_in(application.submitted_at or session.now(), zone)
    if meeting_on > day_in(session.now(), zone):
        raise InvalidInput("meeting_on", N_("The meeting lies in the future."))
    if meeting_on < submitted_on:
        raise InvalidInput(
            "meeting_on", N_("The meeting was before the application was submitted.")
        )


def decide_step(
    session: ChamberSession,
    application: Application,
    step: ApplicationStep,
    *,
    approved: bool,
    reason: str = "",
    vote: Vote | None = None,
    meeting_on: dt.date | None = None,
    actor: Actor,
) -> None:
    """Writes the decision of an open step down and goes on.

    The next step, the approval, or the rejection.

    NotPermitted for others than who decide the step, or the portal itself; Refused while the
    application is with the applicant; IllegalMove where the step is not open (any more).
    """
    guard(may_decide, actor, step)
    application = session.lock(application)
    if application.state is ApplicationState.RETURNED:
        raise Refused(
            N_(
                "The application is with the applicant for correction. It comes back here by "
                "itself."
            )
        )
    if application.state is not ApplicationState.IN_REVIEW:
        raise IllegalMove(N_("This application has been decided already. Open it to see how."))
    step = session.lock(step)
    move(step, StepState.PASSED if approved else StepState.FAILED, STEP_MOVES)
    _write_down(session, step, approved, reason, vote, meeting_on, actor=actor)
    if not approved:
        _reject(session, application, reason, actor=actor)
        return
    _go_on(session, application, step, actor=actor)


def _write_down(
    session: ChamberSession,
    step: ApplicationStep,
    approved: bool,
    reason: str,
    vote: Vote | None,
    meeting_on: dt.date | None,
    *,
    actor: Actor,
) -> None:
    post = actor.post_in(step.department.code) if step.department else next(iter(actor.posts), None)
    decision = StepDecision(
        step_id=step.id,
        approved=approved,
        reason=reason,
        person_id=actor.person_id,
        person_name=actor.name,
        post_id=post.id if post else None,
        acting=bool(post and post.acting),
        decided_at=session.now(),
        meeting_on=meeting_on,
        entitled=vote.entitled if vote else None,
        present=vote.present if vote else None,
        in_favour=vote.in_favour if vote else None,
    )
    session.add(decision)
    session.flush()


def _go_on(
    session: ChamberSession, application: Application, step: ApplicationStep, *, actor: Actor
) -> None:
    """Opens the step after an approved one, or approves the application."""
    record(session, ApplicationAction.STEP_APPROVED, application, actor=actor, step=step.name_zh)
    whole = find_application(session, application.id)
    following = (
        next((s for s in whole.steps if s.position > step.position), None) if whole else None
    )
    if following is not None:
        open_step(session, following)
        return
    _approve(session, application, find_day_of_approval(session, application.id), actor=actor)


def _reject(
    session: ChamberSession, application: Application, reason: str, *, actor: Actor
) -> None:
    move(application, ApplicationState.REJECTED, APPLICATION_MOVES)
    record(session, ApplicationAction.REJECTED, application, actor=actor)
    tell_applicant(session, application, ApplicationMail.REJECTED, actor=actor, reason=reason)


def _approve(
    session: ChamberSession, application: Application, decided_on: dt.date, *, actor: Actor
) -> None:
    """The last approval.

    The enterprise's identity as applied for, the first invoice, and admission where nothing is
    owed.
    """
    check_duplicates(session, application)
    enterprise = session.lock(session.fetch(Enterprise, application.enterprise_id))
    if find_open_membership(session, enterprise.id) is not None:
        raise Refused(
            N_("This enterprise is a member already; reject the application with that reason.")
        )
    take_over_identity(session, enterprise, Identity.of(application), actor=actor)
    addressee = Addressee(application.contact_name, application.contact_email, application.language)
    invoice = raise_first_invoice(
        session,
        enterprise,
        application.grade,
        addressee,
        on=decided_on,
        years=application.dues_years,
        actor=actor,
    )
    other = find_by_invoice(session, invoice.id)
    if other is not None and other.id != application.id:
        raise Refused(
            N_("Another application of this enterprise is approved already (%(number)s)."),
            number=other.number,
        )
    application.invoice_id = invoice.id
    move(application, ApplicationState.AWAITING_DUES, APPLICATION_MOVES)
    set_expiry(session, application)
    record(session, ApplicationAction.APPROVED, application, actor=actor, invoice=invoice.number)
    admit_if_due(session, application, actor=actor)
