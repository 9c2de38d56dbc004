"""The account of one enterprise: what it owes, what lies on account, every entry.

And raising its dues.
"""

import datetime as dt
import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.accounts.queries import list_representations
from portal.desks.billing.forms import InvoiceForm, SupplementForm, YearForm
from portal.desks.billing.views.blueprint import billing
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.money import parse_fen
from portal.members.enterprises.models import Debtor, Enterprise, PartyKind, debtor_of
from portal.members.enterprises.queries import find_debtor, find_enterprise_by_uscc
from portal.members.enterprises.rules.uscc import normalise_uscc
from portal.members.membership.models import Membership
from portal.members.membership.queries import find_open_membership
from portal.members.offices.queries import list_holdings
from portal.money.dues.queries import list_rates, list_terms
from portal.money.dues.services import charging, supplements
from portal.money.invoices.policies import may_raise_invoices
from portal.money.invoices.queries import (
    InvoiceFilter,
    find_last_invoice,
    list_invoices,
    load_lines,
)
from portal.money.invoices.services import raising
from portal.money.invoices.services.raising import Addressee, Line
from portal.money.ledger import services as ledger_services
from portal.money.ledger.models import Account, AccountKind
from portal.money.ledger.policies import may_record_payments, may_see_money
from portal.money.ledger.queries import balance, credit_of, list_accounts, list_entries
from portal.money.payments.queries import list_refunds
from portal.tenancy.session import ChamberSession
from portal.web.request import actor, chamber_settings, db, present_day


@billing.route("/accounts/<uuid:enterprise_id>", permit=may_see_money)
def show_account(enterprise_id: uuid.UUID) -> str:
    """The money of one enterprise, or of somebody outside, to the fen."""
    debtor = find_debtor(db(), enterprise_id)
    invoices = list_invoices(
        db(), InvoiceFilter(party_id=debtor.party_id), present_day(), size=50
    ).rows
    load_lines(db(), invoices)
    return render_template(
        "desks/billing/show_account.html",
        debtor=debtor,
        membership=find_open_membership(db(), debtor.party_id),
        invoices=invoices,
        owed=balance(db(), Account.RECEIVABLES, debtor.party_id),
        credit=credit_of(db(), debtor.party_id),
        entries=list_entries(db(), debtor.party_id),
        accounts={account.code: account for account in list_accounts(db())},
        refunds=list_refunds(db(), party_id=debtor.party_id),
        today=present_day(),
        may_record=may_record_payments(actor()),
    )


