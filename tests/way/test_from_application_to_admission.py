"""The whole way, through the pages, on both databases."""

import pytest
import sqlalchemy as sa

from portal.jobs.models import Job, JobState, Mail
from portal.members.membership.models import MembershipPaper
from portal.members.membership.queries import find_membership_of_application
from portal.money.invoices.models import InvoicePaper
from portal.money.ledger.models import Account
from portal.money.ledger.queries import balance
from portal.money.payments.models import PaymentPaper
from portal.papers.filing.models import FiledPaper
from portal.papers.issuing.models import IssuedPaper, PaperRendering
from tests.cast import House, apply_through_pages
from tests.scenes import approve_through_pages, pay_through_pages

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def press(house: House) -> None:
    """The way's papers are made."""
    house.prints = True


def test_an_enterprise_applies_pays_and_is_a_member(house: House) -> None:
    applicant, application = apply_through_pages(house)
    assert "in review" in applicant.get("/application").text
    invoice = approve_through_pages(house, application)
    assert invoice.amount == 200_000
    assert invoice.payment_code in applicant.get("/application").text
    pay_through_pages(house, invoice)
    page = applicant.get("/application").text
    assert "000001" in page
    assert "测试企业1有限公司" in house.browser().get("/").text
    with house.doors.chamber(house.jia.id) as session:
        membership = find_membership_of_application(session, application.id)
        assert membership is not None
        assert membership.number == "000001"
        assert {
            p.kind
            for p in session.scalars(
                sa.select(IssuedPaper).where(IssuedPaper.enterprise_id.is_not(None))
            )
        } == {
            InvoicePaper.DUES_NOTICE,
            PaymentPaper.RECEIPT,
            MembershipPaper.CERTIFICATE,
            MembershipPaper.ADMISSION,
        }
        assert session.scalar(sa.select(sa.func.count(PaperRendering.id))) == 5, (
            "and the resolution on dues"
        )
        assert [f.department.code for f in session.scalars(sa.select(FiledPaper))] == [
            "HYB",
            "BGS",
        ], "the admission, and the resolution on dues"
        assert balance(session, Account.BANK) == 200_000
        assert balance(session, Account.RECEIVABLES) == 0
        assert {m.template for m in session.scalars(sa.select(Mail))} >= {
            "applications/confirm",
            "applications/received",
            "billing/notice_of_dues",
            "applications/welcome",
        }
        assert session.scalars(sa.select(Job).where(Job.state == JobState.FAILED)).all() == []


def test_half_a_payment_does_not_admit_and_the_rest_does(house: House) -> None:
    _, application = apply_through_pages(house)
    invoice = approve_through_pages(house, application)
    pay_through_pages(house, invoice, "1,500.00", "BANK-1")
    with house.doors.chamber(house.jia.id) as session:
        assert find_membership_of_application(session, application.id) is None
    pay_through_pages(house, invoice, "700", "BANK-2")
    with house.doors.chamber(house.jia.id) as session:
        assert find_membership_of_application(session, application.id) is not None
        assert balance(session, Account.CREDIT_ON_ACCOUNT) == -20_000


def test_a_rejected_applicant_reads_the_reason(house: House) -> None:
    applicant, application = apply_through_pages(house)
    officer = house.browser("membership")
    assert officer.send(f"/applications/{application.id}/reject", reason="").status_code == 422
    assert (
        officer.send(f"/applications/{application.id}/reject", reason="执照已过期").status_code
        == 302
    )
    assert "执照已过期" in applicant.get("/application").text
    assert officer.send(f"/applications/{application.id}/approve").status_code == 409
