"""Applications at every step of the demo, made the way people make them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.accounts.models import Appointment
from portal.accounts.queries import find_person_by_email, list_departments
from portal.admission.applications.models import (
    Application,
    ApplicationStep,
    Question,
    QuestionKind,
)
from portal.admission.applications.queries.documents import list_documents
from portal.admission.applications.queries.questions import list_questions
from portal.admission.applications.queries.reading import find_application
from portal.admission.applications.rules import AnswerValue, asked_of
from portal.admission.applying.services.applying import (
    Contact,
    Wish,
    begin_application,
    submit_application,
)
from portal.admission.reviewing.services.ending import expire_application, withdraw_application
from portal.admission.reviewing.services.returning import return_application
from portal.admission.reviewing.services.reviewing import (
    approve_step,
    record_vote,
    reject_application,
)
from portal.files.services import add_file
from portal.files.storing import Upload, store_upload
from portal.foundation.clock import StandingClock, day_in
from portal.foundation.ids import new_id
from portal.governance.bodies.rules import Vote
from portal.members.enterprises.models import EnterpriseKind
from portal.members.enterprises.services import Identity
from portal.members.membership.queries import list_grades
from portal.money.invoices.models import Invoice
from portal.money.payments.services.recording import Arrival, Part, record_payment
from portal.operations.demo.invented import Invented, licence
from portal.tenancy.actor import SYSTEM, Actor, ActorKind
from portal.tenancy.session import ChamberSession, Doors
from portal.web.world import World

NEWCOMERS, EARLIER = 34, 28
"""How many enterprises apply, and how many of them before the present day."""


@dataclass(frozen=True)
class Plan:
    """One chamber of the demo."""

    slug: str
    name_zh: str
    name_en: str
    place: str
    region: str
    colour: str
    seed: int
    introduction: str


class Present:
    """Applications at every step, made the way people make them."""

    def __init__(
        self, world: World, chamber_id: uuid.UUID, plan: Plan, newcomers: Sequence[Invented]
    ) -> None:
        self.world, self.chamber_id, self.plan, self.newcomers = world, chamber_id, plan, newcomers

    def unfold(self) -> None:
        """What is under way: drafts, reviews, council steps, approvals.

        Some wait for dues, some are paid in part, some rejected; admissions follow from full
        payments.
        """
        now = self.world.doors.clock.now()
        for number, company in enumerate(self.newcomers[:EARLIER]):
            earlier = Doors(
                self.world.doors.database,
                StandingClock(now - dt.timedelta(days=EARLIER - number, hours=number % 5)),
                self.world.sealer,
            )
            with earlier.chamber(self.chamber_id, writing=True) as session:
                self._one(session, company, number)

    def _one(self, session: ChamberSession, company: Invented, number: int) -> None:
        application = self.begin(session, company, number)
        stage = number % 7
        if stage == 0 and number < 21:
            return
        applicant = Actor(ActorKind.APPLICANT, company.contact, application_id=application.id)
        submit_application(session, application, actor=applicant)
        officer = self._colleague(session, "membership")
        if stage == 0:
            withdraw_application(session, application, "暂缓入会", actor=applicant)
        elif stage == 2 and number > 2:
            return_application(
                session,
                *self.open(session, application),
                {"licence_file_id": "照片不清晰，请重新上传"},
                actor=officer,
            )
        elif stage == 6:
            reject_application(
                session,
                *self.open(session, application),
                "营业执照经营范围与本会行业不符，请补充相关资质后再申请。",
                actor=officer,
            )
        elif stage >= 3:
            self._review(session, application, stage, number, officer)

    def _review(
        self,
        session: ChamberSession,
        application: Application,
        stage: int,
        number: int,
        officer: Actor,
    ) -> None:
        approve_step(session, *self.open(session, application), actor=officer)
        if stage == 3:
            return
        today = day_in(session.now())
        record_vote(
            session,
            *self.open(session, application),
            Vote(33, 27, 25 - number % 3),
            today,
            actor=officer,
        )
        if number == 4:
            expire_application(session, application, today + dt.timedelta(days=90), actor=SYSTEM)
        if stage == 5:
            self._pay(session, application, whole=number % 2 == 1)

    def begin(self, session: ChamberSession, company: Invented, number: int) -> Application:
        """An application as its contact fills it in, not yet confirmed."""
        form_key = new_id()
        visitor = Actor(ActorKind.VISITOR, "visitor")
        picture = Upload("营业执照.png", licence(company))
        stored = store_upload(
            self.world.store, session.chamber_id, picture, at=session.now(), field="licence"
        )
        file = add_file(session, stored, owner_type="application_form", owner_id=form_key)
        identity = Identity(
            company.uscc,
            company.name,
            EnterpriseKind.PRIVATE,
            company.legal_representative,
            company.capital,
            company.industry,
            company.region,
            "示范大道88号",
            file.id,
        )
        grade = list_grades(session)[number % 4]
        contact = Contact(
            company.contact, f"applicant{number}@{self.plan.slug}.example", "13800000000"
        )
        answers = {
            question.id: _answer(question)
            for question in asked_of(list_questions(session), grade.id)
            if question.kind is not QuestionKind.PAPER
        }
        return begin_application(
            session,
            identity,
            contact,
            Wish(grade, None, list_documents(session), answers),
            form_key=form_key,
            actor=visitor,
        )

    def open(
        self, session: ChamberSession, application: Application
    ) -> tuple[Application, ApplicationStep]:
        """The application whole, and the step it waits for."""
        session.flush()
        session.expire_all()
        whole = find_application(session, application.id)
        if whole is None or whole.open_step is None:
            raise LookupError("the application has no open step")
        return whole, whole.open_step

    def _pay(self, session: ChamberSession, application: Application, *, whole: bool) -> None:
        invoice = session.fetch(Invoice, application.invoice_id)
        amount = invoice.open_amount if whole else invoice.open_amount // 2
        arrival = Arrival(
            day_in(session.now()), amount, application.name, f"DEMO{new_id().hex[:16].upper()}"
        )
        record_payment(
            session, arrival, [Part(invoice, amount)], actor=self._colleague(session, "finance")
        )

    def _colleague(self, session: ChamberSession, who: str) -> Actor:
        return as_staff(session, f"{who}@{self.plan.slug}.example")


def _answer(question: Question) -> AnswerValue:
    """What an applicant of the demo answers."""
    told = {
        QuestionKind.ATTESTATION: "yes",
        QuestionKind.REFEREE: "000007",
        QuestionKind.CHOICE: next(iter(question.choices), ""),
    }
    return AnswerValue(told.get(question.kind, "主营跨境电商与供应链服务，员工120人。"))


def as_staff(session: ChamberSession, email: str) -> Actor:
    """The colleague with this address, as a request would build them."""
    person = find_person_by_email(session, email)
    if person is None:
        raise LookupError(f"nobody is {email}")
    departments = {d.id: d.code for d in list_departments(session)}
    held = session.scalars(sa.select(Appointment).where(Appointment.person_id == person.id)).all()
    return Actor(
        ActorKind.STAFF,
        person.name,
        person.id,
        tuple(a.as_post(departments[a.department_id] if a.department_id else "") for a in held),
    )
