"""Invoices and payments as spreadsheets: what the list shows, whole, and every text a text."""

from io import BytesIO

import openpyxl
import pytest

from portal.desks.billing.views import exports
from tests.cast import House, invented_uscc
from tests.scenes import application_of, invoice_of, pay_through_pages

pytestmark = [pytest.mark.both_databases, pytest.mark.stage("three_approved")]


def _rows(data: bytes) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(BytesIO(data)).worksheets[0].iter_rows(values_only=True))


def test_the_list_is_saved_whole_and_as_it_is_narrowed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    invoice = invoice_of(house, "jia", application_of(house, "jia", invented_uscc(1)).id)
    house.browser("finance").send(
        f"/billing/invoices/{invoice.id}/payment",
        channel="bank_transfer",
        received_on="2026-06-15",
        amount="500.50",
        payer="=cmd|'/c calc'!A1",
        reference="00012",
    )
    pay_through_pages(
        house, invoice_of(house, "jia", application_of(house, "jia", invented_uscc(2)).id)
    )
    browser = house.browser("membership-clerk")
    rows = _rows(browser.send("/billing/invoices/export").data)
    assert [(row[0], row[7], row[8], row[10]) for row in rows[1:]] == [
        ("JF2026-00003", 2_000, 0, 2_000),
        ("JF2026-00002", 2_000, 2_000, 0),
        ("JF2026-00001", 2_000, 500.5, 1_499.5),
    ]
    assert [
        row[0] for row in _rows(browser.send("/billing/invoices/export?state=paid").data)[1:]
    ] == ["JF2026-00002"]
    rows = _rows(browser.send("/billing/payments/export").data)
    assert [(row[2], row[3], row[5]) for row in rows[1:]] == [
        ("BANK-1", "付款人", "JF2026-00002"),
        ("00012", "=cmd|'/c calc'!A1", "JF2026-00001"),
    ]
    assert house.browser("rights").send("/billing/invoices/export").status_code == 403
