"""Invoices for anything but dues.

Of enterprises and of people outside, down to the account of each line.
"""

import pytest
import sqlalchemy as sa

from portal.members.enterprises.models import Party
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.ledger.models import Account, LedgerAccount, Posting
from portal.money.ledger.queries import balance, credit_of
from portal.money.payments.models import PaymentPaper, Refund, RefundState
from portal.operations.verify import verify
from portal.papers.issuing.models import IssuedPaper
from tests.cast import House, invented_uscc
from tests.scenes import invoices_of_year

pytestmark = [pytest.mark.both_databases, pytest.mark.stage("one_admitted")]
TENANT = {
    "kind": "tenant",
    "name": "张先生",
    "notify_name": "张先生",
    "notify_email": "zhang@outside.example",
    "language": "zh",
    "due_on": "2026-07-31",
}
MONEY = {"channel": "bank_transfer", "received_on": "2026-06-15", "payer": "张先生"}


def lines(*told: tuple[str, str, str]) -> dict[str, str]:
    """The lines of the form: wording, account, amount."""
    filled = [*told, *([("", "services", "")] * (5 - len(told)))]
    return {
        f"lines-{n}-{name}": value
        for n, line in enumerate(filled)
        for name, value in zip(("wording", "account", "amount"), line, strict=True)
    }


HALL = lines(("场地租金", "other_income", "800"), ("布展服务", "services", "200"))


def newest(house: House) -> Invoice:
    with house.doors.chamber(house.jia.id) as session:
        invoice = session.scalars(sa.select(Invoice).order_by(Invoice.id.desc()).limit(1)).one()
        assert invoice.debtor.name
        assert invoice.wording
        return invoice


def accounts(house: House, *codes: str) -> list[int]:
    with house.doors.chamber(house.jia.id) as session:
        return [balance(session, code) for code in codes]


def faults(house: House) -> list[str]:
    return [line for line, fault in verify(house.world) if fault]


def test_a_tenant_of_the_hall_pays_too_much_and_has_it_back(house: House) -> None:
    house.prints = True
    finance = house.browser("finance")
    assert finance.send("/billing/invoices/raise", **TENANT, **HALL).status_code == 302
    invoice = newest(house)
    assert (invoice.debtor.name, invoice.debtor.enterprise_id, invoice.amount, invoice.wording) == (
        "张先生",
        None,
        100_000,
        "场地租金、布展服务",
    )
    assert accounts(house, "other_income", "services", Account.RECEIVABLES) == [
        -80_000,
        -20_000,
        100_000,
    ]
    house.work()
    assert "场地租金" in finance.get(f"/billing/invoices/{invoice.id}").text
    assert (
        finance.send(
            "/billing/payments/record",
            **MONEY,
            amount="1,100",
            reference="HALL-1",
            owner="",
            **{"parts-0-number": invoice.number},
        ).status_code
        == 302
    )
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        assert credit_of(session, invoice.party_id) == 10_000
        receipt = session.scalars(
            sa.select(IssuedPaper)
            .where(IssuedPaper.kind == PaymentPaper.RECEIPT)
            .order_by(IssuedPaper.id.desc())
            .limit(1)
        ).one()
        assert (
            receipt.enterprise_id,
            receipt.snapshot["enterprise"],
            receipt.snapshot["credit"],
        ) == (None, "张先生", 10_000)
        assert [line["wording"] for line in receipt.snapshot["lines"]] == ["场地租金、布展服务"]
    assert receipt.number in finance.get(f"/billing/invoices/{invoice.id}").text
    account = finance.get(f"/billing/accounts/{invoice.party_id}").text
    assert all(words in account for words in ("张先生", "¥100.00", "4901", "场地租金"))
    assert (
        finance.send(
            f"/billing/accounts/{invoice.party_id}/refund",
            amount="100",
            payee="张先生",
            payee_account="6200",
            reason="多付",
        ).status_code
        == 302
    )
    with house.doors.chamber(house.jia.id) as session:
        refund = session.scalars(sa.select(Refund)).one()
    secretary = house.browser("secretary")
    assert secretary.send(f"/billing/refunds/{refund.id}/approve").status_code == 302
    assert finance.send(f"/billing/refunds/{refund.id}/paid", reference="BACK-1").status_code == 302
    with house.doors.chamber(house.jia.id) as session:
        assert session.fetch(Refund, refund.id).state is RefundState.PAID
        assert credit_of(session, invoice.party_id) == 0
    assert faults(house) == []


def test_a_credit_note_takes_the_income_back_from_the_last_line_upwards(house: House) -> None:
    finance = house.browser("finance")
    finance.send("/billing/invoices/raise", **TENANT, **HALL)
    invoice = newest(house)
    finance.send(
        "/billing/payments/record",
        **MONEY,
        amount="1",
        reference="HALL-2",
        owner="",
        **{"parts-0-number": invoice.number, "parts-0-amount": "1"},
    )
    for amount, seen, left in (
        ("150", "0", [-80_000, -5_000]),
        ("100", "15000", [-75_000, 0]),
        ("750", "25000", [0, 0]),
    ):
        assert (
            finance.send(
                f"/billing/invoices/{invoice.id}/credit-note",
                amount=amount,
                seen=seen,
                reason="减免",
            ).status_code
            == 302
        )
        assert accounts(house, "other_income", "services") == left
    assert newest(house).state is InvoiceState.CREDITED
    assert faults(house) == []


