"""Returned for correction field by field, withdrawn, expired with reminders, invoiced again,
applied for again; on both databases.
"""

import datetime as dt

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import Application, ApplicationState, ApplicationVersion
from portal.admission.applications.queries.reading import find_application, find_open_correction
from portal.admission.applying.services.correcting import correct_application
from portal.admission.reviewing.services.ending import expire_application
from portal.foundation.errors import InvalidInput
from portal.jobs.models import Mail
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.ledger.models import Account
from portal.money.ledger.queries import balance, credit_of
from portal.operations.verify import verify
from portal.tenancy.actor import Actor, ActorKind
from tests.cast import PNG, Browser, House, applicant_of, application_form, apply_through_pages
from tests.scenes import (
    application_of,
    approve_through_pages,
    grade_id,
    invoice_of,
    pay_through_pages,
    word_of_newest_mail,
)

pytestmark = [pytest.mark.either_database, pytest.mark.stage("applied")]


def _state(house: House, application: Application) -> ApplicationState:
    with house.doors.chamber(house.jia.id) as session:
        return session.fetch(Application, application.id).state


def _mails(house: House, template: str) -> int:
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        return len(session.scalars(sa.select(Mail.id).where(Mail.template == template)).all())


def _look(house: House, days: int) -> None:
    """The schedule's look at every chamber, some days later."""
    house.clock.at = house.clock.at + dt.timedelta(days=days)
    house.worker().call_schedules()
    house.work()


def _faults(house: House) -> list[str]:
    return [line for line, fault in verify(house.world) if fault]


def _returned(house: House) -> tuple[Browser, Application]:
    applicant, application = applicant_of(house)
    officer = house.browser("membership")
    assert (
        officer.send(f"/applications/{application.id}/return", name="", address=" ").status_code
        == 422
    )
    assert (
        officer.send(
            f"/applications/{application.id}/return", address="与执照不符", capital="单位有误"
        ).status_code
        == 302
    )
    return applicant, application


def test_the_applicant_sees_exactly_the_fields_that_were_returned(house: House) -> None:
    applicant, application = _returned(house)
    assert _mails(house, "applications/returned") == 1
    page = applicant.get("/application").text
    assert "与执照不符" in page
    form = applicant.get("/application/correct").text
    assert 'name="address"' in form
    assert 'name="capital"' in form
    for other in ("uscc", "legal_representative", "contact_email", "documents", "licence"):
        assert f'name="{other}"' not in form
    wrong = applicant.send("/application/correct", address="新路一号", capital="1e5", name="换名")
    assert wrong.status_code == 422
    assert "新路一号" in wrong.text
    assert (
        applicant.send(
            "/application/correct", address="新路一号", capital="6,000,000", name="换名"
        ).status_code
        == 302
    )
    assert (
        applicant.send("/application/correct", address="新路二号", capital="1").status_code == 409
    )
    with house.doors.chamber(house.jia.id) as session:
        corrected = session.fetch(Application, application.id)
        assert (corrected.address, corrected.capital, corrected.name) == (
            "新路一号",
            600_000_000,
            application.name,
        )
        versions = session.scalars(
            sa.select(ApplicationVersion).order_by(ApplicationVersion.number)
        ).all()
        assert [v.snapshot["address"] for v in versions] == ["示例路二号", "新路一号"]
    seen = house.browser("membership").get(f"/applications/{application.id}").text
    assert "新路一号" in seen
    assert "示例路二号" in seen
    assert "单位有误" in seen


def test_a_returned_application_is_decided_by_nobody_until_it_is_back(house: House) -> None:
    applicant, application = _returned(house)
    officer = house.browser("membership")
    assert officer.send(f"/applications/{application.id}/approve").status_code == 409
    assert officer.send(f"/applications/{application.id}/return", address="再改").status_code == 409
    assert officer.get("/applications?state=returned").text.count("<tr>") == 2
    applicant.send("/application/correct", address="新路一号", capital="6,000,000")
    assert officer.send(f"/applications/{application.id}/approve").status_code == 302


def test_a_licence_is_corrected_and_kept_when_something_else_is_wrong(house: House) -> None:
    applicant, application = applicant_of(house)
    house.browser("membership").send(
        f"/applications/{application.id}/return", licence_file_id="模糊", name="与执照不符"
    )
    wrong = applicant.send("/application/correct", name="", files={"licence": (PNG, "新执照.png")})
    assert wrong.status_code == 422
    assert "新执照.png" in wrong.text
    import re

    kept = dict(re.findall(r'name="(form_key|kept_licence)"[^>]*value="([^"]+)"', wrong.text))
    assert applicant.send("/application/correct", name="改名有限公司", **kept).status_code == 302
    house.work()
    assert (
        house.browser("membership").get(f"/applications/{application.id}/licence/1").status_code
        == 200
    )
    assert "改名有限公司" in house.browser("membership").get("/applications?q=改名").text


