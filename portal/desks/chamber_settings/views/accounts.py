"""The chart of accounts."""

import uuid

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.desks.chamber_settings.forms.money import AccountForm
from portal.desks.chamber_settings.views.blueprint import chamber_settings
from portal.money.ledger import services
from portal.money.ledger.models import LedgerAccount
from portal.money.ledger.policies import may_keep_accounts
from portal.money.ledger.queries import list_accounts
from portal.web.request import actor, db


@chamber_settings.route("/accounts", permit=may_keep_accounts)
def edit_accounts() -> str:
    """All accounts, by number."""
    return render_template(
        "desks/chamber_settings/edit_accounts.html", accounts=list_accounts(db())
    )


@chamber_settings.route(
    "/accounts/<uuid:account_id>", permit=may_keep_accounts, methods=["GET", "POST"]
)
def change_account(account_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Another number or name of an account."""
    account = db().fetch(LedgerAccount, account_id)
    form = AccountForm(obj=account)
    if form.validate_on_submit():
        with form.refusing():
            named = {"name_zh": form.name_zh.data, "name_en": form.name_en.data}
            services.change_account(db(), account, number=form.number.data, **named, actor=actor())
            flash(gettext("Saved."), "success")
            return redirect(url_for("chamber_settings.edit_accounts"))
    return render_template(
        "desks/chamber_settings/change_account.html", account=account, form=form
    ), form.status
