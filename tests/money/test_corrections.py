"""Voids, credit notes, cash, money over several, credit used, undone payments, refunds, slips,
copies and check pages; through the pages.
"""

import datetime as dt
import re
import uuid
from dataclasses import replace

import pytest
import sqlalchemy as sa

from portal.foundation.errors import NotPermitted
from portal.foundation.ids import new_id
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import MembershipPaper
from portal.money.invoices.models import (
    CreditNote,
    Invoice,
    InvoicePaper,
    InvoiceState,
    PaymentSlip,
)
from portal.money.invoices.services.corrections import issue_credit_note, void_invoice
from portal.money.ledger.models import Account
from portal.money.ledger.queries import balance, credit_of
from portal.money.payments.models import Payment, PaymentPaper, Refund, RefundState
from portal.money.payments.services.refunds import Payee, approve_refund, request_refund
from portal.money.payments.services.undoing import undo_payment
from portal.operations.verify import verify
from portal.papers.issuing.models import IssuedPaper
from portal.tenancy.actor import Post, Rank
from tests.cast import PNG, House, applicant_of, apply_through_pages, invented_uscc
from tests.scenes import (
    application_of,
    approve_through_pages,
    invoice_of,
    invoices_of_year,
    pay_through_pages,
)

pytestmark = [pytest.mark.both_databases, pytest.mark.stage("three_approved")]
REASON = {"reason": "开错了"}
MONEY = {"channel": "bank_transfer", "received_on": "2026-06-15", "payer": "付款人"}


@pytest.fixture
def invoices(house: House) -> list[Invoice]:
    """The open invoices of three enterprises, of 2,000 yuan each."""
    return [
        invoice_of(house, "jia", application_of(house, "jia", invented_uscc(number)).id)
        for number in (1, 2, 3)
    ]


def _faults(house: House) -> list[str]:
    return [line for line, fault in verify(house.world) if fault]


def _one(house: House, model: type, **columns: object) -> object:
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(
            sa.select(model).filter_by(**columns).order_by(model.id.desc())
        ).first()  # type: ignore[attr-defined]


def _fresh(house: House, invoice: Invoice) -> Invoice:
    found = _one(house, Invoice, id=invoice.id)
    assert isinstance(found, Invoice)
    return found


def _credit(house: House, invoice: Invoice) -> int:
    with house.doors.chamber(house.jia.id) as session:
        return credit_of(session, invoice.party_id)


def test_an_unpaid_invoice_is_made_void_and_its_number_stays(
    house: House, invoices: list[Invoice]
) -> None:
    finance, address = house.browser("finance"), f"/billing/invoices/{invoices[0].id}"
    assert finance.send(f"{address}/void", reason="").status_code == 422
    assert finance.send(f"{address}/void", **REASON).status_code == 302
    assert finance.send(f"{address}/void", **REASON).status_code == 409
    assert finance.send(f"{address}/payment", **MONEY, amount="1", reference="R").status_code == 409
    assert "开错了" in finance.get(address).text
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        assert balance(session, Account.RECEIVABLES) == 400_000
    _, next_one = apply_through_pages(house, 4)
    assert approve_through_pages(house, next_one).number == "JF2026-00004"
    assert _faults(house) == []


def test_a_paid_invoice_is_credited_and_its_money_lies_on_account(
    house: House, invoices: list[Invoice]
) -> None:
    invoice = invoices[0]
    pay_through_pages(house, invoice, "1,500")
    finance, address = house.browser("finance"), f"/billing/invoices/{invoice.id}"
    assert finance.send(f"{address}/void", **REASON).status_code == 409
    assert finance.send(f"{address}/credit-note", amount="2,000.01", **REASON).status_code == 422
    assert finance.send(f"{address}/credit-note", amount="800", **REASON).status_code == 302
    assert (_fresh(house, invoice).state, _fresh(house, invoice).paid, _credit(house, invoice)) == (
        InvoiceState.PAID,
        120_000,
        30_000,
    )
    assert finance.send(f"{address}/credit-note", amount="1,200", **REASON).status_code == 302
    assert (_fresh(house, invoice).state, _credit(house, invoice)) == (
        InvoiceState.CREDITED,
        150_000,
    )
    assert finance.send(f"{address}/credit-note", amount="1", **REASON).status_code == 422
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        assert sorted(session.scalars(sa.select(CreditNote.number))) == [
            "HZ2026-00001",
            "HZ2026-00002",
        ]
    assert _faults(house) == []


