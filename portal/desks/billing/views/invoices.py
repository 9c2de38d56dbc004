"""Invoices: the list, one of them, and what is done with it."""

import uuid
from collections.abc import Sequence

from flask import Response as Bytes
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.desks.billing.forms import CreditNoteForm, ReasonForm, SlipForm, seen_fen
from portal.desks.billing.views.blueprint import billing, fetch_invoice
from portal.files.queries import find_picture, previews_of
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.foundation.money import parse_fen, plain, yuan
from portal.money.dues.queries import find_charge_of, was_raised_for
from portal.money.invoices import queries
from portal.money.invoices.models import Invoice, InvoicePaper, InvoiceState, PaymentSlip
from portal.money.invoices.policies import may_correct_invoices, may_raise_invoices
from portal.money.invoices.queries import (
    InvoiceFilter,
    credit_in,
    find_void,
    list_credit_notes,
    list_slips,
    open_amounts,
)
from portal.money.invoices.services import corrections, settling
from portal.money.invoices.services import slips as slips_services
from portal.money.ledger.policies import may_record_payments, may_see_money, may_undo_payments
from portal.money.ledger.queries import credit_of
from portal.money.online.queries import list_checkouts, takes_online_payments
from portal.money.payments.models import PaymentPaper
from portal.money.payments.queries import list_settlements
from portal.money.payments.rules import whose
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.policies import may_ask_for_papers
from portal.papers.issuing.queries import list_papers
from portal.web.downloads import attachment, picture
from portal.web.filters import label
from portal.web.forms import ButtonForm, searched_words
from portal.web.request import actor, chamber, db, present_day
from portal.web.search import MOST, Hit, add_source
from portal.web.uploads import receive_needed
from portal.web.world import world

Answer = str | Response | tuple[str, int]


@billing.route("/invoices", permit=may_see_money)
def list_invoices() -> str:
    """All invoices, searched by code, number, name, pinyin initials or amount.

    By state, dues year and age of arrears.
    """
    narrow = narrowed()
    page = queries.list_invoices(db(), narrow, present_day(), request.args.get("after"))
    template = (
        "desks/billing/invoice_rows.html"
        if request.headers.get("HX-Request")
        else "desks/billing/list_invoices.html"
    )
    return render_template(
        template,
        page=page,
        narrow=narrow,
        year=_figure("year"),
        years=range(present_day().year + 1, present_day().year - 5, -1),
        states=list(InvoiceState),
        today=present_day(),
        sums=open_amounts(db(), present_day()),
        may_raise=may_raise_invoices(actor()),
        button=ButtonForm(),
    )


def _search(words: str) -> list[Hit]:
    found = queries.list_invoices(db(), InvoiceFilter(words), present_day(), size=MOST).rows
    return [
        Hit(
            i.debtor.name,
            f"{i.number} · {yuan(i.amount)} · {label(i.state)}",
            "billing.show_invoice",
            {"invoice_id": i.id},
        )
        for i in found
    ]


add_source(20, N_("Invoices"), may_see_money, _search)


def narrowed() -> InvoiceFilter:
    """What the address asks of the list."""
    year = _figure("year")
    further = (was_raised_for(year),) if year else ()
    return InvoiceFilter(
        searched_words(),
        request.args.get("state", ""),
        _figure("late_from"),
        _figure("late_to"),
        further=further,
    )


def _figure(name: str) -> int | None:
    """A small number in the address, or None where it is none."""
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 5 else None


def _papers(invoice: Invoice, others: Sequence[uuid.UUID]) -> list[IssuedPaper]:
    """The papers of an invoice, of its notes, and the receipts of its debtor."""
    kinds = (InvoicePaper.DUES_NOTICE, PaymentPaper.RECEIPT, InvoicePaper.CREDIT_NOTE)
    return [
        paper
        for paper in list_papers(db(), [invoice.id, *others], *kinds)
        if paper.kind is not PaymentPaper.RECEIPT or whose(paper) == invoice.party_id
    ]


@billing.route("/invoices/<uuid:invoice_id>", permit=may_ask_for_papers)
def show_invoice(invoice_id: uuid.UUID) -> str:
    """One invoice: what is owed, how to pay, what came, its papers."""
    invoice = fetch_invoice(invoice_id)
    settlements, notes = list_settlements(db(), invoice.id), list_credit_notes(db(), invoice.id)
    paid_by = [payment.id for _, payment in settlements if payment]
    word = world().sealer.mark("pay", chamber().id, invoice.id)
    slips = list_slips(db(), invoice.id)
    pictures = previews_of(db(), [slip.file_id for slip in slips]) if slips else {}
    return render_template(
        "desks/billing/show_invoice.html",
        invoice=invoice,
        charge=find_charge_of(db(), invoice.id),
        settlements=settlements,
        notes=notes,
        papers=_papers(invoice, [*paid_by, *(note.id for note in notes)]),
        slips=[(slip, pictures[slip.file_id]) for slip in slips],
        void=find_void(db(), invoice.id),
        credit=credit_of(db(), invoice.party_id),
        today=present_day(),
        online=takes_online_payments(db()),
        word=word,
        pay_link=world().address(chamber().slug, url_for("billing.show_pay_page", word=word)),
        checkouts=list_checkouts(db(), invoice.id) if actor().is_staff else [],
        may_record=may_record_payments(actor()),
        may_correct=may_correct_invoices(actor()),
        credit_used=min(credit_in(db(), invoice.id), invoice.paid)
        if may_undo_payments(actor())
        else 0,
        button=ButtonForm(),
    )


