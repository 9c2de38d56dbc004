"""Applications as matters of a body.

What its meetings need of them, and what follows from a vote.
"""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.admission.applications.models import (
    ADMISSION,
    Application,
    ApplicationState,
    ApplicationStep,
    StepState,
)
from portal.admission.applications.queries.reading import find_application
from portal.admission.reviewing.services.reviewing import record_vote, reject_application
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.governance.meetings.models import (
    Described,
    Matter,
    MatterKind,
    MeetingOutcome,
    Verdict,
    register_kind,
)
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.rules.codes import industry_name, region_name
from portal.money.invoices.queries import list_standing_invoices
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession


class AdmissionMatter(MatterKind):
    """An application whose open step a body decides; the matter's subject is the step."""

    code = ADMISSION
    label = N_("Application to join")
    columns = (
        N_("Unified social credit code"),
        N_("Grade"),
        N_("Industry"),
        N_("Region"),
        N_("Legal representative"),
        N_("Registered capital (yuan)"),
    )

    def waits(self) -> sa.ColumnElement[bool]:
        """As long as the application is in review and its step open.

        Not while it is with its applicant.
        """
        steps = sa.select(ApplicationStep.id).join(
            Application, Application.id == ApplicationStep.application_id
        )
        open_ones = steps.where(
            ApplicationStep.state == StepState.OPEN, Application.state == ApplicationState.IN_REVIEW
        )
        return Matter.subject_id.in_(open_ones)

    def describe(
        self, session: ChamberSession, matters: Sequence[Matter]
    ) -> Mapping[uuid.UUID, Described]:
        """By the application as it stands."""
        subjects = [matter.subject_id for matter in matters]
        query = sa.select(ApplicationStep.id, Application).join(
            Application, Application.id == ApplicationStep.application_id
        )
        query = query.options(joinedload(Application.grade)).where(ApplicationStep.id.in_(subjects))
        found = {step_id: application for step_id, application in session.execute(query).all()}
        return {matter.id: _describe(found[matter.subject_id]) for matter in matters}

    def lock(self, session: ChamberSession, matters: Sequence[Matter]) -> None:
        """**Locks** whatever a vote on these applications changes.

        The applications, their steps, their enterprises and the invoices of these, each sorted.
        """
        steps = [session.fetch(ApplicationStep, matter.subject_id) for matter in matters]
        concerned = sorted({step.application_id for step in steps})
        applications = [
            session.lock(session.fetch(Application, application_id)) for application_id in concerned
        ]
        for step in sorted(steps, key=lambda step: step.id):
            session.lock(step)
        owners = sorted({a.enterprise_id for a in applications if a.enterprise_id})
        for enterprise_id in owners:
            session.lock(session.fetch(Enterprise, enterprise_id))
        for invoice in list_standing_invoices(session, owners):
            session.lock(invoice)

    def settle(
        self, session: ChamberSession, matter: Matter, verdict: Verdict, *, actor: Actor
    ) -> None:
        """A carried one passes its step, a declined one is rejected.

        Refuses as record_vote and reject_application.
        """
        step = session.fetch(ApplicationStep, matter.subject_id)
        session.lock(session.fetch(Application, step.application_id))
        session.lock(step)
        application = find_application(session, step.application_id)
        if application is None:
            raise NotFound(N_("There is nothing at this address."))
        if verdict.outcome is MeetingOutcome.CARRIED:
            record_vote(session, application, step, verdict.vote, verdict.held_on, actor=actor)
        else:
            reject_application(session, application, step, verdict.reason, actor=actor)

    def resolution_title(self, names: Sequence[str]) -> str:
        """By the enterprise, or the first of them and how many there are."""
        whom = names[0] if len(names) == 1 else f"{names[0]}等{len(names)}家企业"
        return f"关于同意{whom}入会的决议"


def _describe(application: Application) -> Described:
    in_review = application.state is ApplicationState.IN_REVIEW
    return Described(
        application.number or "",
        application.name,
        (
            application.uscc,
            application.grade.name_zh,
            industry_name(application.industry),
            region_name(application.region),
            application.legal_representative,
            Decimal(application.capital).scaleb(-2),
        ),
        "reviews.show_application",
        {"application_id": application.id},
        None if in_review else application.state,
    )


register_kind(AdmissionMatter())
