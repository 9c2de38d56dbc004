"""Meetings: called, changed, called off; and what waits for one."""

import uuid
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.foundation.labels import N_
from portal.governance.bodies.models import COUNCIL, Body
from portal.governance.bodies.queries import list_bodies
from portal.governance.meetings import queries
from portal.governance.meetings.forms import (
    AgendaForm,
    AttendeesForm,
    CallForm,
    MatterForm,
    MeetingForm,
)
from portal.governance.meetings.models import (
    Described,
    Matter,
    MeetingState,
)
from portal.governance.meetings.policies import may_keep_meetings, may_see_meetings
from portal.governance.meetings.queries import count_waiting, describe, list_waiting
from portal.governance.meetings.rules import read_seats
from portal.governance.meetings.services import matters as matters_services
from portal.governance.meetings.services import meetings as meetings_services
from portal.governance.meetings.views.blueprint import (
    Answer,
    Listed,
    fetch_meeting,
    meetings,
    to_meeting,
)
from portal.tenancy.my_day import add_waiting
from portal.web.filters import in_language
from portal.web.forms import searched_words
from portal.web.menu import Group, add_entry
from portal.web.request import actor, db, present_day
from portal.web.search import MOST, Hit, add_source

add_entry(
    Group.MEMBERS,
    20,
    "meetings.list_meetings",
    N_("Meetings"),
    may_see_meetings,
    covers="meetings.",
)
add_waiting(may_keep_meetings, queries.list_due)


def _search(words: str) -> list[Hit]:
    found = queries.list_meetings(db(), words=words).rows[:MOST]
    return [
        Hit(m.title, f"{m.number} · {m.held_on}", "meetings.show_meeting", {"meeting_id": m.id})
        for m, _ in found
    ]


add_source(44, N_("Meetings"), may_see_meetings, _search)


@meetings.route("", permit=may_see_meetings)
def list_meetings() -> str:
    """The chamber's meetings, and how many matters wait for one."""
    state, body = request.args.get("state", ""), request.args.get("body", "")
    bodies = list_bodies(db(), retired=True)
    chosen = next((b for b in bodies if str(b.id) == body), None)
    page = queries.list_meetings(
        db(),
        words=searched_words(),
        state=state,
        body_id=chosen.id if chosen else None,
        cursor=request.args.get("after"),
    )
    return render_template(
        "governance/meetings/list_meetings.html",
        page=page,
        state=state,
        words=searched_words(),
        states=list(MeetingState),
        chosen=chosen,
        bodies=bodies,
        waiting={body_id: count for body_id, count, _ in count_waiting(db())},
        may_keep=may_keep_meetings(actor()),
    )


@meetings.route("/call", permit=may_keep_meetings, methods=["GET", "POST"])
def call_meeting() -> Answer:
    """Calls a meeting of a body with its agenda; all that waits for the body is ticked at first."""
    bodies = list_bodies(db())
    body = next((b for b in bodies if str(b.id) == request.args.get("body")), None) or _council(
        bodies
    )
    waiting = list_waiting(db(), body.id)
    listed = describe(db(), waiting)
    form = CallForm(held_on=present_day(), matters=[str(matter.id) for matter in waiting])
    form.matters.choices = _choices(waiting, listed)
    if form.validate_on_submit():
        with form.refusing():
            meeting = meetings_services.call_meeting(
                db(), body, form.plan(), form.matters.ids(), actor=actor()
            )
            told = gettext(
                "%(number)s is called. Look at who is entitled to vote.", number=meeting.number
            )
            flash(told, "success")
            return to_meeting(meeting)
    page = render_template(
        "governance/meetings/call_meeting.html",
        form=form,
        body=body,
        bodies=bodies,
        told=_told(waiting, listed),
    )
    return page, form.status


def _council(bodies: Sequence[Body]) -> Body:
    return next(body for body in bodies if body.code == COUNCIL)


