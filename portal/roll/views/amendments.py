"""Changes of identity that wait for a second pair of eyes."""

import uuid

from flask import Response as Bytes
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.files.queries import find_picture, list_previews
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.members.enterprises.models import Amendment, AmendmentState, Enterprise
from portal.members.enterprises.policies import (
    may_decide_amendment,
    may_decide_amendments,
    may_keep_roll,
)
from portal.members.enterprises.queries import find_amendment, page_amendments
from portal.members.enterprises.services import amending
from portal.roll.forms import IdentityForm, RefusalForm, said_as
from portal.roll.views.blueprint import roll
from portal.web.downloads import picture
from portal.web.forms import searched_words
from portal.web.request import actor, db

Answer = str | Response | tuple[str, int]


@roll.route("/amendments", permit=may_keep_roll)
def list_amendments() -> str:
    """Changes of identity, by state and enterprise."""
    state = request.args.get("state", AmendmentState.ASKED.value)
    chosen = AmendmentState(state) if state in set(AmendmentState) else None
    page = page_amendments(
        db(), state=chosen, words=searched_words(), cursor=request.args.get("after")
    )
    return render_template(
        "roll/list_amendments.html",
        page=page,
        words=searched_words(),
        state=state,
        states=list(AmendmentState),
    )


@roll.route("/amendments/<uuid:amendment_id>", permit=may_keep_roll)
def show_amendment(amendment_id: uuid.UUID) -> str:
    """One change: what stood and what shall stand, with the licence beside it."""
    amendment = _fetch(amendment_id)
    enterprise, fields = db().fetch(Enterprise, amendment.enterprise_id), IdentityForm()
    rows = [
        (
            fields[name].label.text,
            *(said_as(name, value) for value in (getattr(enterprise, name), *pair)),
        )
        for name, pair in amendment.changes.items()
    ]
    return render_template(
        "roll/show_amendment.html",
        amendment=amendment,
        rows=rows,
        pages=list_previews(db(), amendment.licence_file_id),
        may_decide=may_decide_amendment(actor(), amendment),
        form=RefusalForm(),
    )


@roll.route(
    "/amendments/<uuid:amendment_id>/approve", permit=may_decide_amendments, methods=["POST"]
)
def approve_amendment(amendment_id: uuid.UUID) -> Response:
    """Lets the change stand."""
    amendment = _fetch(amendment_id)
    amending.approve_amendment(db(), amendment, actor=actor())
    flash(gettext("Approved. A former name stays searchable."), "success")
    return redirect(url_for("dossier.show_enterprise", enterprise_id=amendment.enterprise_id))


@roll.route(
    "/amendments/<uuid:amendment_id>/refuse", permit=may_decide_amendments, methods=["GET", "POST"]
)
def refuse_amendment(amendment_id: uuid.UUID) -> Answer:
    """Leaves everything as it is, with the reason."""
    amendment, form = _fetch(amendment_id), RefusalForm()
    if form.validate_on_submit():
        amending.refuse_amendment(db(), amendment, form.reason.data, actor=actor())
        flash(gettext("Refused. Nothing was changed."), "success")
        return redirect(url_for("roll.list_amendments"))
    return render_template(
        "roll/refuse_amendment.html", amendment=amendment, form=form
    ), form.status


@roll.route("/amendments/<uuid:amendment_id>/licence/<int:page>", permit=may_keep_roll)
def show_new_licence(amendment_id: uuid.UUID, page: int) -> Bytes:
    """A page of the licence that came with a change, as a picture of our own making."""
    return _picture(_fetch(amendment_id).licence_file_id, page)


@roll.route("/<uuid:enterprise_id>/licence/<int:page>", permit=may_keep_roll)
def show_licence(enterprise_id: uuid.UUID, page: int) -> Bytes:
    """A page of the licence that stands, as a picture of our own making."""
    return _picture(db().fetch(Enterprise, enterprise_id).licence_file_id, page)


def _picture(file_id: uuid.UUID | None, page: int) -> Bytes:
    return picture(find_picture(db(), file_id, page))


def _fetch(amendment_id: uuid.UUID) -> Amendment:
    amendment = find_amendment(db(), amendment_id)
    if amendment is None:
        raise NotFound(N_("There is nothing at this address."))
    return amendment