def test_one_transfer_pays_several_enterprises_each_with_its_receipt(
    house: House, invoices: list[Invoice]
) -> None:
    finance = house.browser("finance")
    parts = {
        "parts-0-number": invoices[0].number,
        "parts-1-number": invoices[1].payment_code,
        "parts-1-amount": "500",
        "parts-0-amount": "",
    }
    wrong = finance.send(
        "/billing/payments/record",
        **MONEY,
        amount="2,600",
        reference="R",
        **(parts | {"parts-1-number": "JF2026-09999"}),
    )
    assert wrong.status_code == 422
    assert "of no open invoice" in wrong.text
    assert "2,600" in wrong.text
    assert (
        finance.send(
            "/billing/payments/record", **MONEY, amount="2,400", reference="R", **parts
        ).status_code
        == 422
    )
    unsaid = finance.send(
        "/billing/payments/record", **MONEY, amount="2,600", reference="R", **parts
    )
    assert unsaid.status_code == 422
    assert "¥100.00 are left over, and the lines are of several enterprises" in unsaid.text
    with house.doors.chamber(house.jia.id) as session:
        owner = {"owner": session.fetch(Enterprise, invoices[0].party_id).uscc}
    assert (
        finance.send(
            "/billing/payments/record", **MONEY, amount="2,600", reference="R", **parts, **owner
        ).status_code
        == 302
    )
    house.work()
    assert [_fresh(house, i).state for i in invoices] == [
        InvoiceState.PAID,
        InvoiceState.PARTLY_PAID,
        InvoiceState.ISSUED,
    ]
    with house.doors.chamber(house.jia.id) as session:
        receipts = session.scalars(
            sa.select(IssuedPaper)
            .where(IssuedPaper.kind == PaymentPaper.RECEIPT)
            .order_by(IssuedPaper.number)
        ).all()
        assert [(r.enterprise_id, r.snapshot["amount"]) for r in receipts] == [
            (invoices[0].party_id, 210_000),
            (invoices[1].party_id, 50_000),
        ]
    assert _credit(house, invoices[0]) == 10_000
    assert (
        finance.send("/billing/payments/record", **MONEY, amount="1", reference="EMPTY").status_code
        == 422
    )
    assert _faults(house) == []


@pytest.mark.either_database
@pytest.mark.parametrize("named", [0, 1])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_rest_is_of_whom_the_form_names_in_whatever_order_its_lines_stand(
    house: House, invoices: list[Invoice], order: tuple[int, int], named: int
) -> None:
    first, second = (invoices[place] for place in order)
    form = {
        "parts-0-number": first.number,
        "parts-1-number": second.number,
        "parts-0-amount": "",
        "parts-1-amount": "",
    }
    money = MONEY | {"amount": f"{(first.amount + second.amount) // 100 + 100}", "reference": "R"}
    finance = house.browser("finance")
    assert finance.send("/billing/payments/record", **money, **form).status_code == 422, (
        "left over, of nobody named"
    )
    with house.doors.chamber(house.jia.id) as session:
        owner = session.fetch(Enterprise, invoices[named].party_id).uscc
    assert finance.send("/billing/payments/record", **money, **form, owner=owner).status_code == 302
    house.work()
    assert [_credit(house, invoice) for invoice in invoices[:2]] == [
        10_000 if place == named else 0 for place in (0, 1)
    ]
    with house.doors.chamber(house.jia.id) as session:
        receipts = session.scalars(
            sa.select(IssuedPaper).where(IssuedPaper.kind == PaymentPaper.RECEIPT)
        ).all()
    assert {r.enterprise_id for r in receipts} == {first.party_id, second.party_id}
    assert _faults(house) == []


