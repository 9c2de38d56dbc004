"""A scene with one of everything in both chambers, and the ids that routes ask for."""

import datetime as dt
import uuid

import sqlalchemy as sa

from portal.accounts.models import Appointment, Person, Representation, SignIn
from portal.admission.applications.models import (
    Application,
    Question,
    QuestionKind,
    RequiredDocument,
    StepKind,
)
from portal.admission.applications.queries.reading import find_application
from portal.admission.applications.services.asking import QuestionPlan, add_question
from portal.admission.reviewing.models import ChecklistItem, Objection, PossibleDuplicate
from portal.admission.reviewing.queries.chain import list_chain
from portal.admission.reviewing.services.chain import StepPlan, set_chain
from portal.admission.reviewing.services.desk import add_point, retire_point
from portal.admission.reviewing.services.noticing import record_objection
from portal.circulars.models import Circular, CircularFile
from portal.circulars.services import Words, attach_file, publish_circular, write_circular
from portal.files.services import add_file
from portal.governance.bodies.models import Body
from portal.governance.bodies.services import BodyPlan, add_body, seat_office
from portal.governance.meetings.models import Meeting
from portal.governance.meetings.services.meetings import MeetingPlan, call_meeting
from portal.governance.resolutions.models import Resolution
from portal.jobs.models import Job, JobState, Mail, MailState
from portal.members.enterprises.models import Amendment, Enterprise
from portal.members.enterprises.services import Identity
from portal.members.enterprises.services.amending import correct_enterprise
from portal.members.enterprises.services.keeping import (
    enter_history,
    tag_enterprises,
    write_enterprise_note,
)
from portal.members.membership.models import Grade, Membership
from portal.members.membership.queries import list_grades
from portal.members.offices.models import Office, OfficeHolding
from portal.members.offices.services import add_office, give_office
from portal.money.dues.models import DuesSchedule, DuesSuspension
from portal.money.dues.services.schedules import RatePlan, enter_schedule, suspend_dues
from portal.money.invoices.models import Invoice, PaymentSlip
from portal.money.ledger.models import LedgerAccount
from portal.money.online.models import Parked, ParkReason
from portal.money.online.services.parking import park
from portal.money.payments.models import Payment, PaymentPaper, Refund
from portal.money.payments.services.refunds import Payee, request_refund
from portal.papers.issuing.models import IssuedPaper
from portal.roll.models import ExportFormat, RollExport, SavedView
from portal.roll.queries.narrowing import RollFilter
from portal.roll.services import export_roll, save_view
from portal.tenancy.actor import SYSTEM
from tests.cast import Browser, House, applicant_of, apply_through_pages
from tests.scenes import (
    approve_through_pages,
    chamber_of,
    council,
    list_candidates,
    pay_through_pages,
    uploaded,
    word_of_newest_mail,
)

MODELS = {
    "application_id": Application,
    "invoice_id": Invoice,
    "paper_id": IssuedPaper,
    "grade_id": Grade,
    "schedule_id": DuesSchedule,
    "document_id": RequiredDocument,
    "appointment_id": Appointment,
    "mail_id": Mail,
    "representation_id": Representation,
    "sign_in_id": SignIn,
    "job_id": Job,
    "payment_id": Payment,
    "refund_id": Refund,
    "slip_id": PaymentSlip,
    "account_id": LedgerAccount,
    "parked_id": Parked,
    "amendment_id": Amendment,
    "view_id": SavedView,
    "export_id": RollExport,
    "circular_id": Circular,
    "circular_file_id": CircularFile,
    "office_id": Office,
    "holding_id": OfficeHolding,
    "enterprise_id": Enterprise,
    "body_id": Body,
    "meeting_id": Meeting,
    "resolution_id": Resolution,
    "item_id": ChecklistItem,
    "duplicate_id": PossibleDuplicate,
    "objection_id": Objection,
    "person_id": Person,
    "question_id": Question,
    "suspension_id": DuesSuspension,
}
MEMBER_PASSWORD = "a contact's sentence"


