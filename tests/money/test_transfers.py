"""Recording transfers, and reading invoices."""

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa

from portal.accounts.models import Appointment
from portal.accounts.queries import find_person_by_email
from portal.members.membership.models import MembershipPaper
from portal.money.invoices.models import Allocation, Invoice, InvoiceState
from portal.money.invoices.rules import payment_code, read_payment_code
from portal.money.ledger.models import Account, JournalKind, Posting
from portal.money.ledger.queries import balance
from portal.money.ledger.services import Side, post
from portal.money.payments.models import Payment
from tests.cast import House, applicant_of, apply_through_pages
from tests.scenes import approve_through_pages, invoice_of, pay_through_pages

pytestmark = pytest.mark.stage("three_approved")
GOOD = {
    "channel": "bank_transfer",
    "received_on": "2026-06-15",
    "amount": "2,000.00",
    "payer": "测试企业",
    "reference": "BANK-9",
}


@pytest.fixture
def invoice(house: House) -> Invoice:
    return invoice_of(house, "jia", applicant_of(house)[1].id)


def _payments(house: House) -> int:
    with house.doors.chamber(house.jia.id) as session:
        return len(session.scalars(sa.select(Payment)).all())


@pytest.mark.parametrize(
    "fault",
    [
        {"amount": "1e5"},
        {"amount": "0.005"},
        {"amount": "-1"},
        {"amount": "NaN"},
        {"amount": ""},
        {"received_on": "2026-06-16"},
        {"received_on": "1999-12-31"},
        {"received_on": "2026-02-29"},
        {"received_on": ""},
        {"payer": ""},
        {"reference": ""},
        {"reference": "x" * 61},
    ],
)
def test_a_fault_books_nothing_and_keeps_what_was_typed(
    house: House, invoice: Invoice, fault: dict[str, str]
) -> None:
    answer = house.browser("finance").send(
        f"/billing/invoices/{invoice.id}/payment", **(GOOD | fault)
    )
    assert answer.status_code == 422
    assert "has-error" in answer.text
    assert all(value in answer.text for name, value in GOOD.items() if name not in fault)
    assert _payments(house) == 0


def test_full_width_amounts_are_read(house: House, invoice: Invoice) -> None:
    assert (
        house.browser("finance")
        .send(f"/billing/invoices/{invoice.id}/payment", **(GOOD | {"amount": "２，０００．００"}))
        .status_code
        == 302
    )
    assert _payments(house) == 1


def test_a_serial_number_is_booked_once(house: House, invoice: Invoice) -> None:
    finance = house.browser("finance")
    half = GOOD | {"amount": "500"}
    assert finance.send(f"/billing/invoices/{invoice.id}/payment", **half).status_code == 302
    answer = finance.send(f"/billing/invoices/{invoice.id}/payment", **half)
    assert answer.status_code == 422
    assert "booked already" in answer.text
    assert _payments(house) == 1


def test_a_paid_invoice_takes_no_more(house: House, invoice: Invoice) -> None:
    pay_through_pages(house, invoice)
    assert (
        house.browser("finance").send(f"/billing/invoices/{invoice.id}/payment", **GOOD).status_code
        == 409
    )


def test_too_much_becomes_credit_on_account(house: House, invoice: Invoice) -> None:
    pay_through_pages(house, invoice, "2,345.67")
    with house.doors.chamber(house.jia.id) as session:
        assert balance(session, Account.CREDIT_ON_ACCOUNT, invoice.party_id) == -34_567
        assert balance(session, Account.BANK) == 234_567
        assert session.scalars(sa.select(Allocation.amount)).one() == 200_000
        assert session.scalar(sa.select(sa.func.sum(Posting.amount))) == 0
    assert "¥345.67" in house.browser("finance").get(f"/billing/invoices/{invoice.id}").text


@pytest.mark.parametrize("who", ["membership", "office", "rights"])
def test_only_finance_records(house: House, invoice: Invoice, who: str) -> None:
    assert (
        house.browser(who).send(f"/billing/invoices/{invoice.id}/payment", **GOOD).status_code
        == 403
    )
    assert _payments(house) == 0


def test_an_acting_deputy_stops_at_the_ceiling_and_is_marked(
    house: House, invoice: Invoice
) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        person = find_person_by_email(session, "finance@jia.example")
        assert person is not None
        held = session.scalars(
            sa.select(Appointment).where(Appointment.person_id == person.id)
        ).one()
        held.acting, held.until_on, held.ceiling = True, dt.date(2026, 12, 31), 100_000
    finance = house.browser("finance")
    assert finance.send(f"/billing/invoices/{invoice.id}/payment", **GOOD).status_code == 403
    assert (
        finance.send(
            f"/billing/invoices/{invoice.id}/payment", **(GOOD | {"amount": "1000"})
        ).status_code
        == 302
    )
    with house.doors.chamber(house.jia.id) as session:
        from portal.audit.models import AuditEvent

        assert (
            session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "payment.recorded"))
            .one()
            .acting
            is True
        )