@billing.route(
    "/invoices/<uuid:invoice_id>/void", permit=may_correct_invoices, methods=["GET", "POST"]
)
def void_invoice(invoice_id: uuid.UUID) -> Answer:
    """Makes an unpaid invoice void."""
    invoice = fetch_invoice(invoice_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with form.refusing():
            corrections.void_invoice(db(), invoice, form.reason.data, actor=actor())
            flash(gettext("The invoice is void. Its number is not used again."), "success")
            return redirect(url_for("billing.show_invoice", invoice_id=invoice.id))
    return render_template(
        "desks/billing/void_invoice.html", invoice=invoice, form=form
    ), form.status


@billing.route(
    "/invoices/<uuid:invoice_id>/credit-note", permit=may_correct_invoices, methods=["GET", "POST"]
)
def issue_credit_note(invoice_id: uuid.UUID) -> Answer:
    """Takes an invoice or a part of it back."""
    invoice = fetch_invoice(invoice_id)
    form = CreditNoteForm(
        amount=plain(invoice.amount - invoice.credited), seen=str(invoice.credited)
    )
    if form.validate_on_submit():
        try:
            corrections.issue_credit_note(
                db(),
                invoice,
                parse_fen(form.amount.data),
                form.reason.data,
                seen=seen_fen(form.seen),
                actor=actor(),
            )
        except InvalidInput as error:
            form.refuse(error)
            form.seen.data = str(invoice.credited)
        else:
            flash(
                gettext("The credit note is issued. What was paid beyond it lies on account."),
                "success",
            )
            return redirect(url_for("billing.show_invoice", invoice_id=invoice.id))
    return render_template(
        "desks/billing/issue_credit_note.html", invoice=invoice, form=form
    ), form.status


@billing.route(
    "/invoices/<uuid:invoice_id>/use-credit", permit=may_record_payments, methods=["POST"]
)
def use_credit(invoice_id: uuid.UUID) -> Response:
    """Settles an invoice from the enterprise's credit on account."""
    invoice = fetch_invoice(invoice_id)
    used = settling.use_credit(db(), invoice, present_day(), actor=actor())
    flash(gettext("%(amount)s of the credit is used.", amount=yuan(used)), "success")
    return redirect(url_for("billing.show_invoice", invoice_id=invoice.id))


@billing.route(
    "/invoices/<uuid:invoice_id>/give-credit-back", permit=may_undo_payments, methods=["POST"]
)
def give_credit_back(invoice_id: uuid.UUID) -> Response:
    """Takes back what credit on account settled of an invoice."""
    invoice = fetch_invoice(invoice_id)
    back = settling.give_credit_back(db(), invoice, present_day(), actor=actor())
    flash(
        gettext("%(amount)s lie on account again; the invoice is open again.", amount=yuan(back)),
        "success",
    )
    return redirect(url_for("billing.show_invoice", invoice_id=invoice.id))


@billing.route(
    "/invoices/<uuid:invoice_id>/slips", permit=may_ask_for_papers, methods=["GET", "POST"]
)
def upload_slip(invoice_id: uuid.UUID) -> Answer:
    """The member uploads a transfer slip."""
    form = SlipForm()
    if form.validate_on_submit():
        with form.refusing():
            stored = receive_needed(form.slip, missing=N_("Choose a photo or PDF of the slip."))
            slips_services.upload_slip(db(), fetch_invoice(invoice_id), stored, actor=actor())
            flash(
                gettext(
                    "Thank you. Finance sees the slip; the invoice is settled once the money "
                    "has arrived."
                ),
                "success",
            )
            return redirect(url_for("billing.show_invoice", invoice_id=invoice_id))
    return render_template(
        "desks/billing/upload_slip.html", invoice=fetch_invoice(invoice_id), form=form
    ), form.status


@billing.route("/slips/<uuid:slip_id>/picture/<int:page>", permit=may_ask_for_papers)
def show_slip(slip_id: uuid.UUID, page: int) -> Bytes:
    """A page of a slip as a picture of our own making."""
    slip = db().fetch(PaymentSlip, slip_id)
    fetch_invoice(slip.invoice_id)
    return picture(find_picture(db(), slip.file_id, page))


@billing.route("/slips/<uuid:slip_id>", permit=may_ask_for_papers)
def download_slip(slip_id: uuid.UUID) -> Bytes:
    """An uploaded slip, as an attachment that no browser opens in place.

    For whoever may read its invoice.
    """
    slip = db().fetch(PaymentSlip, slip_id)
    fetch_invoice(slip.invoice_id)
    return attachment(slip.file)
