"""Looking behind the pages: what tests read from a chamber, and whole scenes."""

import uuid
from typing import TYPE_CHECKING

import sqlalchemy as sa

from portal.admission.applications.models import Application, ApplicationStep
from portal.admission.applications.queries.reading import find_application
from portal.files.storing import StoredBytes, Upload, store_upload
from portal.governance.bodies.models import COUNCIL, Body
from portal.governance.bodies.queries import body_of_code
from portal.governance.meetings.models import Matter
from portal.governance.meetings.queries import list_waiting
from portal.jobs.models import Mail
from portal.members.membership.queries import list_grades
from portal.money.dues.models import DuesCharge
from portal.money.dues.queries import find_charge_of, was_raised_for
from portal.money.invoices.models import Invoice
from portal.tenancy.models import Chamber
from portal.tenancy.session import ChamberSession

if TYPE_CHECKING:
    from tests.cast import House


def chamber_of(house: "House", slug: str) -> Chamber:
    """The chamber of a slug."""
    return house.jia if slug == "jia" else house.yi


def council(session: ChamberSession) -> Body:
    """The chamber's council."""
    return body_of_code(session, COUNCIL)


def list_candidates(session: ChamberSession) -> list[tuple[Application, Matter]]:
    """Applications that wait for the council and stand on no planned agenda, with their matters,
    the longest waiting first.
    """
    found = []
    for matter in list_waiting(session, council(session).id):
        step = session.fetch(ApplicationStep, matter.subject_id)
        found.append((session.fetch(Application, step.application_id), matter))
    return found


def seal(house: "House") -> None:
    """Lets the worker do what recurs, sealing the audit among it."""
    worker = house.worker()
    worker.call_schedules()
    house.work()


def uploaded(house: "House", session: ChamberSession) -> StoredBytes:
    """A picture that somebody uploaded, in the store."""
    from tests.cast import PNG

    return store_upload(
        house.world.store,
        session.chamber_id,
        Upload("picture.png", PNG),
        at=session.now(),
        field="f",
    )


def grade_id(house: "House", slug: str = "jia", number: int = 1) -> str:
    """The id of the chamber's n-th grade, from 0."""
    with house.doors.chamber(chamber_of(house, slug).id) as session:
        return str(list_grades(session)[number].id)


def word_of_newest_mail(house: "House", slug: str, template: str) -> str:
    """The one-time word of the newest mail of a kind."""
    with house.doors.chamber(chamber_of(house, slug).id) as session:
        mail = session.scalars(
            sa.select(Mail).where(Mail.template == template).order_by(Mail.id.desc())
        ).first()
        assert mail is not None
        assert mail.secret is not None
        return session.sealer.open(mail.secret)


def word_of_mail(house: "House", slug: str, email: str) -> str:
    """The one-time word of the link with which somebody confirmed their newest application."""
    with house.doors.chamber(chamber_of(house, slug).id) as session:
        newest = (
            sa.select(Mail.secret)
            .where(Mail.template == "applications/confirm", Mail.to_address == email)
            .order_by(Mail.id.desc())
        )
        return session.sealer.open(session.scalars(newest).first() or "")


def application_of(house: "House", slug: str, uscc: str) -> Application:
    """The newest application of an enterprise."""
    with house.doors.chamber(chamber_of(house, slug).id) as session:
        found = session.scalars(
            sa.select(Application.id)
            .where(Application.uscc == uscc)
            .order_by(Application.id.desc())
        ).first()
        assert found is not None
        whole = find_application(session, found)
        assert whole is not None
        return whole


def invoice_of(house: "House", slug: str, application_id: uuid.UUID) -> Invoice:
    """The invoice of an approved application."""
    with house.doors.chamber(chamber_of(house, slug).id) as session:
        application = find_application(session, application_id)
        assert application is not None
        assert application.invoice is not None
        return application.invoice


def invoices_of_year(
    house: "House", year: int, slug: str = "jia", **columns: object
) -> list[Invoice]:
    """The invoices that ask for dues of a year, in the order in which they were raised."""
    with house.doors.chamber(chamber_of(house, slug).id) as session:
        return list(
            session.scalars(
                sa.select(Invoice)
                .filter_by(**columns)
                .where(was_raised_for(year))
                .order_by(Invoice.id)
            )
        )


def charge_of(house: "House", invoice: Invoice, slug: str = "jia") -> DuesCharge:
    """The charge that an invoice of dues asks for."""
    with house.doors.chamber(chamber_of(house, slug).id) as session:
        charge = find_charge_of(session, invoice.id)
        assert charge is not None
        return charge


def approve_through_pages(house: "House", application: Application, slug: str = "jia") -> Invoice:
    """会员部 approves and the council's vote is entered; returns the invoice."""
    officer = house.browser("membership", slug)
    assert officer.send(f"/applications/{application.id}/approve").status_code == 302
    answer = officer.send(
        f"/applications/{application.id}/vote",
        meeting_on="2026-06-15",
        entitled="30",
        present="20",
        in_favour="14",
    )
    assert answer.status_code == 302, answer.text
    house.work()
    return invoice_of(house, slug, application.id)


def pay_through_pages(
    house: "House",
    invoice: Invoice,
    amount: str | None = None,
    reference: str = "BANK-1",
    slug: str = "jia",
) -> None:
    """Finance records the transfer, and the worker does its part."""
    amount = amount or f"{invoice.open_amount / 100:.2f}"
    answer = house.browser("finance", slug).send(
        f"/billing/invoices/{invoice.id}/payment",
        channel="bank_transfer",
        received_on="2026-06-15",
        amount=amount,
        payer="付款人",
        reference=reference,
    )
    assert answer.status_code == 302, answer.text
    house.work()