def test_void_takes_every_line_back(house: House) -> None:
    finance = house.browser("finance")
    finance.send("/billing/invoices/raise", **TENANT, **HALL)
    assert (
        finance.send(f"/billing/invoices/{newest(house).id}/void", reason="开错").status_code == 302
    )
    assert accounts(house, "other_income", "services", Account.RECEIVABLES) == [0, 0, 0]
    assert faults(house) == []


def test_an_enterprise_is_asked_beside_its_dues(house: House) -> None:
    finance, (dues,) = house.browser("finance"), invoices_of_year(house, 2026)
    form = {**TENANT, "name": "", "notify_email": "", "uscc": invented_uscc(1)}
    assert (
        finance.send(
            "/billing/invoices/raise", **form, **lines(("年会赞助", "donations", "5,000"))
        ).status_code
        == 302
    )
    invoice = newest(house)
    assert (invoice.party_id, invoice.amount, invoice.notify_email) == (
        dues.party_id,
        500_000,
        dues.notify_email,
    )
    finance.get("/billing/invoices")
    listed = finance.get("/billing/invoices?year=2026").text
    assert (dues.number in listed, invoice.number in listed) == (True, False), (
        "it is of no dues year"
    )
    member = finance.get(f"/enterprises/{invoice.party_id}").text
    assert "年会赞助" in member
    assert "paid through" in member, (
        "what is open beside the dues takes nothing away before its day"
    )
    assert faults(house) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"lines-0-account": "dues_income"}, "Not a valid choice"),
        ({"lines-0-amount": "0"}, "more than zero"),
        ({"lines-0-amount": "viel"}, "amount"),
        (
            {
                "lines-0-wording": "",
                "lines-1-wording": "",
                "lines-0-amount": "",
                "lines-1-amount": "",
            },
            "at least one line",
        ),
        ({"name": ""}, "Give the name"),
        ({"notify_email": ""}, "Give the address"),
        ({"due_on": "2026-06-14"}, "has passed"),
        ({"uscc": "91440300MA5XXXXXXX"}, "not both"),
        ({"uscc": "91440300MA5XXXXXXX", "name": ""}, "No enterprise"),
        ({"kind": "enterprise"}, "Not a valid choice"),
    ],
)
def test_what_was_typed_wrongly_is_told_and_kept(
    house: House, wrong: dict[str, str], words: str
) -> None:
    before = newest(house).id
    answer = house.browser("finance").send("/billing/invoices/raise", **{**TENANT, **HALL, **wrong})
    assert (answer.status_code, words in answer.text) == (422, True), answer.text
    assert "布展服务" in answer.text or "lines-1-wording" in wrong
    assert newest(house).id == before


def test_the_same_name_is_the_same_party_and_is_found_by_it(house: House) -> None:
    finance = house.browser("finance")
    assert finance.send("/billing/invoices/raise", **TENANT, **HALL).status_code == 302
    again = {**TENANT, "name": " 张先生 ", **HALL}
    refused = finance.send("/billing/invoices/raise", **again)
    assert (refused.status_code, "asks for the same today" in refused.text) == (422, True), (
        "a form sent twice asks once"
    )
    assert finance.send("/billing/invoices/raise", **again, twice="y").status_code == 302
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalar(sa.select(sa.func.count(Party.id)).where(Party.name == "张先生")) == 1
    assert finance.get("/billing/invoices?q=张先生").text.count("张先生</a>") == 2
    assert (
        newest(house).number
        not in house.browser("finance", "yi").get("/billing/invoices?q=张先生").text
    )


def test_another_chamber_and_another_department_raise_nothing_here(house: House) -> None:
    house.browser("finance").send("/billing/invoices/raise", **TENANT, **HALL)
    outside = newest(house).party_id
    for who, slug, status in (
        ("membership", "jia", 403),
        ("rights", "jia", 403),
        ("finance", "yi", 404),
    ):
        assert (
            house.browser(who, slug)
            .send(f"/billing/accounts/{outside}/refund", amount="1")
            .status_code
            == status
        )
    assert (
        house.browser("membership").send("/billing/invoices/raise", **TENANT, **HALL).status_code
        == 403
    )


def test_an_account_is_renumbered_and_keeps_what_was_posted(house: House) -> None:
    finance = house.browser("finance")
    with house.doors.chamber(house.jia.id) as session:
        dues = session.scalars(
            sa.select(LedgerAccount).where(LedgerAccount.code == "dues_income")
        ).one()
        before = balance(session, Account.DUES_INCOME)
    page, named = f"/settings/accounts/{dues.id}", {"name_zh": "会费", "name_en": "Members’ dues"}
    assert "Another account" in finance.send(page, number="1002", **named).text
    assert "four digits" in finance.send(page, number="十", **named).text
    assert finance.send(page, number="4201.01", **named).status_code == 302
    assert "4201.01" in finance.get("/settings/accounts").text
    assert house.browser("finance", "yi").send(page, number="4202", **named).status_code == 404
    assert accounts(house, Account.DUES_INCOME) == [before]
    with house.doors.chamber(house.jia.id) as session:
        assert before != 0
        assert session.scalars(
            sa.select(Posting.id).where(Posting.account == "dues_income")
        ).first()