def furnish_everything(house: House, slug: str) -> None:
    """A member with a contact who signs in, an application in review, one before a meeting, one
    under notice, a draft schedule, and a failed job.
    """
    _, application = apply_through_pages(house, 1, slug)
    pay_through_pages(house, approve_through_pages(house, application, slug), "2,050", slug=slug)
    house.browser(slug=slug).send(
        f"/link/{word_of_newest_mail(house, slug, 'applications/welcome')}",
        password=MEMBER_PASSWORD,
    )
    apply_through_pages(house, 2, slug)
    with house.doors.chamber(chamber_of(house, slug).id, writing=True) as session:
        secretary = house.actor(session, "secretary")
        office = add_office(session, name_zh="理事", name_en="Council", actor=secretary)
        session.flush()
        member = session.scalars(
            sa.select(Enterprise).join(Membership, Membership.enterprise_id == Enterprise.id)
        ).one()
        give_office(
            session,
            office,
            member,
            held_by="张三",
            from_on=house.clock.at.date(),
            until_on=None,
            actor=house.actor(session, "secretary"),
        )
        request_refund(
            session,
            member,
            1_000,
            Payee("企业", "6200"),
            "理由",
            actor=house.actor(session, "finance"),
        )
        owed = session.scalars(sa.select(Invoice)).one()
        kept = add_file(session, uploaded(house, session), owner_type="invoice", owner_id=owed.id)
        session.add(
            PaymentSlip(
                invoice_id=owed.id, file_id=kept.id, uploaded_at=session.now(), uploaded_by="张三"
            )
        )
        park(
            session,
            ParkReason.UNKNOWN,
            "cs_test_1",
            5_000,
            "CNY",
            {"payer": "付款人"},
            actor=SYSTEM,
        )
        enter_schedule(
            session,
            name="草案",
            in_force_from=house.clock.at.date(),
            rates=[RatePlan(100, grade_id=list_grades(session)[0].id)],
            actor=house.actor(session, "secretary"),
        )
        suspend_dues(
            session,
            from_on=dt.date(2021, 1, 1),
            until_on=dt.date(2021, 1, 31),
            resolution="决议",
            actor=house.actor(session, "secretary"),
        )
        session.add(
            Job(
                task="make_previews",
                args={},
                state=JobState.FAILED,
                run_at=session.now(),
                created_at=session.now(),
            )
        )
    _furnish_the_bodies(house, slug)
    _furnish_the_desk(house, slug)
    _furnish_the_roll(house, slug)


def _furnish_the_bodies(house: House, slug: str) -> None:
    """The member's office sits in the council.

    Beside assembly and council there is a body of the chamber's own.
    """
    with house.doors.chamber(chamber_of(house, slug).id, writing=True) as session:
        secretary = house.actor(session, "secretary")
        add_body(session, BodyPlan("常务理事会", "Standing council"), actor=secretary)
        seat_office(
            session, session.scalars(sa.select(Office)).one(), [council(session)], actor=secretary
        )


def _furnish_the_roll(house: House, slug: str) -> None:
    """A change of the member's name that waits, a tag, notes, a saved view, an export, and a public
    notice with an attachment that went to the member.
    """
    with house.doors.chamber(chamber_of(house, slug).id, writing=True) as session:
        secretary, clerk = house.actor(session, "secretary"), house.actor(session, "membership")
        member = session.scalars(
            sa.select(Enterprise).join(Membership, Membership.enterprise_id == Enterprise.id)
        ).one()
        said = Identity.of(member, name="改名后企业有限公司")
        correct_enterprise(
            session, member, said, reason="更名", licence=uploaded(house, session), actor=clerk
        )
        tag_enterprises(session, [member.id], "重点", actor=clerk)
        write_enterprise_note(session, member, "电话联系过", actor=clerk)
        enter_history(session, member, [(house.clock.at.date(), "理事")], actor=clerk)
        save_view(session, "会员", RollFilter(state="member"), actor=secretary)
        export_roll(session, RollFilter(state="member"), ExportFormat.CSV, "zh", actor=secretary)
        circular = write_circular(
            session, Words("放假通知", "十月一日放假。", is_public=True), actor=secretary
        )
        attach_file(session, circular, uploaded(house, session), actor=secretary)
        publish_circular(session, circular, actor=secretary)