@billing.route(
    "/accounts/<uuid:enterprise_id>/dues", permit=may_raise_invoices, methods=["GET", "POST"]
)
def raise_dues_of_year(enterprise_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Raises a member's dues for a year."""
    enterprise = db().fetch(Enterprise, enterprise_id)
    membership = _membership(enterprise.id)
    form = YearForm(year=present_day().year + 1)
    form.offer(
        {
            rate.years
            for rate in list_terms(db(), present_day())
            if rate.grade_id == membership.grade_id
        }
    )
    if form.validate_on_submit():
        with form.refusing():
            invoice = charging.raise_dues_of_year(
                db(),
                enterprise,
                membership.grade,
                _addressee(db(), enterprise.id),
                form.year.data,
                years=form.chosen_term,
                actor=actor(),
            )
            flash(
                gettext(
                    "%(number)s is raised. The notice goes out as soon as it is made.",
                    number=invoice.number,
                ),
                "success",
            )
            return redirect(url_for("billing.show_invoice", invoice_id=invoice.id))
    return render_template(
        "desks/billing/raise_dues_of_year.html",
        enterprise=enterprise,
        membership=membership,
        form=form,
    ), form.status


@billing.route(
    "/accounts/<uuid:enterprise_id>/supplement", permit=may_raise_invoices, methods=["GET", "POST"]
)
def raise_supplement(enterprise_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Raises the difference that a member owes which rose to a higher level within the year."""
    enterprise = db().fetch(Enterprise, enterprise_id)
    membership = _membership(enterprise.id)
    holdings = list_holdings(db(), enterprise_id=enterprise.id, on=present_day())
    form, rates = (
        SupplementForm(from_on=max((h.from_on for h in holdings), default=present_day())),
        list_rates(db(), present_day()),
    )
    form.offer(rates)
    if form.validate_on_submit():
        with form.refusing():
            told, known = (
                _addressee(db(), enterprise.id),
                next((rate for rate in rates if str(rate.id) == form.charged_by.data), None),
            )
            invoice = supplements.raise_supplement(
                db(),
                enterprise,
                membership.grade,
                told,
                form.from_on.data,
                charged_by=known,
                actor=actor(),
            )
            flash(
                gettext(
                    "%(number)s is raised. The notice goes out as soon as it is made.",
                    number=invoice.number,
                ),
                "success",
            )
            return redirect(url_for("billing.show_invoice", invoice_id=invoice.id))
    return render_template(
        "desks/billing/raise_supplement.html",
        enterprise=enterprise,
        membership=membership,
        holdings=holdings,
        form=form,
    ), form.status


@billing.route("/invoices/raise", permit=may_raise_invoices, methods=["GET", "POST"])
def raise_invoice() -> str | Response | tuple[str, int]:
    """Asks an enterprise, or somebody outside, for anything but dues."""
    accounts = [
        a
        for a in list_accounts(db())
        if a.kind is AccountKind.INCOME and a.code != Account.DUES_INCOME
    ]
    due_on = present_day() + dt.timedelta(days=chamber_settings().days_to_pay)
    form = InvoiceForm(
        uscc=request.args.get("uscc", ""),
        name=request.args.get("name", ""),
        kind=request.args.get("kind"),
        due_on=due_on,
    )
    form.offer(accounts)
    if form.validate_on_submit():
        with form.refusing():
            debtor = _debtor(form)
            invoice = raising.raise_invoice(
                db(),
                debtor,
                _told(form, debtor),
                _lines(form),
                due_on=form.due_on.data,
                twice=form.twice.data,
                actor=actor(),
            )
            flash(
                gettext(
                    "%(number)s is raised. The notice goes out as soon as it is made.",
                    number=invoice.number,
                ),
                "success",
            )
            return redirect(url_for("billing.show_invoice", invoice_id=invoice.id))
    return render_template("desks/billing/raise_invoice.html", form=form), form.status


def _debtor(form: InvoiceForm) -> Debtor:
    typed = normalise_uscc(form.uscc.data or "")
    if typed and form.name.data:
        raise InvalidInput("name", N_("Name an enterprise or somebody outside, not both."))
    if not typed:
        return find_debtor(
            db(),
            ledger_services.ensure_party(db(), PartyKind(form.kind.data), form.name.data or "").id,
        )
    enterprise = find_enterprise_by_uscc(db(), typed)
    if enterprise is None:
        raise InvalidInput("uscc", N_("No enterprise of this chamber has this code."))
    return debtor_of(enterprise)


def _told(form: InvoiceForm, debtor: Debtor) -> Addressee:
    if form.notify_email.data:
        return Addressee(
            form.notify_name.data or debtor.name, form.notify_email.data, form.language.data
        )
    if debtor.enterprise_id is None:
        raise InvalidInput("notify_email", N_("Give the address to which the notice goes."))
    return _addressee(db(), debtor.enterprise_id)


def _lines(form: InvoiceForm) -> list[Line]:
    found = []
    for number, line in enumerate(form.filled(), 1):
        try:
            amount = parse_fen(line.amount.data or "")
        except InvalidInput as error:
            raise InvalidInput(
                f"line {number}", error.sentence.msgid, **error.sentence.values
            ) from error
        found.append(Line(line.wording.data or "", "", amount, line.account.data))
    return found


def _membership(enterprise_id: uuid.UUID) -> Membership:
    """The open membership of an enterprise. Refused where it is no member."""
    membership = find_open_membership(db(), enterprise_id)
    if membership is None:
        raise Refused(
            N_(
                "This enterprise is no member at present: its first invoice comes with its "
                "application."
            )
        )
    return membership


def _addressee(session: ChamberSession, enterprise_id: uuid.UUID) -> Addressee:
    """The dues contact of an enterprise, or who comes next to it.

    Whoever represents it first, or to whom its last invoice went: somebody without e-mail
    represents nobody here.
    """
    known = list_representations(session, enterprise_id=enterprise_id)
    chosen = next((r for r in known if r.is_dues_contact), known[0] if known else None)
    if chosen is not None:
        return Addressee(chosen.person.name, chosen.person.email, chosen.person.language)
    last = find_last_invoice(session, enterprise_id)
    if last is None:
        raise Refused(N_("Nobody of this enterprise is known to the portal. Add a contact first."))
    return Addressee(last.notify_name, last.notify_email, last.language)