def test_an_invoice_is_found_by_code_number_name_initials_and_amount(
    house: House, invoice: Invoice
) -> None:
    _, other = apply_through_pages(house, 4, name="上海乙电子有限公司")
    approve_through_pages(house, other)
    finance = house.browser("finance")
    code = invoice.payment_code
    for words in (
        code,
        code.lower(),
        f" {code[:3]} {code[3:]} ",
        invoice.number,
        "测试企业",
        "csqy",
        "91999999MA0000001",
    ):
        page = finance.get("/billing/invoices", query_string={"q": words}).text
        assert invoice.number in page, words
        assert "上海乙" not in page, words
    both = finance.get("/billing/invoices?q=2,000.00").text
    assert "上海乙" in both
    assert "测试企业1" in both
    assert "Nothing matches" in finance.get("/billing/invoices?q=nothing").text
    assert (
        finance.get("/billing/invoices?q=csqy", headers={"HX-Request": "true"})
        .text.lstrip()
        .startswith("<div")
    )


def test_a_mistyped_payment_code_is_noticed(invoice: Invoice) -> None:
    code = invoice.payment_code
    assert read_payment_code(code) == code
    for place in range(1, len(code)):
        for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            if sign != code[place]:
                assert read_payment_code(code[:place] + sign + code[place + 1 :]) is None
    for place in range(1, 7):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert swapped == code or read_payment_code(swapped) is None
    assert len({payment_code(2026, n) for n in range(5_000)}) == 5_000


def test_the_member_sees_its_own_invoice_and_no_other(house: House) -> None:
    mine, first = applicant_of(house, 1)
    own, other = (
        invoice_of(house, "jia", first.id),
        invoice_of(house, "jia", applicant_of(house, 2)[1].id),
    )
    assert mine.get(f"/billing/invoices/{own.id}").status_code == 200
    assert mine.get(f"/billing/invoices/{other.id}").status_code == 404
    assert mine.get("/billing/invoices").status_code == 403


@pytest.mark.stage("")
def test_papers_are_read_by_whom_they_concern(house: House) -> None:
    from portal.papers.issuing.models import IssuedPaper

    house.prints = True
    mine, first = apply_through_pages(house, 1)
    stranger, _ = apply_through_pages(house, 2)
    pay_through_pages(house, approve_through_pages(house, first))
    with house.doors.chamber(house.jia.id) as session:
        papers = {
            p.kind: p.id
            for p in session.scalars(
                sa.select(IssuedPaper).where(IssuedPaper.enterprise_id.is_not(None))
            )
        }
    for kind, paper_id in papers.items():
        address = f"/papers/{paper_id}.pdf"
        answer = mine.get(address)
        assert answer.status_code == (404 if kind is MembershipPaper.ADMISSION else 200)
        assert stranger.get(address).status_code == 404
        assert house.browser("rights").get(address).status_code == 404
        assert house.browser("secretary").get(address).data[:5] == b"%PDF-"
        assert house.browser(slug="yi", who="secretary").get(address).status_code == 404
        assert house.browser().get(address).status_code == 302


def test_an_entry_that_does_not_balance_is_a_fault(house: House, invoice: Invoice) -> None:
    with (
        house.doors.chamber(house.jia.id, writing=True) as session,
        pytest.raises(ValueError, match="does not balance"),
    ):
        post(
            session,
            JournalKind.PAYMENT,
            [
                Side(Account.BANK, invoice.party_id, 1),
                Side(Account.RECEIVABLES, invoice.party_id, -2),
            ],
            on=dt.date(2026, 1, 1),
            origin=("invoice", invoice.id),
            actor=house.actor(session, "finance"),
        )


def test_the_state_of_an_invoice_is_what_was_paid(house: House) -> None:
    _, application = applicant_of(house)
    invoice = invoice_of(house, "jia", application.id)
    pay_through_pages(house, invoice, "1", "R-1")
    assert invoice_of(house, "jia", application.id).state is InvoiceState.PARTLY_PAID
    pay_through_pages(house, invoice, "1,999", "R-2")
    assert invoice_of(house, "jia", application.id).state is InvoiceState.PAID
    assert uuid.UUID(str(invoice.id)).version == 7
