"""The account of one enterprise: what it owes, what lies on account, every entry; and raising its dues."""

import uuid

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.accounts.queries import list_representations
from portal.desks.billing.forms import SupplementForm, YearForm
from portal.desks.billing.views.blueprint import billing, today
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Membership
from portal.members.membership.queries import find_open_membership
from portal.members.offices.queries import list_holdings
from portal.money.dues.queries import list_rates, list_terms
from portal.money.dues.services import charging
from portal.money.invoices.policies import may_raise_invoices
from portal.money.invoices.queries import InvoiceFilter, find_last_invoice, list_invoices, load_lines
from portal.money.invoices.services.raising import Addressee
from portal.money.ledger.models import Account
from portal.money.ledger.policies import may_record_payments, may_see_money
from portal.money.ledger.queries import balance, credit_of, list_entries
from portal.money.payments.queries import list_refunds
from portal.tenancy.session import ChamberSession
from portal.web.request import actor, db


@billing.route("/accounts/<uuid:enterprise_id>", permit=may_see_money)
def show_account(enterprise_id: uuid.UUID) -> str:
    """One enterprise's money, to the fen."""
    enterprise = db().fetch(Enterprise, enterprise_id)
    invoices = list_invoices(db(), InvoiceFilter(enterprise_id=enterprise.id), today(), size=50).rows
    load_lines(db(), invoices)
    return render_template(
        "desks/billing/show_account.html",
        enterprise=enterprise,
        membership=find_open_membership(db(), enterprise.id),
        invoices=invoices,
        owed=balance(db(), Account.RECEIVABLES, enterprise.id),
        credit=credit_of(db(), enterprise.id),
        entries=list_entries(db(), enterprise.id),
        refunds=list_refunds(db(), enterprise_id=enterprise.id),
        today=today(),
        may_record=may_record_payments(actor()),
    )


@billing.route("/accounts/<uuid:enterprise_id>/dues", permit=may_raise_invoices, methods=["GET", "POST"])
def raise_dues_of_year(enterprise_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Raises a member's dues for a year."""
    enterprise = db().fetch(Enterprise, enterprise_id)
    membership = _membership(enterprise.id)
    form = YearForm(year=today().year + 1)
    form.offer({rate.years for rate in list_terms(db(), today()) if rate.grade_id == membership.grade_id})
    if form.validate_on_submit():
        try:
            invoice = charging.raise_dues_of_year(db(), enterprise, membership.grade, _addressee(db(), enterprise.id), form.year.data, years=form.chosen_term, actor=actor())
        except (InvalidInput, Refused) as error:
            form.refuse(error)
        else:
            flash(gettext("%(number)s is raised. The notice goes out as soon as it is made.", number=invoice.number), "success")
            return redirect(url_for("billing.show_invoice", invoice_id=invoice.id))
    return render_template("desks/billing/raise_dues_of_year.html", enterprise=enterprise, membership=membership, form=form), form.status


@billing.route("/accounts/<uuid:enterprise_id>/supplement", permit=may_raise_invoices, methods=["GET", "POST"])
def raise_supplement(enterprise_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Raises the difference that a member owes which rose to a higher level within the year."""
    enterprise = db().fetch(Enterprise, enterprise_id)
    membership = _membership(enterprise.id)
    holdings = list_holdings(db(), enterprise_id=enterprise.id, on=today())
    form, rates = SupplementForm(from_on=max((h.from_on for h in holdings), default=today())), list_rates(db(), today())
    form.offer(rates)
    if form.validate_on_submit():
        try:
            told, known = _addressee(db(), enterprise.id), next((rate for rate in rates if str(rate.id) == form.charged_by.data), None)
            invoice = charging.raise_supplement(db(), enterprise, membership.grade, told, form.from_on.data, charged_by=known, actor=actor())
        except (InvalidInput, Refused) as error:
            form.refuse(error)
        else:
            flash(gettext("%(number)s is raised. The notice goes out as soon as it is made.", number=invoice.number), "success")
            return redirect(url_for("billing.show_invoice", invoice_id=invoice.id))
    return render_template("desks/billing/raise_supplement.html", enterprise=enterprise, membership=membership, holdings=holdings, form=form), form.status


def _membership(enterprise_id: uuid.UUID) -> Membership:
    """The open membership of an enterprise. Refused where it is no member."""
    membership = find_open_membership(db(), enterprise_id)
    if membership is None:
        raise Refused(N_("This enterprise is no member at present: its first invoice comes with its application."))
    return membership


def _addressee(session: ChamberSession, enterprise_id: uuid.UUID) -> Addressee:
    """The dues contact of an enterprise, whoever represents it first, or to whom its last invoice went: somebody without e-mail represents nobody here."""
    known = list_representations(session, enterprise_id=enterprise_id)
    chosen = next((r for r in known if r.is_dues_contact), known[0] if known else None)
    if chosen is not None:
        return Addressee(chosen.person.name, chosen.person.email, chosen.person.language)
    last = find_last_invoice(session, enterprise_id)
    if last is None:
        raise Refused(N_("Nobody of this enterprise is known to the portal. Add a contact first."))
    return Addressee(last.notify_name, last.notify_email, last.language)
