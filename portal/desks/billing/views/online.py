"""Paying online.

The page of a mailed link, the way to Stripe's page and back, Stripe's signed events, and what
finance has to look at.
"""

import logging
import uuid

from cryptography.fernet import InvalidToken
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.accounts.policies import anyone
from portal.desks.billing.forms import ParkedForm
from portal.desks.billing.views.blueprint import billing
from portal.foundation.errors import NotFound, Refused
from portal.foundation.labels import N_
from portal.money.invoices.models import Invoice
from portal.money.invoices.queries import find_invoice
from portal.money.ledger.policies import may_record_payments, may_see_money
from portal.money.online.models import (
    UNDER_WAY,
    Checkout,
    CheckoutState,
    Parked,
    ParkedState,
    StripeKeys,
)
from portal.money.online.queries import (
    find_keys,
    find_last_checkout,
    page_parked,
    takes_online_payments,
)
from portal.money.online.services import checkouts, events, parking
from portal.money.online.stripe_gateway import (
    Account,
    Declined,
    NotSigned,
    Unreachable,
    Wanted,
    account_of,
    open_session,
    read_event,
)
from portal.money.payments.models import PaymentPaper
from portal.papers.issuing.queries import list_papers
from portal.tenancy.actor import SYSTEM, Actor, ActorKind
from portal.tenancy.session import ChamberSession
from portal.web.forms import ButtonForm, searched_words
from portal.web.headers import STOP_ASKING
from portal.web.request import actor, chamber, db, present_day
from portal.web.world import world

log = logging.getLogger("portal.stripe")
Answer = str | Response | tuple[str, int]
PURPOSE = "pay"
LARGEST_EVENT = 256 * 1024


@billing.route("/pay/<word>", permit=anyone)
def show_pay_page(word: str) -> Answer:
    """What is owed and every way to pay it, for whoever holds the link.

    On the way back from Stripe, how far the payment is. Nothing is settled here.
    """
    invoice = _invoice(db(), word)
    checkout = find_last_checkout(db(), invoice.id)
    asked_again = request.headers.get("HX-Request") is not None
    page = render_template(
        "desks/billing/pay_progress.html" if asked_again else "desks/billing/show_pay_page.html",
        invoice=invoice,
        checkout=checkout,
        word=word,
        online=takes_online_payments(db()),
        returned="back" in request.args,
        onward=checkout.address
        if checkout
        and "go" in request.args
        and checkout.state is CheckoutState.OPEN
        and db().now() < checkout.expires_at
        else "",
        receipts=[
            p
            for p in list_papers(db(), [checkout.payment_id], PaymentPaper.RECEIPT)
            if p.void is None
        ]
        if checkout and checkout.payment_id
        else [],
        today=present_day(),
        button=ButtonForm(),
    )
    return page, STOP_ASKING if asked_again and not (
        checkout and checkout.state in UNDER_WAY
    ) else 200


@billing.route("/pay/<word>/online", permit=anyone, methods=["POST"], own_transactions=True)
def pay_online(word: str) -> Response:
    """Opens Stripe's page for what is owed, or leads to the one that is open, and goes there."""
    page = url_for("billing.show_pay_page", word=word)
    try:
        checkout = _open(word)
    except Unreachable:
        flash(
            gettext(
                "The payment service does not answer at the moment. Nothing was charged; try "
                "again in a minute, or pay by bank transfer."
            ),
            "fault",
        )
        return redirect(page, 303)
    except Declined:
        flash(
            gettext(
                "The payment service refused to open the page. Nothing was charged. Please "
                "pay by bank transfer and tell the chamber's finance department."
            ),
            "fault",
        )
        return redirect(page, 303)
    return redirect(
        f"{page}?go=1" if checkout.state is CheckoutState.OPEN else f"{page}?back=1", 303
    )


@billing.route("/stripe/events", permit=anyone, methods=["POST"], own_transactions=True)
def receive_stripe_event() -> tuple[str, int]:
    """Where Stripe sends its events.

    400 for one that it did not sign with the chamber's secret, and nothing is kept; 200 once it is
    kept.

    503 where the secret cannot be opened: Stripe then tries again.
    """
    request.max_content_length = LARGEST_EVENT
    keys = find_keys(db())
    if keys is None:
        return "no keys are set", 400
    try:
        event = read_event(
            request.get_data(),
            request.headers.get("Stripe-Signature", ""),
            world().sealer.open(keys.webhook_secret),
        )
    except NotSigned:
        return "not signed by Stripe", 400
    except InvalidToken:
        log.exception(
            "the webhook secret of %s was sealed under another key of the installation; set "
            "it again",
            chamber().slug,
        )
        return "the secret cannot be opened; try again later", 503
    with world().doors.chamber(chamber().id, writing=True) as session:
        events.receive_stripe_event(session, event, actor=SYSTEM)
    return "kept", 200


