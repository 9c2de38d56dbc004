"""Invoices, and recording what was paid."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.billing.forms import TransferForm
from portal.billing.models import Account, Invoice, InvoiceState
from portal.billing.policies import may_read_invoice, may_record_payments, may_see_money
from portal.billing.queries import InvoiceFilter, balance, find_invoice, list_allocations, list_invoices, open_amounts
from portal.billing.services.payments import Transfer, record_transfer
from portal.filing.models import PaperKind
from portal.filing.policies import may_ask_for_papers
from portal.filing.queries import list_papers
from portal.foundation.clock import day_in
from portal.foundation.errors import InvalidInput, NotFound
from portal.foundation.labels import N_
from portal.foundation.money import parse_fen, plain
from portal.web.blueprint import Blueprint
from portal.web.forms import searched_words
from portal.web.request import actor, chamber_settings, db

billing = Blueprint("billing", __name__, url_prefix="/billing")


@billing.route("/invoices", permit=may_see_money, endpoint="list_invoices")
def show_invoices() -> str:
    """All invoices, searched by code, number, name, pinyin initials or amount."""
    today = day_in(db().now(), chamber_settings().zone)
    state = request.args.get("state", "")
    narrow = InvoiceFilter(searched_words(), state, today if state == "overdue" else None)
    page = list_invoices(db(), narrow, request.args.get("after"))
    template = "billing/invoice_rows.html" if request.headers.get("HX-Request") else "billing/list_invoices.html"
    return render_template(template, page=page, narrow=narrow, states=list(InvoiceState), today=today, sums=open_amounts(db(), today))


@billing.route("/invoices/<uuid:invoice_id>", permit=may_ask_for_papers)
def show_invoice(invoice_id: uuid.UUID) -> str:
    """One invoice: what is owed, how to pay, what came, its papers."""
    invoice = _fetch(invoice_id)
    allocations = list_allocations(db(), invoice.id)
    papers = list_papers(db(), [invoice.id, *(a.payment_id for a in allocations)], PaperKind.DUES_NOTICE, PaperKind.RECEIPT)
    credit = -balance(db(), Account.CREDIT_ON_ACCOUNT, invoice.enterprise_id)
    today = day_in(db().now(), chamber_settings().zone)
    return render_template("billing/show_invoice.html", invoice=invoice, allocations=allocations, papers=papers, credit=credit, today=today)


@billing.route("/invoices/<uuid:invoice_id>/transfer", permit=may_record_payments, methods=["GET", "POST"], endpoint="record_transfer")
def enter_transfer(invoice_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Books a bank transfer against an invoice."""
    invoice = _fetch(invoice_id)
    form = TransferForm(amount=plain(invoice.open_amount), payer=invoice.enterprise.name)
    if form.validate_on_submit():
        try:
            transfer = Transfer(form.received_on.data, parse_fen(form.amount.data), form.payer.data, form.reference.data)
            record_transfer(db(), invoice, transfer, actor=actor())
        except InvalidInput as error:
            form.refuse(error)
        else:
            flash(gettext("The transfer is booked. The receipt is being made."), "success")
            return redirect(url_for("billing.show_invoice", invoice_id=invoice.id))
    return render_template("billing/record_transfer.html", invoice=invoice, form=form), 422 if form.is_submitted() else 200


def _fetch(invoice_id: uuid.UUID) -> Invoice:
    invoice = find_invoice(db(), invoice_id)
    if invoice is None or not may_read_invoice(actor(), invoice):
        raise NotFound(N_("There is nothing at this address."))
    return invoice
