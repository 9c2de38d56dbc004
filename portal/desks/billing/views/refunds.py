"""Refunds: asked for, decided, transferred."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.desks.billing.forms import ReasonForm, RefundForm, TransferredForm, seen_fen
from portal.desks.billing.views.blueprint import billing
from portal.foundation.errors import InvalidInput, NotFound
from portal.foundation.labels import N_
from portal.foundation.money import parse_fen, plain, yuan
from portal.members.enterprises.models import Party
from portal.members.enterprises.queries import find_debtor
from portal.money.ledger.models import Account
from portal.money.ledger.policies import may_record_payments
from portal.money.ledger.queries import balance, credit_of, list_credits
from portal.money.payments.models import Payment, Refund, RefundState
from portal.money.payments.policies import may_decide_refund, may_withdraw_refund
from portal.money.payments.queries import (
    find_refund,
    list_recorders_of,
    list_refundable,
    page_refunds,
)
from portal.money.payments.services import refunds
from portal.money.payments.services.refunds import Payee
from portal.web.filters import day
from portal.web.forms import ButtonForm, searched_words
from portal.web.request import actor, db

Answer = str | Response | tuple[str, int]
MOST_CREDITS = 50


@billing.route("/refunds", permit=may_record_payments)
def list_refunds() -> str:
    """All refunds, by state and by the enterprise's name, pinyin or USCC.

    And what lies on account.
    """
    state, words = request.args.get("state", ""), searched_words()
    held, page = (
        list_credits(db(), MOST_CREDITS + 1),
        page_refunds(db(), state, words, request.args.get("after")),
    )
    total = -balance(db(), Account.CREDIT_ON_ACCOUNT)
    shown = {"credits": held[:MOST_CREDITS], "more": len(held) > MOST_CREDITS, "total": total}
    return render_template(
        "desks/billing/list_refunds.html",
        page=page,
        words=words,
        state=state,
        states=list(RefundState),
        **shown,
    )


@billing.route(
    "/accounts/<uuid:enterprise_id>/refund", permit=may_record_payments, methods=["GET", "POST"]
)
def request_refund(enterprise_id: uuid.UUID) -> Answer:
    """Asks for somebody's credit to be paid back."""
    owner = db().fetch(Party, enterprise_id)
    debtor = find_debtor(db(), owner.id)
    credit = credit_of(db(), owner.id)
    online = {str(payment.id): (payment, left) for payment, left in list_refundable(db(), owner.id)}
    form = RefundForm(
        amount=plain(credit) if credit > 0 else "", payee=debtor.name, seen=str(credit)
    )
    form.offer([(key, _way(payment, left)) for key, (payment, left) in online.items()])
    if form.validate_on_submit():
        try:
            payee = Payee(form.payee.data, form.payee_account.data)
            payment, _ = online.get(form.chosen_way, (None, 0))
            refund = refunds.request_refund(
                db(),
                owner,
                parse_fen(form.amount.data),
                payee,
                form.reason.data,
                payment=payment,
                seen=seen_fen(form.seen),
                actor=actor(),
            )
        except InvalidInput as error:
            form.refuse(error)
            form.seen.data = str(credit)
        else:
            flash(gettext("Asked for. The money is set aside until it is decided."), "success")
            return redirect(url_for("billing.show_refund", refund_id=refund.id))
    return render_template(
        "desks/billing/request_refund.html", debtor=debtor, credit=credit, form=form
    ), form.status


def _way(payment: Payment, left: int) -> str:
    """An online payment as a way for money to go back."""
    on, most = day(payment.received_on), yuan(left)
    return str(gettext("Online payment of %(day)s, at most %(amount)s", day=on, amount=most))


@billing.route("/refunds/<uuid:refund_id>", permit=may_record_payments)
def show_refund(refund_id: uuid.UUID) -> str:
    """One refund, who took it where, and the one next action."""
    refund = _fetch(refund_id)
    may_decide = may_decide_refund(actor(), refund, list_recorders_of(db(), refund.party_id))
    may_withdraw = may_withdraw_refund(actor(), refund)
    return render_template(
        "desks/billing/show_refund.html",
        refund=refund,
        may_decide=may_decide,
        may_withdraw=may_withdraw,
        button=ButtonForm(),
        form=TransferredForm(),
    )


@billing.route("/refunds/<uuid:refund_id>/approve", permit=may_record_payments, methods=["POST"])
def approve_refund(refund_id: uuid.UUID) -> Response:
    """Lets a refund be transferred."""
    refund = _fetch(refund_id)
    refunds.approve_refund(db(), refund, actor=actor())
    sent = gettext("Approved. It goes back through Stripe; this page says when it has arrived.")
    flash(
        sent
        if refund.payment_id
        else gettext("Approved. Transfer it, then enter the bank's serial number."),
        "success",
    )
    return redirect(url_for("billing.show_refund", refund_id=refund.id))


@billing.route(
    "/refunds/<uuid:refund_id>/decline", permit=may_record_payments, methods=["GET", "POST"]
)
def decline_refund(refund_id: uuid.UUID) -> Answer:
    """Ends a refund; the money lies on account again."""
    refund = _fetch(refund_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with form.refusing():
            refunds.decline_refund(db(), refund, form.reason.data, actor=actor())
            flash(gettext("Declined. The money lies on account again."), "success")
            return redirect(url_for("billing.show_refund", refund_id=refund.id))
    return render_template(
        "desks/billing/decline_refund.html", refund=refund, form=form
    ), form.status


@billing.route("/refunds/<uuid:refund_id>/paid", permit=may_record_payments, methods=["POST"])
def record_refund_paid(refund_id: uuid.UUID) -> Answer:
    """Posts an approved refund as transferred."""
    refund = _fetch(refund_id)
    form = TransferredForm()
    if form.validate_on_submit():
        with form.refusing():
            refunds.record_refund_paid(db(), refund, form.reference.data, actor=actor())
            flash(gettext("Posted. The refund is done."), "success")
            return redirect(url_for("billing.show_refund", refund_id=refund.id))
    page = render_template(
        "desks/billing/show_refund.html",
        refund=refund,
        may_decide=False,
        may_withdraw=False,
        button=ButtonForm(),
        form=form,
    )
    return page, form.status


def _fetch(refund_id: uuid.UUID) -> Refund:
    refund = find_refund(db(), refund_id)
    if refund is None:
        raise NotFound(N_("There is nothing at this address."))
    return refund