def test_an_overpayment_is_used_by_the_next_invoice(house: House, invoices: list[Invoice]) -> None:
    invoice = invoices[0]
    pay_through_pages(house, invoice, "2,300")
    finance, account = house.browser("finance"), f"/billing/accounts/{invoice.party_id}"
    assert "¥300.00" in finance.get(account).text
    assert finance.send(f"{account}/dues", year="2026").status_code == 422
    assert finance.send(f"{account}/dues", year="2028").status_code == 422
    assert finance.send(f"{account}/dues", year="2027").status_code == 302
    newest = invoices_of_year(house, 2027)[0]
    assert isinstance(newest, Invoice)
    assert (newest.amount, newest.paid, newest.state) == (200_000, 30_000, InvoiceState.PARTLY_PAID)
    assert _credit(house, invoice) == 0
    assert finance.send(f"/billing/invoices/{newest.id}/use-credit").status_code == 409
    notice = _one(house, IssuedPaper, kind=InvoicePaper.DUES_NOTICE, subject_id=newest.id)
    assert isinstance(notice, IssuedPaper)
    assert (notice.snapshot["credit"], notice.snapshot["to_pay"]) == (30_000, 170_000)
    assert _faults(house) == []


def test_cash_is_booked_as_cash_under_its_own_numbers(
    house: House, invoices: list[Invoice]
) -> None:
    pay_through_pages(house, invoices[0], "100", "1")
    assert (
        house.browser("finance")
        .send(
            f"/billing/invoices/{invoices[0].id}/payment",
            **(MONEY | {"channel": "cash"}),
            amount="50",
            reference="1",
        )
        .status_code
        == 302
    )
    with house.doors.chamber(house.jia.id) as session:
        assert (balance(session, Account.CASH), balance(session, Account.BANK)) == (5_000, 10_000)
    house.work()
    assert _faults(house) == []


def test_a_wrong_payment_is_undone_with_its_trace_and_recorded_again(
    house: House, invoices: list[Invoice]
) -> None:
    right, wrong = invoices[0], invoices[1]
    pay_through_pages(house, wrong, "2,100", "SAME")
    payment = _one(house, Payment)
    assert isinstance(payment, Payment)
    finance, address = house.browser("finance"), f"/billing/payments/{payment.id}/undo"
    assert finance.send(address, reason=" ").status_code == 422
    assert house.browser("membership").send(address, **REASON).status_code == 403
    assert finance.send(address, **REASON).status_code == 302
    assert finance.send(address, **REASON).status_code == 409
    assert (_fresh(house, wrong).state, _fresh(house, wrong).paid, _credit(house, wrong)) == (
        InvoiceState.ISSUED,
        0,
        0,
    )
    pay_through_pages(house, right, "2,000", "SAME")
    assert (
        house.browser("finance")
        .send(f"/billing/invoices/{wrong.id}/payment", **MONEY, amount="1", reference="SAME")
        .status_code
        == 422
    )
    assert "开错了" in finance.get(f"/billing/payments/{payment.id}").text
    assert _fresh(house, right).state is InvoiceState.PAID
    assert _faults(house) == []


def test_a_wrong_payment_is_undone_after_its_invoice_was_credited(
    house: House, invoices: list[Invoice]
) -> None:
    invoice, finance = invoices[0], house.browser("finance")
    pay_through_pages(house, invoice, "2,000", "WRONG")
    payment = _one(house, Payment)
    assert (
        finance.send(
            f"/billing/invoices/{invoice.id}/credit-note", amount="500", seen="0", **REASON
        ).status_code
        == 302
    )
    assert (_fresh(house, invoice).paid, _credit(house, invoice)) == (150_000, 50_000)
    assert finance.send(f"/billing/payments/{payment.id}/undo", **REASON).status_code == 302  # type: ignore[attr-defined]
    assert (_fresh(house, invoice).state, _fresh(house, invoice).paid, _credit(house, invoice)) == (
        InvoiceState.ISSUED,
        0,
        0,
    )
    assert _fresh(house, invoice).open_amount == 150_000
    assert _faults(house) == []


