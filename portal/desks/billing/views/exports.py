"""Invoices and payments as spreadsheets, as they are narrowed.

That they were taken is written down.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TypeVar

from flask import Response
from flask_babel import gettext

from portal.audit.record import record
from portal.desks.billing.views import invoices, payments
from portal.desks.billing.views.blueprint import billing
from portal.foundation.labels import N_
from portal.foundation.paging import Page
from portal.money.invoices.models import Invoice
from portal.money.invoices.queries import InvoiceFilter, list_invoices, load_lines
from portal.money.ledger.policies import may_see_money
from portal.money.payments.models import Payment, PaymentAction
from portal.money.payments.queries import list_payments
from portal.tenancy.chambers import settings_of
from portal.web.exports import Cell, download, spreadsheet
from portal.web.filters import label
from portal.web.request import actor, chamber, db, present_day
from portal.web.world import world

AT_ONCE = 500
T = TypeVar("T")
INVOICE_HEADS = (
    N_("Number"),
    N_("Payment code"),
    N_("Enterprise"),
    N_("Unified social credit code"),
    N_("What it is for"),
    N_("Issued on"),
    N_("Due"),
    N_("Amount"),
    N_("Paid"),
    N_("Credited"),
    N_("Open"),
    N_("State"),
)
PAYMENT_HEADS = (
    N_("Received on"),
    N_("How it came"),
    N_("Serial number"),
    N_("Payer"),
    N_("Amount"),
    N_("Invoices"),
    N_("Recorded by"),
    N_("Undone"),
)


@billing.route("/invoices/export", permit=may_see_money, methods=["POST"], own_transactions=True)
def export_invoices() -> Response:
    """The invoices of the list."""
    narrow = invoices.narrowed()
    rows = _every(lambda cursor: _page(narrow, cursor))
    return _send(
        gettext("Invoices"), [gettext(head) for head in INVOICE_HEADS], map(_invoice, rows)
    )


@billing.route("/payments/export", permit=may_see_money, methods=["POST"], own_transactions=True)
def export_payments() -> Response:
    """The payments of the list."""
    narrow = payments.narrowed()
    rows = _every(lambda cursor: list_payments(db(), narrow, cursor, AT_ONCE))
    return _send(
        gettext("Payments"), [gettext(head) for head in PAYMENT_HEADS], map(_payment, rows)
    )


def _send(title: str, heads: list[str], rows: Iterable[tuple[Cell, ...]]) -> Response:
    """The book is made while only reading: other writers do not wait for it."""
    book = spreadsheet(title, heads, rows)
    with world().doors.chamber(chamber().id, writing=True) as session:
        record(
            session, PaymentAction.LIST_EXPORTED, settings_of(session), actor=actor(), name=title
        )
    return download(title, book)


def _every(page_of: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """All rows of a list, page by page; what was read is forgotten."""
    page = page_of(None)
    yield from page.rows
    while page.next_cursor is not None:
        db().expunge_all()
        page = page_of(page.next_cursor)
        yield from page.rows


def _page(narrow: InvoiceFilter, cursor: str | None) -> Page[Invoice]:
    page = list_invoices(db(), narrow, present_day(), cursor, AT_ONCE)
    load_lines(db(), page.rows)
    return page


def _invoice(invoice: Invoice) -> tuple[Cell, ...]:
    sums = (
        _yuan(fen) for fen in (invoice.amount, invoice.paid, invoice.credited, invoice.open_amount)
    )
    who = (invoice.number, invoice.payment_code, invoice.debtor.name, invoice.debtor.uscc)
    return (*who, invoice.wording, invoice.issued_on, invoice.due_on, *sums, label(invoice.state))


def _payment(payment: Payment) -> tuple[Cell, ...]:
    settled = "、".join(
        dict.fromkeys(allocation.invoice.number for allocation in payment.allocations)
    )
    what = (
        payment.received_on,
        label(payment.channel),
        payment.reference,
        payment.payer,
        _yuan(payment.amount),
        settled,
        payment.recorded_by,
    )
    return (*what, gettext("undone") if payment.undoing else "")


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)
