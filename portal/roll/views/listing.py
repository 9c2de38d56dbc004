"""The roll: the list, what is done to many at once, and saved views."""

import uuid
from collections.abc import Callable, Mapping

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.foundation.errors import InvalidInput
from portal.members.enterprises.policies import may_keep_roll, may_see_roll
from portal.members.enterprises.queries import list_tags, tags_of
from portal.members.enterprises.rules.codes import industries, regions
from portal.members.enterprises.services import keeping
from portal.members.membership.models import MembershipState
from portal.roll import services
from portal.roll.forms import ExportForm, TagForm, ViewForm
from portal.roll.models import SavedView, Standing
from portal.roll.queries import listing
from portal.roll.queries.listing import count_roll, list_matching_ids, list_options
from portal.roll.views.blueprint import narrowed, roll
from portal.web.request import actor, db, present_day

Answer = str | Response | tuple[str, int]


@roll.route("", permit=may_see_roll)
def list_roll() -> str:
    """Every enterprise that the chamber knows, found as one types."""
    narrow = narrowed()
    page = listing.list_roll(db(), narrow, present_day(), request.args.get("after"))
    ids = [row.enterprise.id for row in page.rows]
    rows = {
        "page": page,
        "narrow": narrow,
        "tags": tags_of(db(), ids),
        "may_keep": may_keep_roll(actor()),
    }
    if request.headers.get("HX-Request"):
        return render_template("roll/roll_rows.html", **rows)
    return render_template(
        "roll/list_roll.html",
        **rows,
        options=list_options(db(), actor().person_id),
        button=TagForm(),
        states=list(MembershipState),
        standings=(Standing.GOOD, Standing.ARREARS),
        sections=_choices(industries(), 1, narrow.industry),
        provinces=_choices(regions(), 2, narrow.region),
    )


def _choices(codes: Mapping[str, str], coarse: int, chosen: str) -> list[tuple[str, str]]:
    """The coarse codes, and within the one that is chosen the finer ones."""
    found = []
    for code, name in codes.items():
        if len(code) == coarse:
            found.append((code, name))
        elif chosen and code[:coarse] == chosen[:coarse] and len(code) == coarse + 2:
            found.append((code, f"　{name}"))
    return found


@roll.route("/chosen", permit=may_see_roll)
def show_chosen() -> str:
    """What can be done to the enterprises that were ticked, or to all that match.

    How many they are, and a confirmation.
    """
    narrow = narrowed()
    page = listing.list_roll(db(), narrow, present_day(), size=12)
    return render_template(
        "roll/show_chosen.html",
        narrow=narrow,
        count=count_roll(db(), narrow, present_day()),
        page=page,
        may_keep=may_keep_roll(actor()),
        tags=list_tags(db()),
        form=TagForm(),
        export=ExportForm(),
    )


@roll.route("/tag", permit=may_keep_roll, methods=["POST"])
def tag_chosen() -> Response:
    """Gives everybody chosen a tag."""
    return _tag(keeping.tag_enterprises, gettext("%(count)s enterprises carry “%(tag)s” now."))


@roll.route("/untag", permit=may_keep_roll, methods=["POST"])
def untag_chosen() -> Response:
    """Takes a tag off everybody chosen."""
    return _tag(keeping.untag_enterprises, gettext("“%(tag)s” is taken off %(count)s enterprises."))


@roll.route("/views", permit=may_see_roll, methods=["GET", "POST"])
def save_view() -> Answer:
    """Keeps what narrows the roll under a name."""
    form, narrow = ViewForm(), narrowed()
    if form.validate_on_submit():
        with form.refusing():
            services.save_view(db(), form.name.data, narrow, actor=actor())
            flash(gettext("Saved. It stands above the roll."), "success")
            return redirect(url_for("roll.list_roll", **narrow.asked()))
    return render_template("roll/save_view.html", form=form, narrow=narrow), form.status


@roll.route("/views/<uuid:view_id>/drop", permit=may_see_roll, methods=["POST"])
def drop_view(view_id: uuid.UUID) -> Response:
    """Removes a saved view."""
    services.drop_view(db(), db().fetch(SavedView, view_id), actor=actor())
    flash(gettext("Removed."), "success")
    return redirect(url_for("roll.list_roll"))


def _tag(act: Callable[..., int], words: str) -> Response:
    narrow = narrowed()
    name = request.form.get("tag", "")
    try:
        count = act(db(), list_matching_ids(db(), narrow, present_day()), name, actor=actor())
    except InvalidInput as error:
        flash(gettext(error.sentence.msgid, **error.sentence.values), "fault")
        return redirect(url_for("roll.show_chosen", **narrow.asked()))
    flash(words % {"count": count, "tag": name}, "success")
    return redirect(url_for("roll.list_roll"))
