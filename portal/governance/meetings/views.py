"""Meetings: what comes before them, who sits in them, and what they decided."""

import uuid
from collections.abc import Mapping, Sequence

from flask import Response as Bytes
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.audit.record import record
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.governance.bodies.models import COUNCIL, Body
from portal.governance.bodies.queries import list_bodies
from portal.governance.meetings import queries
from portal.governance.meetings.forms import (
    AgendaForm,
    AttendeesForm,
    CallForm,
    HoldForm,
    MatterForm,
    MeetingForm,
)
from portal.governance.meetings.models import (
    MATTER_KINDS,
    Described,
    Matter,
    Meeting,
    MeetingAction,
    MeetingItem,
    MeetingOutcome,
    MeetingState,
)
from portal.governance.meetings.policies import may_keep_meetings, may_see_meetings
from portal.governance.meetings.queries import count_waiting, describe, find_meeting, list_waiting
from portal.governance.meetings.rules import read_seats
from portal.governance.meetings.services import holding
from portal.governance.meetings.services import matters as matters_services
from portal.governance.meetings.services import meetings as meetings_services
from portal.governance.meetings.services.holding import WrongLines
from portal.governance.resolutions.queries import list_resolutions_of
from portal.papers.issuing.queries import list_papers
from portal.web.blueprint import Blueprint
from portal.web.exports import Cell, download, spreadsheet
from portal.web.filters import in_language
from portal.web.forms import ButtonForm, searched_words
from portal.web.menu import Group, add_entry
from portal.web.request import actor, db, present_day
from portal.web.search import MOST, Hit, add_source

Answer = str | Response | tuple[str, int]
Listed = Mapping[uuid.UUID, Described]
meetings = Blueprint("meetings", __name__, url_prefix="/meetings")
add_entry(
    Group.MEMBERS,
    20,
    "meetings.list_meetings",
    N_("Meetings"),
    may_see_meetings,
    covers="meetings.",
)


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
            return _to(meeting)
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


@meetings.route("/<uuid:meeting_id>", permit=may_see_meetings)
def show_meeting(meeting_id: uuid.UUID) -> str:
    """One meeting: its agenda, who is entitled, its papers, and what comes next."""
    meeting = _fetch(meeting_id)
    return render_template(
        "governance/meetings/show_meeting.html",
        meeting=meeting,
        listed=describe(db(), [item.matter for item in meeting.items]),
        kinds=MATTER_KINDS,
        papers=list_papers(db(), [meeting.id]),
        resolutions=list_resolutions_of(db(), meeting.id),
        may_keep=may_keep_meetings(actor()),
        today=present_day(),
        form=ButtonForm(),
    )


@meetings.route("/<uuid:meeting_id>/edit", permit=may_keep_meetings, methods=["GET", "POST"])
def change_meeting(meeting_id: uuid.UUID) -> Answer:
    """Changes day, hour, place and the like."""
    meeting = _fetch(meeting_id)
    form = MeetingForm(obj=meeting)
    if form.validate_on_submit():
        meetings_services.change_meeting(db(), meeting, form.plan(), actor=actor())
        flash(gettext("Saved."), "success")
        return _to(meeting)
    page = render_template("governance/meetings/change_meeting.html", meeting=meeting, form=form)
    return page, form.status


@meetings.route("/<uuid:meeting_id>/candidates", permit=may_keep_meetings, methods=["GET", "POST"])
def change_agenda(meeting_id: uuid.UUID) -> Answer:
    """Chooses what comes before the meeting."""
    meeting = _fetch(meeting_id)
    waiting = list_waiting(db(), meeting.body_id, besides=meeting.id)
    listed = describe(db(), waiting)
    form = AgendaForm(matters=[str(item.matter_id) for item in meeting.items])
    form.matters.choices = _choices(waiting, listed)
    if form.validate_on_submit():
        with form.refusing():
            meetings_services.change_agenda(db(), meeting, form.matters.ids(), actor=actor())
            flash(gettext("Saved."), "success")
            return _to(meeting)
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
    meeting = _fetch(meeting_id)
    typed = "\n".join("，".join(filter(None, (a.name, a.capacity))) for a in meeting.attendees)
    form = AttendeesForm(lines=typed)
    if form.validate_on_submit():
        with form.refusing():
            meetings_services.seat_attendees(
                db(), meeting, read_seats(form.lines.data), actor=actor()
            )
            flash(gettext("Saved."), "success")
            return _to(meeting)
    page = render_template("governance/meetings/seat_attendees.html", meeting=meeting, form=form)
    return page, form.status


