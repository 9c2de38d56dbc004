"""Payments: the list, one of them, recording and undoing."""

import datetime as dt
import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.desks.billing.forms import MOST_LINES, ArrivalForm, ReasonForm, SpreadForm
from portal.desks.billing.views.blueprint import billing, fetch_invoice
from portal.foundation.errors import InvalidInput, NotFound
from portal.foundation.labels import N_
from portal.foundation.money import parse_fen, plain, yuan
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.queries import find_debtor, find_enterprise_by_uscc
from portal.members.enterprises.rules.uscc import normalise_uscc
from portal.money.invoices.models import Invoice
from portal.money.invoices.queries import find_open_invoice_named
from portal.money.ledger.policies import may_record_payments, may_see_money, may_undo_payments
from portal.money.online.queries import list_reports_of, went_back_at_stripe
from portal.money.online.services import returning
from portal.money.payments import queries
from portal.money.payments.models import Channel, Payment, PaymentPaper
from portal.money.payments.queries import PaymentFilter, credits_of_payment, find_payment
from portal.money.payments.services import receipts as receipts_services
from portal.money.payments.services import recording, undoing
from portal.money.payments.services.recording import Arrival, Part
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.queries import list_papers
from portal.web.forms import ButtonForm, searched_words
from portal.web.request import actor, db
from portal.web.search import MOST, Hit, add_source

Answer = str | Response | tuple[str, int]
MORE_LINES = 10


@billing.route("/payments", permit=may_see_money)
def list_payments() -> str:
    """All payments.

    Searched by payer, serial number, amount, invoice or enterprise, and by the days of arrival.
    """
    narrow = narrowed()
    page = queries.list_payments(db(), narrow, request.args.get("after"))
    template = (
        "desks/billing/payment_rows.html"
        if request.headers.get("HX-Request")
        else "desks/billing/list_payments.html"
    )
    return render_template(
        template,
        page=page,
        narrow=narrow,
        channels=list(Channel),
        may_record=may_record_payments(actor()),
        button=ButtonForm(),
    )


def narrowed() -> PaymentFilter:
    """What the address asks of the list."""
    from_on, to_on = (_day(request.args.get(name, "")) for name in ("from", "to"))
    return PaymentFilter(
        searched_words(),
        request.args.get("channel", ""),
        request.args.get("undone", "1") != "0",
        from_on,
        to_on,
    )