def test_other_fields_and_other_people_are_refused(house: House) -> None:
    _, application = _returned(house)
    owner = Actor(ActorKind.APPLICANT, "x", application_id=application.id)
    with house.doors.chamber(house.jia.id, writing=True) as session, pytest.raises(InvalidInput):
        correct_application(
            session, session.fetch(Application, application.id), {"name": "换名"}, actor=owner
        )
    with house.doors.chamber(house.jia.id) as session:
        assert find_open_correction(session, application.id) is not None
    for who in ("membership-clerk", "finance", "rights"):
        assert house.browser(who).send(
            f"/applications/{application.id}/return", address="x"
        ).status_code in {403, 404, 409}
    stranger, _ = apply_through_pages(house, 2)
    assert stranger.get("/application/correct").status_code == 409


@pytest.mark.parametrize("paid", ["", "500", "draft", "review"])
def test_a_withdrawal_takes_the_invoice_back_and_keeps_the_money(house: House, paid: str) -> None:
    applicant, application = applicant_of(house)
    invoice = None
    if paid not in {"draft", "review"}:
        invoice = approve_through_pages(house, application)
    if paid.isdigit():
        pay_through_pages(house, invoice, paid)  # type: ignore[arg-type]
    assert applicant.send("/application/withdraw", reason="不需要了").status_code == 302
    assert applicant.send("/application/withdraw", reason="不需要了").status_code == 409
    house.work()
    assert _state(house, application) is ApplicationState.WITHDRAWN
    assert "You withdrew it" in applicant.get("/application").text
    assert "不需要了" in house.browser("membership").get(f"/applications/{application.id}").text
    with house.doors.chamber(house.jia.id) as session:
        assert balance(session, Account.RECEIVABLES) == 0
        if invoice is not None:
            assert session.fetch(Invoice, invoice.id).state is (
                InvoiceState.CREDITED if paid else InvoiceState.VOID
            )
            assert credit_of(session, invoice.party_id) == (50_000 if paid else 0)
    assert _faults(house) == []
    _, again = apply_through_pages(house)
    assert again.id != application.id


@pytest.mark.stage("")
def test_a_withdrawn_draft_shows_in_no_queue(house: House) -> None:
    browser = house.browser()
    browser.send(
        "/apply", **application_form(), grade=grade_id(house), files={"licence": (PNG, "x.png")}
    )
    browser.get(f"/application/open/{word_of_newest_mail(house, 'jia', 'applications/confirm')}")
    assert browser.send("/application/withdraw").status_code == 302
    assert "测试企业1" not in house.browser("membership").get("/applications?state=all").text


def test_an_unpaid_approval_is_reminded_of_and_expires(house: House) -> None:
    applicant, application = applicant_of(house)
    invoice = approve_through_pages(house, application)
    pay_through_pages(house, invoice, "500")
    _look(house, 45)
    assert _mails(house, "applications/expiring") == 0
    _look(house, 1)
    _look(house, 1)
    assert _mails(house, "applications/expiring") == 1
    _look(house, 11)
    assert _mails(house, "applications/expiring") == 2
    _look(house, 2)
    assert (_state(house, application), _mails(house, "applications/expiring")) == (
        ApplicationState.AWAITING_DUES,
        2,
    )
    _look(house, 1)
    assert (_state(house, application), _mails(house, "applications/expired")) == (
        ApplicationState.EXPIRED,
        1,
    )
    with house.doors.chamber(house.jia.id) as session:
        assert session.fetch(Invoice, invoice.id).state is InvoiceState.CREDITED
        assert credit_of(session, invoice.party_id) == 50_000
    assert "has expired" in applicant.get("/application").text
    assert "¥500.00" in house.browser("finance").get(f"/billing/accounts/{invoice.party_id}").text
    assert _faults(house) == []


def test_payment_on_the_last_day_admits(house: House) -> None:
    _, application = applicant_of(house)
    invoice = approve_through_pages(house, application)
    house.clock.at = dt.datetime(2026, 8, 14, 15, 59, 59, tzinfo=dt.UTC)
    house.worker().call_schedules()
    house.work()
    pay_through_pages(house, invoice)
    assert _state(house, application) is ApplicationState.ADMITTED


def test_a_void_invoice_is_raised_again_for_who_waits(house: House) -> None:
    applicant, application = applicant_of(house)
    first = approve_through_pages(house, application)
    officer = house.browser("membership")
    assert officer.send(f"/applications/{application.id}/invoice").status_code == 409
    house.browser("finance").send(f"/billing/invoices/{first.id}/void", reason="开错")
    assert "new invoice is on its way" in applicant.get("/application").text
    assert (
        house.browser("finance").send(f"/applications/{application.id}/invoice").status_code == 403
    )
    assert officer.send(f"/applications/{application.id}/invoice").status_code == 302
    second = invoice_of(house, "jia", application.id)
    assert (second.number, second.amount, second.state) == (
        "JF2026-00002",
        first.amount,
        InvoiceState.ISSUED,
    )
    house.work()
    pay_through_pages(house, second)
    assert _state(house, application) is ApplicationState.ADMITTED
    assert _faults(house) == []


