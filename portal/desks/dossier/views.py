"""The one page that shows everything of an enterprise."""

import datetime as dt
import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.accounts.models import Representation
from portal.accounts.policies import may_manage_colleagues
from portal.accounts.queries import list_representations
from portal.accounts.services import representing
from portal.desks.dossier.queries import history_of, standing_of, timeline_of
from portal.desks.sign_in.forms import ContactForm
from portal.files.queries import list_previews
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.policies import may_keep_roll, may_see_contacts, may_see_roll
from portal.members.enterprises.queries import (
    list_amendments,
    list_enterprise_notes,
    list_former_names,
    search_enterprises,
    tags_of,
)
from portal.money.ledger.policies import may_see_money
from portal.money.ledger.queries import credit_of
from portal.papers.issuing.queries import list_papers_of_enterprise
from portal.roll.forms import TagForm
from portal.web.blueprint import Blueprint
from portal.web.request import actor, db, present_day
from portal.web.search import MOST, Hit, add_source

dossier = Blueprint("dossier", __name__, url_prefix="/enterprises")


def _search(words: str) -> list[Hit]:
    return [
        Hit(e.name, e.uscc, "dossier.show_enterprise", {"enterprise_id": e.id})
        for e in search_enterprises(db(), words, MOST)
    ]


add_source(10, N_("Enterprises"), may_see_roll, _search)


@dossier.route("/<uuid:enterprise_id>", permit=may_see_roll)
def show_enterprise(enterprise_id: uuid.UUID) -> str:
    """How it stands and why, as at a day.

    Contacts, applications, invoices, balance, papers, notes, and what happened.
    """
    enterprise = _fetch(enterprise_id)
    today = present_day()
    history, on = history_of(db(), enterprise.id), _asked_day(today)
    return render_template(
        "desks/dossier/show_enterprise.html",
        enterprise=enterprise,
        history=history,
        membership=next(iter(history.memberships), None),
        judged=standing_of(db(), history, on),
        on=on,
        today=today,
        timeline=timeline_of(db(), enterprise, history, money=may_see_money(actor())),
        contacts=list_representations(db(), enterprise_id=enterprise.id),
        may_invite=may_manage_colleagues(actor(), enterprise.id),
        whole=may_see_contacts(actor()),
        former=list_former_names(db(), enterprise.id),
        tags=tags_of(db(), [enterprise.id]).get(enterprise.id, []),
        notes=list_enterprise_notes(db(), enterprise.id),
        waiting=next(
            (
                a
                for a in list_amendments(db(), enterprise_id=enterprise.id, limit=5)
                if a.decision is None
            ),
            None,
        ),
        papers=list_papers_of_enterprise(db(), enterprise.id),
        credit=credit_of(db(), enterprise.id),
        may_keep=may_keep_roll(actor()),
        pages=list_previews(db(), enterprise.licence_file_id) if may_keep_roll(actor()) else [],
        money=may_see_money(actor()),
        form=TagForm(),
    )


@dossier.route("/<uuid:enterprise_id>/contacts", permit=may_keep_roll, methods=["GET", "POST"])
def invite_colleague(enterprise_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Lets somebody act for an enterprise of which nobody does, or who cannot do it themselves."""
    enterprise, form = _fetch(enterprise_id), ContactForm()
    if form.validate_on_submit():
        flags = {
            "member_representative": form.member_representative.data,
            "dues_contact": form.dues_contact.data,
        }
        with form.refusing():
            representing.invite_colleague(
                db(),
                enterprise.id,
                email=form.email.data,
                name=form.name.data,
                **flags,
                actor=actor(),
            )
            flash(gettext("%(name)s is invited.", name=form.name.data), "success")
            return redirect(url_for("dossier.show_enterprise", enterprise_id=enterprise.id))
    return render_template(
        "desks/dossier/invite_colleague.html", enterprise=enterprise, form=form
    ), form.status


@dossier.route("/contacts/<uuid:representation_id>/end", permit=may_keep_roll, methods=["POST"])
def end_representation(representation_id: uuid.UUID) -> Response:
    """Takes the right to act for an enterprise from one of its contacts."""
    representation = db().fetch(Representation, representation_id)
    representing.end_representation(db(), representation, actor=actor())
    flash(gettext("Removed. The right is gone at once."), "success")
    return redirect(url_for("dossier.show_enterprise", enterprise_id=representation.enterprise_id))


def _fetch(enterprise_id: uuid.UUID) -> Enterprise:
    """The enterprise of an address. NotFound also where it turned out to be another one."""
    enterprise = db().fetch(Enterprise, enterprise_id)
    if enterprise.same_as_id is not None:
        raise NotFound(N_("There is nothing at this address."))
    return enterprise


def _asked_day(today: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return today