@meetings.route("/<uuid:meeting_id>/notice", permit=may_keep_meetings, methods=["GET", "POST"])
def send_notice(meeting_id: uuid.UUID) -> Answer:
    """The notice of a meeting: its text to copy, and to whom it is mailed."""
    meeting = _fetch(meeting_id)
    form = ButtonForm()
    if form.validate_on_submit():
        with form.refusing():
            count = meetings_services.send_notice(db(), meeting, actor=actor())
            flash(gettext("The notice goes to %(count)s people.", count=count), "success")
            return _to(meeting)
    page = render_template(
        "governance/meetings/send_notice.html",
        meeting=meeting,
        listed=describe(db(), [item.matter for item in meeting.items]),
        told=queries.list_representatives(db(), meeting),
        form=form,
    )
    return page, form.status


@meetings.route("/<uuid:meeting_id>/list", permit=may_keep_meetings, methods=["POST"])
def print_agenda(meeting_id: uuid.UUID) -> Response:
    """Makes the agenda a paper."""
    meeting = _fetch(meeting_id)
    paper = meetings_services.print_agenda(db(), meeting, actor=actor())
    flash(gettext("The agenda %(number)s is being made.", number=paper.number), "success")
    return _to(meeting)


@meetings.route("/<uuid:meeting_id>/export", permit=may_see_meetings, methods=["POST"])
def export_agenda(meeting_id: uuid.UUID) -> Bytes:
    """The agenda as a spreadsheet; that it was taken is written down."""
    meeting = _fetch(meeting_id)
    listed = describe(db(), [item.matter for item in meeting.items])
    shown = [
        kind
        for kind in MATTER_KINDS.values()
        if any(i.matter.kind == kind.code for i in meeting.items)
    ]
    columns = list(dict.fromkeys(column for kind in shown for column in kind.columns))
    before = (N_("No."), N_("Kind"), N_("Number"), N_("Matter"))
    after = (N_("Outcome"), N_("In favour"), N_("Reason"))
    heads = [gettext(head) for head in (*before, *columns, *after)]
    rows = (_row(item, listed[item.matter_id], columns) for item in meeting.items)
    book = spreadsheet(meeting.number, heads, rows)
    record(db(), MeetingAction.MEETING_LISTED, meeting, actor=actor(), spreadsheet=True)
    return download(meeting.number, book)


def _row(item: MeetingItem, told: Described, columns: Sequence[str]) -> tuple[Cell, ...]:
    kind, result = MATTER_KINDS[item.matter.kind], item.result
    own = dict(zip(kind.columns, told.cells, strict=True))
    named = item.position, gettext(kind.label), told.number, told.name
    results = (
        (gettext(result.outcome.label), result.in_favour, result.reason)
        if result
        else ("", None, "")
    )
    return (*named, *(own.get(column, "") for column in columns), *results)


@meetings.route("/<uuid:meeting_id>/hold", permit=may_keep_meetings, methods=["GET", "POST"])
def hold_meeting(meeting_id: uuid.UUID) -> Answer:
    """Enters a held meeting: who was there, and what became of each matter."""
    meeting = _fetch(meeting_id)
    lines = [
        {"item": str(item.id), "outcome": MeetingOutcome.CARRIED.value} for item in meeting.items
    ]
    form = HoldForm(present=[str(a.id) for a in meeting.attendees], ballots=lines)
    form.present.choices = [(str(a.id), a.name) for a in meeting.attendees]
    if form.validate_on_submit():
        try:
            holding.hold_meeting(db(), meeting, form.present.ids(), form.results(), actor=actor())
        except WrongLines as error:
            for line in error.lines:
                form.refuse(line)
        else:
            flash(
                gettext("The meeting is entered. Its minutes are being made and are filed."),
                "success",
            )
            return _to(meeting)
    page = render_template(
        "governance/meetings/hold_meeting.html",
        meeting=meeting,
        form=form,
        items={str(item.id): item for item in meeting.items},
        listed=describe(db(), [item.matter for item in meeting.items]),
    )
    return page, form.status


@meetings.route("/<uuid:meeting_id>/cancel", permit=may_keep_meetings, methods=["POST"])
def cancel_meeting(meeting_id: uuid.UUID) -> Response:
    """Calls a meeting off."""
    meeting = _fetch(meeting_id)
    meetings_services.cancel_meeting(db(), meeting, actor=actor())
    flash(gettext("Called off. Its matters wait for another meeting."), "success")
    return _to(meeting)


def _fetch(meeting_id: uuid.UUID) -> Meeting:
    meeting = find_meeting(db(), meeting_id)
    if meeting is None:
        raise NotFound(N_("There is nothing at this address."))
    return meeting


def _to(meeting: Meeting) -> Response:
    return redirect(url_for("meetings.show_meeting", meeting_id=meeting.id))


def _choices(waiting: Sequence[Matter], listed: Listed) -> list[tuple[str, str]]:
    return [(str(matter.id), listed[matter.id].name) for matter in waiting]


def _told(waiting: Sequence[Matter], listed: Listed) -> dict[str, tuple[Matter, Described]]:
    """Each matter that can be chosen, by the value of its choice."""
    return {str(matter.id): (matter, listed[matter.id]) for matter in waiting}