SAID = {
    "status": N_("State"),
    "payer": N_("Payer"),
    "why": N_("Reason"),
    "payment_intent": N_("Stripe's payment"),
    "livemode": N_("Live payment"),
    "reference": N_("Attempt"),
    "chamber": N_("Chamber"),
    "kind": N_("Event"),
}
"""What the details of a report are called."""


@billing.route("/online", permit=may_see_money)
def list_parked() -> str:
    """What Stripe reported and nobody booked, with what to do about each."""
    state = request.args.get("state", ParkedState.PARKED.value)
    page = page_parked(db(), state, searched_words(), request.args.get("after"))
    may_settle = may_record_payments(actor())
    return render_template(
        "desks/billing/list_parked.html",
        page=page,
        words=searched_words(),
        state=state,
        states=list(ParkedState),
        may_settle=may_settle,
        said=SAID,
    )


@billing.route(
    "/online/<uuid:parked_id>/settle", permit=may_record_payments, methods=["GET", "POST"]
)
def settle_parked(parked_id: uuid.UUID) -> Answer:
    """Writes down what was done about a report."""
    parked = db().fetch(Parked, parked_id)
    form = ParkedForm()
    if form.validate_on_submit():
        with form.refusing():
            parking.settle_parked(db(), parked, form.note.data, actor=actor())
            flash(gettext("Written down."), "success")
            return redirect(url_for("billing.list_parked"))
    return render_template(
        "desks/billing/settle_parked.html", parked=parked, said=SAID, form=form
    ), form.status


def _open(word: str) -> Checkout:
    """The attempt with its page open, or one that is being confirmed.

    Stripe is asked between two transactions; it may say no or nothing.
    """
    doors, holder = world().doors, chamber().id
    for _ in range(3):
        with doors.chamber(holder, writing=True) as session:
            invoice, keys = _invoice(session, word), find_keys(session)
            payer = Actor(
                ActorKind.VISITOR,
                invoice.notify_name[:120] or invoice.debtor.name,
                enterprise_id=invoice.party_id,
            )
            checkout = checkouts.begin_checkout(session, invoice, keys, actor=payer)
            fit, wording = (
                checkout.fits(invoice.open_amount, session.now()),
                f"{invoice.number} {invoice.debtor.name}",
            )
        if (
            keys is None
            or checkout.state is CheckoutState.CONFIRMING
            or (fit and checkout.session_id)
        ):
            return checkout
        if checkout.session_id:
            apply = events.close_checkout(_account(keys), checkout, actor=SYSTEM)
            with doors.chamber(holder, writing=True) as session:
                apply(session)
            continue
        found = open_session(_account(keys), _wanted(checkout, invoice, wording, word))
        with doors.chamber(holder, writing=True) as session:
            return checkouts.note_opened(session, session.fetch(Checkout, checkout.id), found)
    raise Refused(N_("Another payment of this invoice is just ending. Try again in a minute."))


def _account(keys: StripeKeys) -> Account:
    return account_of(world().settings.stripe_url, keys.secret_key, world().sealer)


def _wanted(checkout: Checkout, invoice: Invoice, wording: str, word: str) -> Wanted:
    back = world().address(chamber().slug, url_for("billing.show_pay_page", word=word))
    return Wanted(
        reference=str(checkout.id),
        chamber=str(checkout.chamber_id),
        amount=checkout.amount,
        currency=checkout.currency,
        wording=wording,
        email=invoice.notify_email,
        language=invoice.language,
        return_to=f"{back}?back=1",
        cancel_to=back,
        expires_at=checkout.expires_at,
    )


def _invoice(session: ChamberSession, word: str) -> Invoice:
    found = world().sealer.read_mark(PURPOSE, session.chamber_id, word)
    invoice = find_invoice(session, found) if found else None
    if invoice is None:
        raise NotFound(N_("There is nothing at this address."))
    return invoice
