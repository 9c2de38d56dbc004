"""The keys of the chamber's Stripe account."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.desks.chamber_settings.forms.money import OnlinePaymentForm
from portal.desks.chamber_settings.views.blueprint import chamber_settings
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.money.online.policies import may_keep_keys
from portal.money.online.queries import find_keys, find_page_at_stripe
from portal.money.online.services import keys
from portal.money.online.stripe_gateway import Account, Declined, Unreachable, can_read, try_keys
from portal.web.forms import ButtonForm
from portal.web.request import actor, chamber, db
from portal.web.world import world


@chamber_settings.route(
    "/online-payment", permit=may_keep_keys, methods=["GET", "POST"], own_transactions=True
)
def set_keys() -> str | Response | tuple[str, int]:
    """Sets the keys, after Stripe has said that they work."""
    form = OnlinePaymentForm()
    if form.validate_on_submit():
        with form.refusing():
            keys.check_keys(form.secret_key.data, form.webhook_secret.data, actor=actor())
            livemode, same_account = _ask(form.secret_key.data)
            with world().doors.chamber(chamber().id, writing=True) as session:
                keys.set_keys(
                    session,
                    world().sealer,
                    form.secret_key.data,
                    form.webhook_secret.data,
                    livemode=livemode,
                    same_account=same_account,
                    actor=actor(),
                )
            flash(gettext("Kept. Members can pay online now."), "success")
            return redirect(url_for("chamber_settings.set_keys"))
    address = world().address(chamber().slug, url_for("billing.receive_stripe_event"))
    page = render_template(
        "desks/chamber_settings/set_keys.html",
        form=form,
        keys=find_keys(db()),
        address=address,
        button=ButtonForm(),
    )
    return page, form.status


@chamber_settings.route("/online-payment/forget", permit=may_keep_keys, methods=["POST"])
def forget_keys() -> Response:
    """Takes the keys away."""
    keys.forget_keys(db(), actor=actor())
    flash(gettext("Forgotten. Nobody can pay online any more."), "success")
    return redirect(url_for("chamber_settings.set_keys"))


def _ask(secret_key: str) -> tuple[bool, bool]:
    """Whether the key is a live one, and whether it can read what an earlier key opened.

    InvalidInput where Stripe refuses it or does not answer.
    """
    account, page = Account(world().settings.stripe_url, secret_key), find_page_at_stripe(db())
    try:
        return try_keys(account), page is None or can_read(account, page)
    except Declined:
        raise InvalidInput(
            "secret_key",
            N_("Stripe does not accept this key. Copy it again from Stripe's page of keys."),
        ) from None
    except Unreachable:
        raise InvalidInput(
            "secret_key",
            N_(
                "Stripe does not answer at the moment, so the key was not kept. Try again in "
                "a minute."
            ),
        ) from None