def test_a_wrong_payment_is_undone_after_its_application_was_withdrawn(
    house: House, invoices: list[Invoice]
) -> None:
    member, application = applicant_of(house, 1)
    invoice, finance = invoice_of(house, "jia", application.id), house.browser("finance")
    finance.send(
        f"/billing/invoices/{invoice.id}/payment", **MONEY, amount="500", reference="WRONG"
    )
    assert member.send("/application/withdraw", reason="不入了").status_code == 302
    assert (_fresh(house, invoice).state, _credit(house, invoice)) == (
        InvoiceState.CREDITED,
        50_000,
    )
    with house.doors.chamber(house.jia.id) as session:
        payment = session.scalars(sa.select(Payment)).one()
    ask = {"amount": "100", "payee": "企业", "payee_account": "6200", **REASON}
    assert finance.send(f"/billing/accounts/{invoice.party_id}/refund", **ask).status_code == 302
    assert finance.send(f"/billing/payments/{payment.id}/undo", **REASON).status_code == 409
    refund = _one(house, Refund)
    assert (
        house.browser("secretary")
        .send(f"/billing/refunds/{refund.id}/decline", **REASON)
        .status_code
        == 302
    )  # type: ignore[attr-defined]
    assert finance.send(f"/billing/payments/{payment.id}/undo", **REASON).status_code == 302
    assert (_fresh(house, invoice).state, _fresh(house, invoice).paid, _credit(house, invoice)) == (
        InvoiceState.CREDITED,
        0,
        0,
    )
    assert _faults(house) == []


def test_a_deputy_moves_money_up_to_the_ceiling_of_the_appointment(
    house: House, invoices: list[Invoice]
) -> None:
    invoice, owner = invoices[0], invoices[0].party_id
    pay_through_pages(house, invoice, "2,500")
    payment = _one(house, Payment)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enterprise, payee = session.fetch(Enterprise, owner), Payee("企业", "6200")
        deputy = replace(
            house.actor(session, "rights"),
            posts=(Post(new_id(), "CWB", Rank.HEAD, acting=True, ceiling=50_000),),
        )
        for act in (
            lambda: issue_credit_note(
                session, session.fetch(Invoice, invoice.id), 50_001, "理由", actor=deputy
            ),
            lambda: void_invoice(
                session, session.fetch(Invoice, invoices[1].id), "理由", actor=deputy
            ),
            lambda: undo_payment(session, session.fetch(Payment, payment.id), "理由", actor=deputy),  # type: ignore[attr-defined]
            lambda: request_refund(session, enterprise, 50_001, payee, "理由", actor=deputy),
        ):
            with pytest.raises(NotPermitted):
                act()
        issue_credit_note(session, session.fetch(Invoice, invoice.id), 50_000, "理由", actor=deputy)
        large = request_refund(
            session, enterprise, 60_000, payee, "理由", actor=house.actor(session, "secretary")
        )
        small = request_refund(
            session, enterprise, 40_000, payee, "理由", actor=house.actor(session, "secretary")
        )
        with pytest.raises(NotPermitted):
            approve_refund(session, large, actor=deputy)
        approve_refund(session, small, actor=deputy)
        approve_refund(
            session,
            large,
            actor=replace(deputy, posts=(*deputy.posts, Post(new_id(), "CWB", Rank.HEAD))),
        )


def test_a_payment_whose_credit_was_used_is_not_undone(
    house: House, invoices: list[Invoice]
) -> None:
    pay_through_pages(house, invoices[0], "2,300", "R")
    payment = _one(house, Payment)
    finance = house.browser("finance")
    finance.send(f"/billing/accounts/{invoices[0].party_id}/dues", year="2027")
    answer = finance.send(f"/billing/payments/{payment.id}/undo", **REASON)  # type: ignore[attr-defined]
    assert answer.status_code == 409
    assert "credit of this payment was used" in answer.text
    assert _faults(house) == []