def _furnish_the_desk(house: House, slug: str) -> None:
    """A planned meeting with a candidate.

    The newest application under notice with an objection, and perhaps a duplicate of the member.
    """
    _, candidate = apply_through_pages(house, 3, slug)
    assert (
        house.browser("membership", slug).send(f"/applications/{candidate.id}/approve").status_code
        == 302
    )
    with house.doors.chamber(chamber_of(house, slug).id, writing=True) as session:
        secretary = house.actor(session, "secretary")
        call_meeting(
            session,
            council(session),
            MeetingPlan("理事会会议", house.clock.at.date()),
            [step.id for _, step in list_candidates(session)],
            actor=secretary,
        )
        retire_point(
            session,
            add_point(session, "核对执照", "Compare with the licence", actor=secretary),
            actor=secretary,
        )
        add_question(
            session,
            QuestionPlan(QuestionKind.TEXT, "介绍人", "Recommended by", required=False),
            actor=secretary,
        )
        chain = [
            StepPlan(s.kind, s.name_zh, s.name_en, s.department_id) for s in list_chain(session)
        ]
        set_chain(
            session, [StepPlan(StepKind.NOTICE, "公示", "Public notice"), *chain], actor=secretary
        )
    _, noticed = apply_through_pages(house, 4, slug, name="测试企业1有限公司")
    with house.doors.chamber(chamber_of(house, slug).id, writing=True) as session:
        secretary = house.actor(session, "secretary")
        set_chain(session, chain, actor=secretary)
        application = find_application(session, noticed.id)
        assert application is not None
        assert application.open_step is not None
        record_objection(
            session,
            application,
            application.open_step,
            raised_by="赵六",
            contact="",
            body="有失信记录",
            received_on=house.clock.at.date(),
            actor=secretary,
        )


def applicant_browser(house: House, slug: str = "jia") -> Browser:
    """The browser of the applicant at the department's step, come by the mailed link."""
    return applicant_of(house, 2, slug)[0]


def ids_of(house: House, slug: str) -> dict[str, uuid.UUID]:
    """One id of each kind in a chamber."""
    with house.doors.chamber(chamber_of(house, slug).id) as session:
        found = {
            name: session.scalars(sa.select(model.id).order_by(model.id.desc())).first()
            for name, model in MODELS.items()
        }  # type: ignore[attr-defined]
        found["job_id"] = session.scalars(
            sa.select(Job.id).where(Job.state == JobState.FAILED)
        ).one()
        found["mail_id"] = session.scalars(
            sa.select(Mail.id).where(Mail.state == MailState.HELD)
        ).first()
        found["paper_id"] = session.scalars(
            sa.select(IssuedPaper.id).where(IssuedPaper.kind == PaymentPaper.RECEIPT)
        ).first()
        found["person_id"] = session.scalars(
            sa.select(Person.id).where(Person.email == f"membership@{slug}.example")
        ).one()
        found["file_id"] = session.scalars(
            sa.select(Application.licence_file_id).order_by(Application.id.desc())
        ).first()
        found["enterprise_id"] = session.scalars(sa.select(Membership.enterprise_id)).first()
        clerk = session.scalars(
            sa.select(Person.id).where(Person.email == f"membership-clerk@{slug}.example")
        ).one()
        found["appointment_id"] = session.scalars(
            sa.select(Appointment.id).where(Appointment.person_id == clerk)
        ).one()
        assert all(found.values()), found
        return {name: value for name, value in found.items() if value is not None}
