"""The chamber's bodies: who sits in them, and by which rule they decide."""

import uuid

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.desks.chamber_settings.forms.bodies import BodyForm, SeatsForm
from portal.desks.chamber_settings.views.blueprint import chamber_settings
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.governance.bodies import queries, services
from portal.governance.bodies.models import Body
from portal.governance.bodies.policies import may_keep_bodies
from portal.members.offices.models import Office
from portal.members.offices.queries import list_offices
from portal.web.filters import in_language
from portal.web.forms import ButtonForm
from portal.web.request import actor, db

Answer = str | Response | tuple[str, int]


@chamber_settings.route("/bodies", permit=may_keep_bodies)
def list_bodies() -> str:
    """All bodies, with their rule and the offices that sit there."""
    return render_template(
        "desks/chamber_settings/list_bodies.html",
        bodies=queries.list_bodies(db(), retired=True),
        seats=queries.list_seats(db()),
        button=ButtonForm(),
    )


@chamber_settings.route("/bodies/add", permit=may_keep_bodies, methods=["GET", "POST"])
def add_body() -> Answer:
    """A body of the chamber's own, such as a standing council or a board of supervisors."""
    form = BodyForm()
    if form.validate_on_submit():
        with form.refusing():
            body = services.add_body(db(), form.plan(), actor=actor())
            flash(gettext("Added. Say which offices sit there."), "success")
            return redirect(url_for("chamber_settings.seat_offices", body_id=body.id))
    return render_template("desks/chamber_settings/add_body.html", form=form), form.status


@chamber_settings.route("/bodies/<uuid:body_id>", permit=may_keep_bodies, methods=["GET", "POST"])
def change_body(body_id: uuid.UUID) -> Answer:
    """Other names or another rule."""
    body = _fetch(body_id)
    form = BodyForm(obj=body)
    if form.validate_on_submit():
        with form.refusing():
            services.change_body(db(), body, form.plan(), actor=actor())
            flash(gettext("Saved. It counts for what is brought from now on."), "success")
            return redirect(url_for("chamber_settings.list_bodies"))
    page = render_template("desks/chamber_settings/change_body.html", body=body, form=form)
    return page, form.status


@chamber_settings.route(
    "/bodies/<uuid:body_id>/offices", permit=may_keep_bodies, methods=["GET", "POST"]
)
def seat_offices(body_id: uuid.UUID) -> Answer:
    """Says which offices sit in a body."""
    body = _fetch(body_id)
    seated = {seat.office_id for seat in body.seats}
    offered = [
        o for o in list_offices(db(), retired=True) if o.retired_at is None or o.id in seated
    ]
    form = SeatsForm(offices=[str(office_id) for office_id in seated])
    form.offices.choices = [(str(office.id), in_language(office)) for office in offered]
    if form.validate_on_submit():
        with form.refusing():
            chosen = [db().fetch(Office, office_id) for office_id in form.offices.ids()]
            services.seat_offices(db(), body, chosen, actor=actor())
            flash(
                gettext("Saved. Meetings that are called from now on begin with them."), "success"
            )
            return redirect(url_for("chamber_settings.list_bodies"))
    page = render_template("desks/chamber_settings/seat_offices.html", body=body, form=form)
    return page, form.status


@chamber_settings.route("/bodies/<uuid:body_id>/retire", permit=may_keep_bodies, methods=["POST"])
def retire_body(body_id: uuid.UUID) -> Response:
    """Closes a body."""
    services.retire_body(db(), _fetch(body_id), actor=actor())
    flash(gettext("Closed. It is called to no further meeting."), "success")
    return redirect(url_for("chamber_settings.list_bodies"))


def _fetch(body_id: uuid.UUID) -> Body:
    body = queries.find_body(db(), body_id)
    if body is None:
        raise NotFound(N_("There is nothing at this address."))
    return body