def _day(word: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(word)
    except ValueError:
        return None


def _search(words: str) -> list[Hit]:
    found = queries.list_payments(db(), PaymentFilter(words), size=MOST).rows
    return [
        Hit(
            p.payer,
            f"{p.reference} · {yuan(p.amount)}",
            "billing.show_payment",
            {"payment_id": p.id},
        )
        for p in found
    ]


add_source(30, N_("Payments"), may_see_money, _search)


@billing.route("/payments/<uuid:payment_id>", permit=may_see_money)
def show_payment(payment_id: uuid.UUID) -> str:
    """One payment: what it settled, its receipts, its trace."""
    payment = _fetch(payment_id)
    receipts = list_papers(db(), [payment.id], PaymentPaper.RECEIPT)
    return render_template(
        "desks/billing/show_payment.html",
        payment=payment,
        receipts=receipts,
        credits=[
            (find_debtor(db(), owner), fen)
            for owner, fen in credits_of_payment(db(), payment.id).items()
            if fen
        ],
        reports=list_reports_of(db(), payment) if payment.channel is Channel.ONLINE else [],
        may_undo=may_undo_payments(actor(), payment.amount)
        and (payment.channel is not Channel.ONLINE or went_back_at_stripe(db(), payment)),
        button=ButtonForm(),
    )


@billing.route(
    "/invoices/<uuid:invoice_id>/payment", permit=may_record_payments, methods=["GET", "POST"]
)
def record_payment(invoice_id: uuid.UUID) -> Answer:
    """Books money against one invoice."""
    invoice = fetch_invoice(invoice_id)
    form = ArrivalForm(amount=plain(invoice.open_amount), payer=invoice.debtor.name)
    if form.validate_on_submit():
        with form.refusing():
            arrival = _arrival(form)
            payment = recording.record_payment(
                db(),
                arrival,
                [Part(invoice, min(arrival.amount, invoice.open_amount))],
                actor=actor(),
            )
            flash(gettext("The money is booked. The receipt is being made."), "success")
            return redirect(
                url_for("billing.show_invoice", invoice_id=invoice.id, payment=payment.id)
            )
    return render_template(
        "desks/billing/record_payment.html", invoice=invoice, form=form
    ), form.status


@billing.route("/payments/record", permit=may_record_payments, methods=["GET", "POST"])
def spread_payment() -> Answer:
    """Books money over several invoices, of several enterprises where need be."""
    form = SpreadForm(owner=request.args.get("uscc", ""))
    if "more" in request.form:
        for _ in range(min(MORE_LINES, MOST_LINES - len(form.parts))):
            form.parts.append_entry()
        return render_template("desks/billing/spread_payment.html", form=form)
    if form.validate_on_submit():
        with form.refusing():
            payment = recording.record_payment(
                db(), _arrival(form), _parts(form), surplus_to=_owner(form), actor=actor()
            )
            flash(gettext("The money is booked. The receipts are being made."), "success")
            return redirect(url_for("billing.show_payment", payment_id=payment.id))
    return render_template("desks/billing/spread_payment.html", form=form), form.status


def _owner(form: SpreadForm) -> Enterprise | None:
    """The enterprise on whose account the rest goes; None where none is named."""
    typed = normalise_uscc(form.owner.data or "")
    found = find_enterprise_by_uscc(db(), typed) if typed else None
    if typed and found is None:
        raise InvalidInput("owner", N_("No enterprise of this chamber has this code."))
    return found


@billing.route(
    "/payments/<uuid:payment_id>/undo", permit=may_undo_payments, methods=["GET", "POST"]
)
def undo_payment(payment_id: uuid.UUID) -> Answer:
    """Undoes a payment that was recorded wrongly."""
    payment = _fetch(payment_id)
    form = ReasonForm()
    if form.validate_on_submit():
        online = payment.channel is Channel.ONLINE
        undo = returning.undo_online_payment if online else undoing.undo_payment
        with form.refusing():
            undo(db(), payment, form.reason.data, actor=actor())
            flash(
                gettext(
                    "The payment is undone. Its invoices are open again, its receipts are void."
                ),
                "success",
            )
            return redirect(url_for("billing.show_payment", payment_id=payment.id))
    return render_template(
        "desks/billing/undo_payment.html", payment=payment, form=form
    ), form.status


@billing.route("/receipts/<uuid:paper_id>/copy", permit=may_see_money, methods=["POST"])
def reissue_receipt(paper_id: uuid.UUID) -> Response:
    """Issues a copy of a receipt, marked so."""
    receipt = db().fetch(IssuedPaper, paper_id)
    if receipt.kind is not PaymentPaper.RECEIPT:
        raise NotFound(N_("There is nothing at this address."))
    copy = receipts_services.reissue_receipt(db(), receipt, actor=actor())
    flash(
        gettext("Copy %(count)s of %(number)s is being made.", count=copy.copy, number=copy.number),
        "success",
    )
    return redirect(url_for("billing.show_payment", payment_id=receipt.subject_id))


def _fetch(payment_id: uuid.UUID) -> Payment:
    payment = find_payment(db(), payment_id)
    if payment is None:
        raise NotFound(N_("There is nothing at this address."))
    return payment


def _arrival(form: ArrivalForm) -> Arrival:
    return Arrival(
        form.received_on.data,
        parse_fen(form.amount.data),
        form.payer.data,
        form.reference.data,
        Channel(form.channel.data),
    )


def _parts(form: SpreadForm) -> list[Part]:
    """The lines of the form that say something, each with its one open invoice.

    A fault is told beside its line.
    """
    found: dict[uuid.UUID, Part] = {}
    for line in form.parts:
        if not (line.form.number.data or line.form.amount.data):
            continue
        try:
            invoice = _named(line.form.number.data or "")
            if invoice.id in found:
                raise InvalidInput("parts", N_("This invoice stands twice."))
            found[invoice.id] = Part(
                invoice, parse_fen(line.form.amount.data or plain(invoice.open_amount))
            )
        except InvalidInput as error:
            line.form.number.errors = [
                *line.form.number.errors,
                gettext(error.sentence.msgid, **error.sentence.values),
            ]
            raise
    return list(found.values())


def _named(words: str) -> Invoice:
    found = find_open_invoice_named(db(), words) if words else None
    if found is None:
        raise InvalidInput(
            "parts",
            N_("“%(words)s” is the number or payment code of no open invoice."),
            words=words[:40],
        )
    return found
