"""Each role's first page."""

import uuid
from collections import Counter

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.accounts.models import Representation
from portal.accounts.policies import is_contact, is_signed_in, is_staff
from portal.accounts.queries import list_representations
from portal.accounts.services import representing
from portal.admission.applications.policies import may_review
from portal.admission.reviewing.queries.queue import count_by_state
from portal.audit.acts import ACTS
from portal.circulars.queries import list_received
from portal.desks.dashboard.queries import list_recent_acts
from portal.desks.dossier.queries import history_of, own_timeline_of, standing_of
from portal.desks.sign_in.forms import ColleagueForm
from portal.foundation.labels import N_
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.queries import list_amendments, list_former_names
from portal.members.membership.queries import count_members, find_open_membership
from portal.money.invoices.queries import (
    InvoiceFilter,
    ageing,
    list_invoices,
    list_overdue,
    open_amounts,
)
from portal.money.ledger.policies import may_record_payments, may_see_money
from portal.money.ledger.queries import credit_of
from portal.papers.issuing.queries import list_papers_of_enterprise
from portal.tenancy.my_day import MOST, list_waiting
from portal.web.blueprint import Blueprint
from portal.web.forms import ButtonForm, searched_words
from portal.web.menu import Group, add_entry, entries_of
from portal.web.request import actor, db, present_day
from portal.web.search import Hit, add_source, hits_of

dashboard = Blueprint("dashboard", __name__)
add_entry(Group.DAY, 0, "dashboard.my_day", N_("My day"), is_staff)
SHOWN = 12


@dashboard.route("/start", permit=is_signed_in)
def first_page() -> Response:
    """Leads whoever signed in to their own first page."""
    if actor().needs_second_factor:
        return redirect(url_for("sign_in.set_up_second_factor"))
    if actor().is_staff:
        return redirect(url_for("dashboard.my_day"))
    return redirect(
        url_for("dashboard.my_enterprise" if actor().enterprise_id else "sign_in.choose_enterprise")
    )


@dashboard.route("/my-day", permit=is_staff)
def my_day() -> str:
    """What waits for me, oldest first, each with its one action; the counts of my department.

    What I did lately.
    """
    reviews, money = may_review(actor()), may_see_money(actor())
    today = present_day()
    waiting = list_waiting(db(), actor(), today)
    return render_template(
        "desks/dashboard/my_day.html",
        waiting=waiting[:SHOWN],
        more=len(waiting) - SHOWN,
        capped=any(count >= MOST for count in Counter(w.what for w in waiting).values()),
        counts=count_by_state(db()) if reviews else {},
        members=count_members(db(), today) if reviews else 0,
        overdue=list_overdue(db(), today, 8) if money else [],
        sums=open_amounts(db(), today) if money else None,
        ages=ageing(db(), today) if money else [],
        acts=list_recent_acts(db(), actor()),
        names=ACTS,
        today=today,
        now=db().now(),
        reviews=reviews,
        money=money,
        may_record=may_record_payments(actor()),
    )


@dashboard.route("/search", permit=is_staff)
def search_everything() -> str:
    """Members, invoices, applications, papers and pages, as far as the actor may see them."""
    words = searched_words()
    template = (
        "desks/dashboard/hits.html"
        if request.headers.get("HX-Request")
        else "desks/dashboard/search_everything.html"
    )
    return render_template(template, words=words, found=hits_of(actor(), words))


def _pages(words: str) -> list[Hit]:
    """The entries of the actor's menu whose name holds the words."""
    named = ((entry, gettext(entry.words)) for entry in entries_of(actor()))
    return [
        Hit(name, gettext(entry.group.label), entry.endpoint, {})
        for entry, name in named
        if words.casefold() in name.casefold()
    ]


add_source(90, N_("Pages"), is_staff, _pages)


@dashboard.route("/my-enterprise", permit=is_contact)
def my_enterprise() -> str:
    """The member's own page: membership, what is owed, papers, colleagues."""
    enterprise = db().fetch(Enterprise, actor().enterprise_id)
    today = present_day()
    history = history_of(db(), enterprise.id)
    return render_template(
        "desks/dashboard/my_enterprise.html",
        enterprise=enterprise,
        credit=credit_of(db(), enterprise.id),
        membership=find_open_membership(db(), enterprise.id),
        invoices=list_invoices(db(), InvoiceFilter(party_id=enterprise.id), today).rows,
        papers=list_papers_of_enterprise(db(), enterprise.id),
        colleagues=list_representations(db(), enterprise_id=enterprise.id),
        received=list_received(db(), enterprise.id, 4),
        judged=standing_of(db(), history, today),
        applications=history.applications,
        former=list_former_names(db(), enterprise.id),
        timeline=own_timeline_of(db(), enterprise, history),
        change=next(iter(list_amendments(db(), enterprise_id=enterprise.id, limit=1)), None),
        form=ButtonForm(),
        today=today,
    )


@dashboard.route("/my-enterprise/colleagues", permit=is_contact, methods=["GET", "POST"])
def invite_colleague() -> str | Response | tuple[str, int]:
    """Invites a colleague."""
    form = ColleagueForm()
    if form.validate_on_submit():
        with form.refusing():
            enterprise = db().fetch(Enterprise, actor().enterprise_id)
            representing.invite_colleague(
                db(), enterprise.id, email=form.email.data, name=form.name.data, actor=actor()
            )
            flash(gettext("%(name)s is invited.", name=form.name.data), "success")
            return redirect(url_for("dashboard.my_enterprise"))
    return render_template("desks/dashboard/invite_colleague.html", form=form), form.status


@dashboard.route(
    "/my-enterprise/colleagues/<uuid:representation_id>/end", permit=is_contact, methods=["POST"]
)
def end_representation(representation_id: uuid.UUID) -> Response:
    """Takes a colleague's right to act for the enterprise."""
    representing.end_representation(
        db(), db().fetch(Representation, representation_id), actor=actor()
    )
    flash(gettext("Removed. The right is gone at once."), "success")
    return redirect(
        url_for("dashboard.my_enterprise") if actor().person_id else url_for("public_pages.home")
    )