def test_a_refund_is_asked_for_by_one_decided_by_another_and_done_once(
    house: House, invoices: list[Invoice]
) -> None:
    owner = invoices[0].party_id
    pay_through_pages(house, invoices[0], "2,500")
    finance, secretary = house.browser("finance"), house.browser("secretary")
    ask = {"amount": "500", "payee": "企业", "payee_account": "6200", **REASON}
    assert (
        finance.send(
            f"/billing/accounts/{owner}/refund", **(ask | {"amount": "500.01"})
        ).status_code
        == 422
    )
    assert finance.send(f"/billing/accounts/{owner}/refund", **ask).status_code == 302
    assert finance.send(f"/billing/accounts/{owner}/refund", **ask).status_code == 422
    refund = _one(house, Refund)
    assert isinstance(refund, Refund)
    assert finance.send(f"/billing/refunds/{refund.id}/approve").status_code == 403
    assert finance.send(f"/billing/refunds/{refund.id}/paid", reference="OUT-1").status_code == 409
    assert secretary.send(f"/billing/refunds/{refund.id}/approve").status_code == 302
    assert finance.send(f"/billing/refunds/{refund.id}/paid", reference="OUT-1").status_code == 302
    assert finance.send(f"/billing/refunds/{refund.id}/paid", reference="OUT-1").status_code == 409
    with house.doors.chamber(house.jia.id) as session:
        assert session.fetch(Refund, refund.id).state is RefundState.PAID
        assert (balance(session, Account.BANK), balance(session, Account.REFUNDS)) == (200_000, 0)
    assert _faults(house) == []


def test_a_declined_refund_lies_on_account_again(house: House, invoices: list[Invoice]) -> None:
    owner = invoices[0].party_id
    pay_through_pages(house, invoices[0], "2,500")
    house.browser("finance").send(
        f"/billing/accounts/{owner}/refund",
        amount="500",
        payee="企业",
        payee_account="6200",
        **REASON,
    )
    refund, secretary = _one(house, Refund), house.browser("secretary")
    assert secretary.send(f"/billing/refunds/{refund.id}/decline", reason="").status_code == 422  # type: ignore[attr-defined]
    assert secretary.send(f"/billing/refunds/{refund.id}/decline", **REASON).status_code == 302  # type: ignore[attr-defined]
    assert _credit(house, invoices[0]) == 50_000
    assert _faults(house) == []


def test_a_slip_is_evidence_and_settles_nothing(house: House) -> None:
    member, application = applicant_of(house, 1)
    invoice = invoice_of(house, "jia", application.id)
    address = f"/billing/invoices/{invoice.id}/slips"
    assert member.send(address).status_code == 422
    assert member.send(address, files={"slip": (b"MZ" + bytes(99), "slip.png")}).status_code == 422
    assert member.send(address, files={"slip": (PNG, "回单.png")}).status_code == 302
    assert house.browser("finance").send(address, files={"slip": (PNG, "x.png")}).status_code == 403
    slip = _one(house, PaymentSlip)
    assert isinstance(slip, PaymentSlip)
    stranger, _ = applicant_of(house, 2)
    assert stranger.get(f"/billing/slips/{slip.id}").status_code == 404
    answer = house.browser("finance").get(f"/billing/slips/{slip.id}")
    assert (answer.status_code, answer.data) == (200, PNG)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    house.work()
    picture = f"/billing/slips/{slip.id}/picture/1"
    assert picture in house.browser("finance").get(f"/billing/invoices/{invoice.id}").text
    assert house.browser("finance").get(picture).mimetype == "image/jpeg"
    assert (
        stranger.get(picture).status_code
        == house.browser("finance").get(f"{picture}2").status_code
        == 404
    )
    assert invoice_of(house, "jia", application.id).state is InvoiceState.ISSUED