@meetings.route("/matters/bring", permit=may_keep_meetings, methods=["GET", "POST"])
def bring_other_matter() -> Answer:
    """Writes down a matter that a body decides and that no other page brings."""
    form = MatterForm(body=request.args.get("body"))
    form.body.choices = [(str(body.id), in_language(body)) for body in list_bodies(db())]
    if form.validate_on_submit():
        with form.refusing():
            body = db().fetch(Body, uuid.UUID(form.body.data))
            matters_services.bring_other_matter(
                db(), body, form.title.data, form.text.data, actor=actor()
            )
            flash(gettext("It waits for the next meeting."), "success")
            return redirect(url_for("meetings.list_meetings"))
    return render_template("governance/meetings/bring_other_matter.html", form=form), form.status


@meetings.route("/<uuid:meeting_id>/edit", permit=may_keep_meetings, methods=["GET", "POST"])
def change_meeting(meeting_id: uuid.UUID) -> Answer:
    """Changes day, hour, place and the like."""
    meeting = fetch_meeting(meeting_id)
    form = MeetingForm(obj=meeting)
    if form.validate_on_submit():
        meetings_services.change_meeting(db(), meeting, form.plan(), actor=actor())
        flash(gettext("Saved."), "success")
        return to_meeting(meeting)
    page = render_template("governance/meetings/change_meeting.html", meeting=meeting, form=form)
    return page, form.status


@meetings.route("/<uuid:meeting_id>/candidates", permit=may_keep_meetings, methods=["GET", "POST"])
def change_agenda(meeting_id: uuid.UUID) -> Answer:
    """Chooses what comes before the meeting."""
    meeting = fetch_meeting(meeting_id)
    waiting = list_waiting(db(), meeting.body_id, besides=meeting.id)
    listed = describe(db(), waiting)
    form = AgendaForm(matters=[str(item.matter_id) for item in meeting.items])
    form.matters.choices = _choices(waiting, listed)
    if form.validate_on_submit():
        with form.refusing():
            meetings_services.change_agenda(db(), meeting, form.matters.ids(), actor=actor())
            flash(gettext("Saved."), "success")
            return to_meeting(meeting)
    page = render_template(
        "governance/meetings/change_agenda.html",
        meeting=meeting,
        form=form,
        told=_told(waiting, listed),
    )
    return page, form.status


@meetings.route("/<uuid:meeting_id>/attendees", permit=may_keep_meetings, methods=["GET", "POST"])
def seat_attendees(meeting_id: uuid.UUID) -> Answer:
    """Says who is entitled to vote, one a line."""
    meeting = fetch_meeting(meeting_id)
    typed = "\n".join("，".join(filter(None, (a.name, a.capacity))) for a in meeting.attendees)
    form = AttendeesForm(lines=typed)
    if form.validate_on_submit():
        with form.refusing():
            meetings_services.seat_attendees(
                db(), meeting, read_seats(form.lines.data), actor=actor()
            )
            flash(gettext("Saved."), "success")
            return to_meeting(meeting)
    page = render_template("governance/meetings/seat_attendees.html", meeting=meeting, form=form)
    return page, form.status


@meetings.route("/<uuid:meeting_id>/cancel", permit=may_keep_meetings, methods=["POST"])
def cancel_meeting(meeting_id: uuid.UUID) -> Response:
    """Calls a meeting off."""
    meeting = fetch_meeting(meeting_id)
    meetings_services.cancel_meeting(db(), meeting, actor=actor())
    flash(gettext("Called off. Its matters wait for another meeting."), "success")
    return to_meeting(meeting)


def _choices(waiting: Sequence[Matter], listed: Listed) -> list[tuple[str, str]]:
    return [(str(matter.id), listed[matter.id].name) for matter in waiting]


def _told(waiting: Sequence[Matter], listed: Listed) -> dict[str, tuple[Matter, Described]]:
    """Each matter that can be chosen, by the value of its choice."""
    return {str(matter.id): (matter, listed[matter.id]) for matter in waiting}
