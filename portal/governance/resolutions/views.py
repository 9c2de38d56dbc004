"""Pages of resolutions: the office's list, and what members read."""

import uuid

from flask import Response as Bytes
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.audit.record import record
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.governance.bodies.models import Body
from portal.governance.bodies.queries import list_bodies
from portal.governance.resolutions import queries, services
from portal.governance.resolutions.forms import ResolutionForm
from portal.governance.resolutions.models import Resolution, ResolutionAction
from portal.governance.resolutions.policies import (
    may_keep_resolutions,
    may_read_published,
    may_see_resolutions,
)
from portal.governance.resolutions.queries import Narrowing, find_resolution
from portal.governance.resolutions.rules import publish_by
from portal.papers.issuing.queries import list_papers
from portal.tenancy.my_day import add_waiting
from portal.web.blueprint import Blueprint
from portal.web.exports import Cell, download, spreadsheet
from portal.web.filters import in_language
from portal.web.forms import ButtonForm, searched_words
from portal.web.menu import Group, add_entry
from portal.web.request import actor, chamber_settings, db, present_day
from portal.web.search import MOST, Hit, add_source

Answer = str | Response | tuple[str, int]
HEADS = (
    N_("Number"),
    N_("Body"),
    N_("Title"),
    N_("Adopted on"),
    N_("Entitled to vote"),
    N_("Present"),
    N_("In favour"),
    N_("Published"),
)
resolutions = Blueprint("resolutions", __name__)
add_entry(Group.MEMBERS, 25, "resolutions.list_resolutions", N_("Resolutions"), may_see_resolutions)
add_waiting(may_keep_resolutions, queries.list_unpublished)


def _search(words: str) -> list[Hit]:
    found = queries.list_resolutions(db(), Narrowing(words)).rows[:MOST]
    where = [(r, {"resolution_id": r.id}) for r in found]
    told = "resolutions.show_resolution"
    return [
        Hit(r.title, f"{r.number or ''} · {in_language(r.body)}", told, values)
        for r, values in where
    ]


add_source(45, N_("Resolutions"), may_see_resolutions, _search)


@resolutions.route("/resolutions", permit=may_see_resolutions)
def list_resolutions() -> str:
    """The chamber's resolutions, by body, year, state and words."""
    narrow = _narrowed()
    return render_template(
        "governance/resolutions/list_resolutions.html",
        page=queries.list_resolutions(db(), narrow, request.args.get("after")),
        narrow=narrow,
        asked={
            name: request.args[name]
            for name in ("q", "body", "year", "state")
            if request.args.get(name)
        },
        bodies=list_bodies(db(), retired=True),
        years=range(present_day().year, present_day().year - 6, -1),
        may_keep=may_keep_resolutions(actor()),
        publish_by=publish_by,
        today=present_day(),
        form=ButtonForm(),
    )


def _narrowed() -> Narrowing:
    """What the address asks of the list."""
    year, state = request.args.get("year", ""), request.args.get("state", "")
    body = next(
        (b for b in list_bodies(db(), retired=True) if str(b.id) == request.args.get("body")), None
    )
    return Narrowing(
        searched_words(),
        body.id if body else None,
        int(year) if year.isdecimal() and 1900 <= int(year[:6]) <= 2100 else None,
        {"published": True, "unpublished": False}.get(state),
    )


@resolutions.route("/resolutions/export", permit=may_see_resolutions, methods=["POST"])
def export_resolutions() -> Bytes:
    """The list as it is narrowed, as a spreadsheet; that it was taken is written down."""
    rows = (_row(resolution) for resolution in queries.stream_resolutions(db(), _narrowed()))
    book = spreadsheet(gettext("Resolutions"), [gettext(head) for head in HEADS], rows)
    record(db(), ResolutionAction.RESOLUTIONS_EXPORTED, chamber_settings(), actor=actor())
    return download(gettext("Resolutions"), book)


def _row(resolution: Resolution) -> tuple[Cell, ...]:
    counts = resolution.entitled, resolution.present, resolution.in_favour
    published = resolution.publication.published_at.date() if resolution.publication else None
    named = resolution.number, in_language(resolution.body), resolution.title
    return (*named, resolution.adopted_on, *counts, published)


@resolutions.route("/resolutions/enter", permit=may_keep_resolutions, methods=["GET", "POST"])
def enter_resolution() -> Answer:
    """Enters what a body decided outside the portal's meetings."""
    form = ResolutionForm(adopted_on=present_day())
    form.body.choices = [(str(body.id), in_language(body)) for body in list_bodies(db())]
    if form.validate_on_submit():
        with form.refusing():
            body = db().fetch(Body, uuid.UUID(form.body.data))
            resolution = services.enter_resolution(db(), body, form.decision(), actor=actor())
            flash(gettext("%(number)s is entered.", number=resolution.number), "success")
            return _to(resolution)
    return render_template("governance/resolutions/enter_resolution.html", form=form), form.status


@resolutions.route("/resolutions/<uuid:resolution_id>", permit=may_see_resolutions)
def show_resolution(resolution_id: uuid.UUID) -> str:
    """One resolution, its paper, and until when it is published."""
    resolution = _fetch(resolution_id)
    return render_template(
        "governance/resolutions/show_resolution.html",
        resolution=resolution,
        papers=list_papers(db(), [resolution.id]),
        may_keep=may_keep_resolutions(actor()),
        publish_by=publish_by(resolution.adopted_on),
        form=ButtonForm(),
    )


@resolutions.route(
    "/resolutions/<uuid:resolution_id>/publish", permit=may_keep_resolutions, methods=["POST"]
)
def publish_resolution(resolution_id: uuid.UUID) -> Response:
    """Publishes a resolution to all members."""
    resolution = _fetch(resolution_id)
    services.publish_resolution(db(), resolution, actor=actor())
    flash(gettext("Published. Every member reads it on its page."), "success")
    return _to(resolution)


@resolutions.route("/my-enterprise/resolutions", permit=may_read_published)
def list_published() -> str:
    """What the chamber's bodies decided, as far as it is published to the members."""
    page = queries.list_resolutions(db(), Narrowing(published=True), request.args.get("after"))
    return render_template("governance/resolutions/list_published.html", page=page)


def _fetch(resolution_id: uuid.UUID) -> Resolution:
    resolution = find_resolution(db(), resolution_id)
    if resolution is None:
        raise NotFound(N_("There is nothing at this address."))
    return resolution


def _to(resolution: Resolution) -> Response:
    return redirect(url_for("resolutions.show_resolution", resolution_id=resolution.id))
