"""A scene with one of everything in both chambers, and the ids that routes ask for."""

import uuid

import sqlalchemy as sa

from portal.accounts.models import Appointment, Person, Representation, SignIn
from portal.applications.models import Application, RequiredDocument
from portal.billing.models import DuesSchedule, Invoice, Payment, PaymentSlip, Refund
from portal.billing.services.refunds import Payee, request_refund
from portal.billing.services.schedules import RatePlan, enter_schedule
from portal.enterprises.models import Enterprise
from portal.files.services import Upload, keep_upload
from portal.filing.models import IssuedPaper, PaperKind
from portal.jobs.models import Job, JobState, Mail, MailState
from portal.membership.models import Grade, Membership, Office, OfficeHolding
from portal.membership.queries import list_grades
from portal.membership.services import add_office, give_office
from tests.cast import PNG, Browser, House, apply_through_pages
from tests.scenes import approve_through_pages, chamber_of, pay_through_pages, word_of_newest_mail

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
    "office_id": Office,
    "holding_id": OfficeHolding,
    "enterprise_id": Enterprise,
}
MEMBER_PASSWORD = "a contact's sentence"


def furnish_everything(house: House, slug: str) -> None:
    """A member with a contact who signs in, an application in review, a draft schedule, and a failed job."""
    _, application = apply_through_pages(house, 1, slug)
    pay_through_pages(house, approve_through_pages(house, application, slug), "2,050", slug=slug)
    house.browser(slug=slug).send(f"/link/{word_of_newest_mail(house, slug, 'applications/welcome')}", password=MEMBER_PASSWORD)
    apply_through_pages(house, 2, slug)
    with house.doors.chamber(chamber_of(house, slug).id, writing=True) as session:
        office = add_office(session, name_zh="理事", name_en="Council", actor=house.actor(session, "secretary"))
        session.flush()
        member = session.scalars(sa.select(Enterprise).join(Membership, Membership.enterprise_id == Enterprise.id)).one()
        give_office(session, office, member, held_by="张三", from_on=house.clock.at.date(), until_on=None, actor=house.actor(session, "secretary"))
        request_refund(session, member, 1_000, Payee("企业", "6200"), "理由", actor=house.actor(session, "finance"))
        owed = session.scalars(sa.select(Invoice)).one()
        kept = keep_upload(session, house.world.store, Upload("slip.png", PNG), owner_type="invoice", owner_id=owed.id, field="slip", actor=house.actor(session, "finance"))
        session.add(PaymentSlip(invoice_id=owed.id, file_id=kept.id, uploaded_at=session.now(), uploaded_by="张三"))
        enter_schedule(
            session, name="草案", in_force_from=house.clock.at.date(), rates=[RatePlan(100, grade_id=list_grades(session)[0].id)], actor=house.actor(session, "secretary")
        )
        session.add(Job(task="make_previews", args={}, state=JobState.FAILED, run_at=session.now(), created_at=session.now()))


def applicant_browser(house: House, slug: str = "jia") -> Browser:
    """The browser of the newest applicant, come by the mailed link."""
    browser = house.browser(slug=slug)
    assert browser.get(f"/application/open/{word_of_newest_mail(house, slug, 'applications/confirm')}").status_code == 302
    return browser


def ids_of(house: House, slug: str) -> dict[str, uuid.UUID]:
    """One id of each kind in a chamber."""
    with house.doors.chamber(chamber_of(house, slug).id) as session:
        found = {name: session.scalars(sa.select(model.id).order_by(model.id.desc())).first() for name, model in MODELS.items()}  # type: ignore[attr-defined]
        found["job_id"] = session.scalars(sa.select(Job.id).where(Job.state == JobState.FAILED)).one()
        found["mail_id"] = session.scalars(sa.select(Mail.id).where(Mail.state == MailState.HELD)).first()
        found["paper_id"] = session.scalars(sa.select(IssuedPaper.id).where(IssuedPaper.kind == PaperKind.RECEIPT)).first()
        found["enterprise_id"] = session.scalars(sa.select(Membership.enterprise_id)).first()
        clerk = session.scalars(sa.select(Person.id).where(Person.email == f"membership-clerk@{slug}.example")).one()
        found["appointment_id"] = session.scalars(sa.select(Appointment.id).where(Appointment.person_id == clerk)).one()
        assert all(found.values()), found
        return {name: value for name, value in found.items() if value is not None}
