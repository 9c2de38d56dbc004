"""A scene with one of everything in both chambers, and the ids that routes ask for."""

import uuid

import sqlalchemy as sa

from portal.accounts.models import Appointment, Person, Representation, SignIn
from portal.applications.models import Application, RequiredDocument
from portal.billing.models import DuesSchedule, Invoice
from portal.billing.services.schedules import enter_schedule
from portal.filing.models import IssuedPaper
from portal.jobs.models import Job, JobState, Mail, MailState
from portal.membership.models import Grade
from portal.membership.queries import list_grades
from tests.cast import Browser, House, apply_through_pages
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
}
MEMBER_PASSWORD = "a contact's sentence"


def furnish_everything(house: House, slug: str) -> None:
    """A member with a contact who signs in, an application in review, a draft schedule, and a failed job."""
    _, application = apply_through_pages(house, 1, slug)
    pay_through_pages(house, approve_through_pages(house, application, slug), slug=slug)
    house.browser(slug=slug).send(f"/link/{word_of_newest_mail(house, slug, 'applications/welcome')}", password=MEMBER_PASSWORD)
    apply_through_pages(house, 2, slug)
    with house.doors.chamber(chamber_of(house, slug).id, writing=True) as session:
        enter_schedule(session, name="草案", in_force_from=house.clock.at.date(), rates={list_grades(session)[0].id: 100}, actor=house.actor(session, "secretary"))
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
        clerk = session.scalars(sa.select(Person.id).where(Person.email == f"membership-clerk@{slug}.example")).one()
        found["appointment_id"] = session.scalars(sa.select(Appointment.id).where(Appointment.person_id == clerk)).one()
        assert all(found.values()), found
        return {name: value for name, value in found.items() if value is not None}