def test_a_rejected_applicant_sees_why_and_applies_again_from_what_it_wrote(house: House) -> None:
    applicant, application = applicant_of(house)
    house.browser("membership").send(f"/applications/{application.id}/reject", reason="执照已过期")
    assert "执照已过期" in applicant.get("/application").text
    assert "Apply again" in applicant.get("/application").text
    form = applicant.get("/apply").text
    assert application.uscc in form
    assert "示例路二号" in form
    _, second = apply_through_pages(house)
    assert second.state is ApplicationState.IN_REVIEW


def test_one_application_is_open_for_an_enterprise(house: House) -> None:
    browser = house.browser()
    browser.send(
        "/apply",
        **application_form(1, contact_email="second@else.example"),
        grade=grade_id(house),
        files={"licence": (PNG, "x.png")},
    )
    house.work()
    browser.get(f"/application/open/{word_of_newest_mail(house, 'jia', 'applications/confirm')}")
    answer = browser.send("/application/submit")
    assert answer.status_code == 409
    assert "open already" in answer.text
    assert application_of(house, "jia", application_form(1)["uscc"]).state is ApplicationState.DRAFT


def test_what_is_paid_but_not_admitted_yet_does_not_expire(house: House) -> None:
    _, application = applicant_of(house)
    invoice = approve_through_pages(house, application)
    money = {
        "channel": "bank_transfer",
        "received_on": "2026-06-15",
        "amount": f"{invoice.amount / 100:.2f}",
        "payer": "付款人",
        "reference": "LAST-DAY",
    }
    assert (
        house.browser("finance")
        .send(f"/billing/invoices/{invoice.id}/payment", **money)
        .status_code
        == 302
    )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        assert not expire_application(
            session, session.fetch(Application, application.id), dt.date(2026, 12, 31)
        )
    house.work()
    assert _state(house, application) is ApplicationState.ADMITTED


def test_a_return_is_told_once_more_taken_back_and_gives_the_step_its_days(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        step = find_application(session, applicant_of(house)[1].id).open_step  # type: ignore[union-attr]
        step.due_on = dt.date(2026, 6, 20)  # type: ignore[union-attr]
    _, application = _returned(house)
    officer, clerk, page = (
        house.browser("membership"),
        house.browser("membership-clerk"),
        f"/applications/{application.id}",
    )
    for way in ("approve", "reject"):
        assert "with the applicant" in officer.send(f"{page}/{way}", reason="x").text
    assert [
        b.send(f"{page}/return/remind").status_code for b in (clerk, house.browser("finance"))
    ] == [302, 403]
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        mails = session.scalars(
            sa.select(Mail).where(Mail.template == "applications/returned")
        ).all()
        assert [
            dict(zip(m.context["fields"], m.context["reasons"], strict=True)) for m in mails
        ] == [{"Address": "与执照不符", "Registered capital (CNY)": "单位有误"}] * 2
    house.clock.at += dt.timedelta(days=15)
    officer, clerk = house.browser("membership"), house.browser("membership-clerk")
    assert "Returned, and not answered" in officer.get("/my-day").text
    assert clerk.send(f"{page}/return/take-back").status_code == 403
    assert [officer.send(f"{page}/return/take-back").status_code for _ in range(2)] == [302, 409]
    with house.doors.chamber(house.jia.id) as session:
        whole = find_application(session, application.id)
        assert whole is not None
        assert whole.open_step is not None
        assert whole.open_step.due_on == dt.date(2026, 7, 5)
    assert applicant_of(house)[0].send("/application/correct", address="x").status_code == 409
    assert officer.send(f"{page}/reject", reason="逾期未补正").status_code == 302


def test_nobody_types_what_would_be_refused(house: House) -> None:
    application = applicant_of(house)[1]
    for way in ("reject", "return", "vote"):
        assert (
            house.browser("membership-clerk")
            .get(f"/applications/{application.id}/{way}")
            .status_code
            == 403
        )
    page = house.browser("membership").get(f"/applications/{application.id}/return").text
    assert "示例路二号" in page, "what the applicant wrote stands under each field"
    assert "¥5,000,000.00" in page


def test_who_cannot_pay_is_not_reminded_and_does_not_expire(house: House) -> None:
    _, application = applicant_of(house)
    invoice = approve_through_pages(house, application)
    house.browser("finance").send(f"/billing/invoices/{invoice.id}/void", reason="开错了")
    _look(house, 70)
    assert (_state(house, application), _mails(house, "applications/expiring")) == (
        ApplicationState.AWAITING_DUES,
        0,
    )
    assert (
        house.browser("membership").send(f"/applications/{application.id}/invoice").status_code
        == 302
    )
    _look(house, 59)
    assert _state(house, application) is ApplicationState.AWAITING_DUES, "its term began anew"
    assert _mails(house, "applications/expiring") == 1
    house.browser("finance").send(
        f"/billing/invoices/{invoice_of(house, 'jia', application.id).id}/void", reason="又开错了"
    )
    house.browser("membership").send(f"/applications/{application.id}/invoice")
    _look(house, 59)
    assert _mails(house, "applications/expiring") == 2, "and has its own reminders"
    _look(house, 3)
    assert _state(house, application) is ApplicationState.EXPIRED
