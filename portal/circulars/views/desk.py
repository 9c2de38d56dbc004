"""What colleagues do with notices."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.circulars import queries, services
from portal.circulars.forms import CircularForm, FileForm
from portal.circulars.models import Circular, CircularFile, CircularState
from portal.circulars.policies import may_change, may_publish_circulars, may_write_circulars
from portal.circulars.queries import count_readings, list_unread
from portal.circulars.services import ALL_MEMBERS, Words
from portal.circulars.views.blueprint import circulars, fetch_circular
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.jobs.queries import has_failed
from portal.roll.queries.listing import count_roll, count_without_contact
from portal.roll.queries.narrowing import RollFilter
from portal.web.filters import label
from portal.web.forms import searched_words
from portal.web.headers import STOP_ASKING
from portal.web.request import actor, db, present_day
from portal.web.search import MOST, Hit, add_source
from portal.web.uploads import receive_needed

Answer = str | Response | tuple[str, int]


def _search(words: str) -> list[Hit]:
    found = queries.list_circulars(db(), words=words).rows[:MOST]
    return [
        Hit(c.title, label(c.state), "circulars.show_circular", {"circular_id": c.id})
        for c, _ in found
    ]


add_source(60, N_("Notices"), may_write_circulars, _search)


@circulars.route("/notices", permit=may_write_circulars)
def list_circulars() -> str:
    """All notices, by title and state."""
    state = request.args.get("state", "")
    page = queries.list_circulars(
        db(), words=searched_words(), state=state, cursor=request.args.get("after")
    )
    return render_template(
        "circulars/list_circulars.html",
        page=page,
        state=state,
        states=list(CircularState),
        words=searched_words(),
    )


@circulars.route("/notices/new", permit=may_write_circulars, methods=["GET", "POST"])
def write_circular() -> Answer:
    """Writes a notice to all members, or to the part of the roll that the address names."""
    form, audience = CircularForm(by_mail=True), RollFilter.read(request.args)
    audience = audience if audience.asked() else ALL_MEMBERS
    if form.validate_on_submit():
        circular = services.write_circular(db(), _words(form, audience), actor=actor())
        return redirect(url_for("circulars.show_circular", circular_id=circular.id))
    count = count_roll(db(), audience, present_day())
    return render_template(
        "circulars/write_circular.html", form=form, count=count, narrowed=audience != ALL_MEMBERS
    ), form.status


@circulars.route("/notices/<uuid:circular_id>", permit=may_write_circulars)
def show_circular(circular_id: uuid.UUID) -> str | tuple[str, int]:
    """One notice: to whom it goes, how far it is, who has read it, and the one next action."""
    circular = fetch_circular(circular_id)
    progress, whole = (
        request.headers.get("HX-Request") is not None,
        circular.delivered >= circular.total,
    )
    failed = not whole and has_failed(db(), f"deliver_circular:{circular.id}")
    page = render_template(
        "circulars/circular_progress.html" if progress else "circulars/show_circular.html",
        circular=circular,
        failed=failed,
        **_reach(circular),
        read=count_readings(db(), circular.id),
        unread=list_unread(db(), circular.id)
        if circular.state is CircularState.PUBLISHED and not progress
        else [],
        may_change=may_change(actor(), circular),
        may_publish=may_publish_circulars(actor()),
        form=FileForm(),
    )
    return page, STOP_ASKING if progress and (whole or failed) else 200


def _reach(circular: Circular) -> dict[str, int]:
    """To how many enterprises a notice goes.

    And how many of them have nobody who could be mailed; of a published one, to how many it went.
    """
    if circular.state is not CircularState.DRAFT:
        return {"count": circular.total, "without_contact": 0}
    audience, today = RollFilter.read(circular.audience), present_day()
    return {
        "count": count_roll(db(), audience, today),
        "without_contact": count_without_contact(db(), audience, today),
    }


@circulars.route(
    "/notices/<uuid:circular_id>/edit", permit=may_write_circulars, methods=["GET", "POST"]
)
def change_circular(circular_id: uuid.UUID) -> Answer:
    """Changes a draft."""
    circular = fetch_circular(circular_id)
    form = CircularForm(obj=circular)
    if form.validate_on_submit():
        services.change_circular(
            db(), circular, _words(form, RollFilter.read(circular.audience)), actor=actor()
        )
        return redirect(url_for("circulars.show_circular", circular_id=circular.id))
    return render_template(
        "circulars/change_circular.html", form=form, circular=circular
    ), form.status


@circulars.route(
    "/notices/<uuid:circular_id>/files", permit=may_write_circulars, methods=["GET", "POST"]
)
def attach_file(circular_id: uuid.UUID) -> Answer:
    """Adds an attachment to a draft."""
    form = FileForm()
    if form.validate_on_submit():
        with form.refusing():
            stored = receive_needed(form.file, missing=N_("Choose a file."))
            services.attach_file(db(), fetch_circular(circular_id), stored, actor=actor())
            return redirect(url_for("circulars.show_circular", circular_id=circular_id))
    return render_template(
        "circulars/attach_file.html", form=form, circular=fetch_circular(circular_id)
    ), form.status


@circulars.route(
    "/notices/files/<uuid:circular_file_id>/take-off", permit=may_write_circulars, methods=["POST"]
)
def detach_file(circular_file_id: uuid.UUID) -> Response:
    """Takes an attachment off a draft."""
    kept = db().fetch(CircularFile, circular_file_id)
    services.detach_file(db(), kept, actor=actor())
    flash(gettext("Taken off."), "success")
    return redirect(url_for("circulars.show_circular", circular_id=kept.circular_id))


@circulars.route(
    "/notices/<uuid:circular_id>/discard", permit=may_write_circulars, methods=["POST"]
)
def discard_circular(circular_id: uuid.UUID) -> Response:
    """Throws a draft away."""
    services.discard_circular(db(), fetch_circular(circular_id), actor=actor())
    flash(gettext("Thrown away."), "success")
    return redirect(url_for("circulars.list_circulars"))


@circulars.route(
    "/notices/<uuid:circular_id>/publish", permit=may_publish_circulars, methods=["POST"]
)
def publish_circular(circular_id: uuid.UUID) -> Response:
    """Publishes a draft."""
    circular = fetch_circular(circular_id)
    try:
        services.publish_circular(db(), circular, actor=actor())
    except InvalidInput as error:
        flash(gettext(error.sentence.msgid, **error.sentence.values), "fault")
    else:
        flash(gettext("Published. It is on its way to the members."), "success")
    return redirect(url_for("circulars.show_circular", circular_id=circular.id))


@circulars.route(
    "/notices/<uuid:circular_id>/withdraw", permit=may_publish_circulars, methods=["POST"]
)
def withdraw_circular(circular_id: uuid.UUID) -> Response:
    """Takes a notice off every page."""
    circular = fetch_circular(circular_id)
    services.withdraw_circular(db(), circular, actor=actor())
    flash(
        gettext(
            "Withdrawn. It stands on no page any more; mails that have left cannot be called back."
        ),
        "success",
    )
    return redirect(url_for("circulars.show_circular", circular_id=circular.id))


def _words(form: CircularForm, audience: RollFilter) -> Words:
    return Words(
        form.title.data,
        form.body.data,
        audience,
        bool(form.is_public.data),
        bool(form.by_mail.data),
    )