def test_a_receipt_is_checked_by_its_code_and_copied_under_its_number(
    house: House, invoices: list[Invoice]
) -> None:
    pay_through_pages(house, invoices[0], "2,000", "R")
    receipt = _one(house, IssuedPaper, kind=PaymentPaper.RECEIPT)
    certificate = _one(house, IssuedPaper, kind=MembershipPaper.CERTIFICATE)
    assert isinstance(receipt, IssuedPaper)
    assert isinstance(certificate, IssuedPaper)
    stranger, finance = house.browser(), house.browser("finance")
    page = stranger.get(f"/check/{receipt.check_word}").text
    assert receipt.number in page
    assert "¥2,000.00" in page
    assert "测试企业1有限公司" not in page
    assert "付款人" in page
    assert "2026" in stranger.get(f"/check/{certificate.check_word}").text
    assert stranger.get("/check/" + "x" * 43).status_code == 404
    assert house.browser(slug="yi").get(f"/check/{receipt.check_word}").status_code == 404
    assert finance.send(f"/billing/receipts/{receipt.id}/copy").status_code == 302
    assert finance.send(f"/billing/receipts/{certificate.id}/copy").status_code == 404
    house.prints = True
    house.clock.at = house.clock.at + dt.timedelta(days=3_650)
    finance = house.browser("finance")
    house.work()
    copy = _one(house, IssuedPaper, kind=PaymentPaper.RECEIPT, copy=1)
    assert isinstance(copy, IssuedPaper)
    assert (copy.number, finance.get(f"/papers/{copy.id}.pdf").data[:5]) == (
        receipt.number,
        b"%PDF-",
    )
    finance.send(f"/billing/payments/{receipt.subject_id}/undo", **REASON)
    assert "no longer holds" in stranger.get(f"/check/{receipt.check_word}").text
    assert finance.send(f"/billing/receipts/{receipt.id}/copy").status_code == 409


def test_arrears_are_told_by_age(house: House, invoices: list[Invoice]) -> None:
    finance = house.browser("finance")
    house.clock.at = house.clock.at + dt.timedelta(days=30 + 45)
    finance = house.browser("finance")
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", finance.get("/my-day").text))
    assert "31–60 days ¥6,000.00 3" in page
    assert invoices[0].number in finance.get("/billing/invoices?late_from=31&late_to=60").text
    assert invoices[0].number not in finance.get("/billing/invoices?late_from=61").text
    assert uuid.UUID(str(invoices[0].id))


def test_a_form_of_money_that_is_sent_twice_moves_it_once(
    house: House, invoices: list[Invoice]
) -> None:
    finance, address = house.browser("finance"), f"/billing/invoices/{invoices[0].id}"
    pay_through_pages(house, invoices[0])
    form = {"amount": "500", "seen": "0", **REASON}
    assert finance.send(f"{address}/credit-note", **form).status_code == 302
    again = finance.send(f"{address}/credit-note", **form)
    assert (again.status_code, _credit(house, invoices[0])) == (422, 50_000)
    assert 'value="50000"' in again.text, "and who means it sends it once more"
    form = {"amount": "200", "seen": "50000", "payee": "企业", "payee_account": "6222", **REASON}
    page = f"/billing/accounts/{invoices[0].party_id}/refund"
    assert 'name="seen" type="hidden" value="50000"' in finance.get(page).text
    assert [finance.send(page, **form).status_code for _ in range(2)] == [302, 422]
    assert _credit(house, invoices[0]) == 30_000


def test_a_serial_number_in_wide_signs_or_with_spaces_is_the_same(
    house: House, invoices: list[Invoice]
) -> None:
    finance = house.browser("finance")
    for number, (reference, answer) in enumerate(
        [("ab 123456", 302), ("ａｂ１２３４５６", 422), (" ab123 456", 422)]
    ):
        sent = finance.send(
            f"/billing/invoices/{invoices[number].id}/payment",
            **MONEY,
            amount="1",
            reference=reference,
        )
        assert sent.status_code == answer, reference


def test_money_without_an_invoice_lies_on_account(house: House, invoices: list[Invoice]) -> None:
    finance = house.browser("finance")
    with house.doors.chamber(house.jia.id) as session:
        uscc = session.fetch(Enterprise, invoices[0].party_id).uscc
    account = f"/billing/accounts/{invoices[0].party_id}"
    assert f"/billing/payments/record?uscc={uscc}" in finance.get(account).text
    form = {**MONEY, "amount": "300", "reference": "FREE-1"}
    assert (
        "choose an invoice, or an enterprise"
        in finance.send("/billing/payments/record", **form).text
    )
    assert (
        "No enterprise of this chamber"
        in finance.send("/billing/payments/record", **form, owner="91999999MA0009999X").text
    )
    assert finance.send("/billing/payments/record", **form, owner=uscc.lower()).status_code == 302
    assert _credit(house, invoices[0]) == 30_000
    house.work()
    assert _faults(house) == []
