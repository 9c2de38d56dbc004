"""Council meetings: who comes before them, who sits in them, and what they decided, candidate by candidate."""

import uuid
from collections.abc import Sequence
from decimal import Decimal

from flask import Response as Bytes
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.applications.forms.meetings import AttendeesForm, CallForm, CandidatesForm, HoldForm, MeetingForm
from portal.applications.forms.reviewing import SubmitForm
from portal.applications.models import Application, ApplicationAction, ApplicationStep, CouncilMeeting, MeetingItem, MeetingOutcome, MeetingState
from portal.applications.papers import candidate_row
from portal.applications.policies import may_keep_meetings, may_review
from portal.applications.queries import meetings as meetings_queries
from portal.applications.queries.meetings import count_candidates, find_meeting, list_candidates
from portal.applications.rules import read_seats
from portal.applications.services import meetings as meetings_services
from portal.applications.services.meetings import WrongLines
from portal.audit.record import record
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.papers.issuing.queries import list_papers
from portal.web.blueprint import Blueprint
from portal.web.exports import Cell, download, spreadsheet
from portal.web.menu import Group, add_entry
from portal.web.request import actor, db, present_day

Answer = str | Response | tuple[str, int]
HEADS = (N_("No."), N_("Application"), N_("Enterprise"), N_("Unified social credit code"), N_("Grade"), N_("Industry"), N_("Region"), N_("Legal representative"))
meetings = Blueprint("meetings", __name__, url_prefix="/meetings")
add_entry(Group.MEMBERS, 20, "meetings.list_meetings", N_("Meetings"), may_review, covers="meetings.")


@meetings.route("", permit=may_review)
def list_meetings() -> str:
    """The council's meetings, and how many candidates wait for one."""
    state = request.args.get("state", "")
    page = meetings_queries.list_meetings(db(), state, request.args.get("after"))
    return render_template("meetings/list_meetings.html", page=page, state=state, states=list(MeetingState), waiting=count_candidates(db())[0], may_keep=may_keep_meetings(actor()))


@meetings.route("/call", permit=may_keep_meetings, methods=["GET", "POST"])
def call_meeting() -> Answer:
    """Calls a meeting with its candidates; all who wait are ticked at first."""
    waiting = list_candidates(db())
    form = CallForm(held_on=present_day(), candidates=[str(step.id) for _, step in waiting])
    form.candidates.choices = [(str(step.id), application.name) for application, step in waiting]
    if form.validate_on_submit():
        with form.refusing():
            meeting = meetings_services.call_meeting(db(), form.plan(), form.candidates.ids(), actor=actor())
            flash(gettext("%(number)s is called. Look at who is entitled to vote.", number=meeting.number), "success")
            return _to(meeting)
    return render_template("meetings/call_meeting.html", form=form, waiting=_by_choice(waiting)), form.status


@meetings.route("/<uuid:meeting_id>", permit=may_review)
def show_meeting(meeting_id: uuid.UUID) -> str:
    """One meeting: its candidates, who is entitled, its papers, and what comes next."""
    meeting = _fetch(meeting_id)
    return render_template(
        "meetings/show_meeting.html",
        meeting=meeting,
        papers=list_papers(db(), [meeting.id]),
        may_keep=may_keep_meetings(actor()),
        today=present_day(),
        form=SubmitForm(),
    )


@meetings.route("/<uuid:meeting_id>/edit", permit=may_keep_meetings, methods=["GET", "POST"])
def change_meeting(meeting_id: uuid.UUID) -> Answer:
    """Changes day, place and the like."""
    meeting = _fetch(meeting_id)
    form = MeetingForm(obj=meeting)
    if form.validate_on_submit():
        meetings_services.change_meeting(db(), meeting, form.plan(), actor=actor())
        flash(gettext("Saved."), "success")
        return _to(meeting)
    return render_template("meetings/change_meeting.html", meeting=meeting, form=form), form.status


@meetings.route("/<uuid:meeting_id>/candidates", permit=may_keep_meetings, methods=["GET", "POST"])
def change_candidates(meeting_id: uuid.UUID) -> Answer:
    """Chooses who comes before the meeting."""
    meeting = _fetch(meeting_id)
    waiting = list_candidates(db(), besides=meeting.id)
    form = CandidatesForm(candidates=[str(item.step_id) for item in meeting.items])
    form.candidates.choices = [(str(step.id), application.name) for application, step in waiting]
    if form.validate_on_submit():
        with form.refusing():
            meetings_services.change_candidates(db(), meeting, form.candidates.ids(), actor=actor())
            flash(gettext("Saved."), "success")
            return _to(meeting)
    return render_template("meetings/change_candidates.html", meeting=meeting, form=form, waiting=_by_choice(waiting)), form.status


@meetings.route("/<uuid:meeting_id>/attendees", permit=may_keep_meetings, methods=["GET", "POST"])
def seat_attendees(meeting_id: uuid.UUID) -> Answer:
    """Says who is entitled to vote, one a line."""
    meeting = _fetch(meeting_id)
    form = AttendeesForm(lines="\n".join("，".join(filter(None, (a.name, a.capacity))) for a in meeting.attendees))
    if form.validate_on_submit():
        with form.refusing():
            meetings_services.seat_attendees(db(), meeting, read_seats(form.lines.data), actor=actor())
            flash(gettext("Saved."), "success")
            return _to(meeting)
    return render_template("meetings/seat_attendees.html", meeting=meeting, form=form), form.status


@meetings.route("/<uuid:meeting_id>/list", permit=may_keep_meetings, methods=["POST"])
def print_candidates(meeting_id: uuid.UUID) -> Response:
    """Makes the list of candidates a paper."""
    meeting = _fetch(meeting_id)
    paper = meetings_services.print_candidates(db(), meeting, actor=actor())
    flash(gettext("The list %(number)s is being made.", number=paper.number), "success")
    return _to(meeting)


@meetings.route("/<uuid:meeting_id>/export", permit=may_review, methods=["POST"])
def export_candidates(meeting_id: uuid.UUID) -> Bytes:
    """The list of candidates as a spreadsheet; that it was taken is written down."""
    meeting = _fetch(meeting_id)
    heads = [gettext(head) for head in (*HEADS, N_("Registered capital (yuan)"), N_("Outcome"), N_("In favour"), N_("Reason"))]
    book = spreadsheet(meeting.number, heads, (_row(item) for item in meeting.items))
    record(db(), ApplicationAction.MEETING_LISTED, meeting, actor=actor(), spreadsheet=True)
    return download(meeting.number, book)


@meetings.route("/<uuid:meeting_id>/hold", permit=may_keep_meetings, methods=["GET", "POST"])
def hold_meeting(meeting_id: uuid.UUID) -> Answer:
    """Enters a held meeting: who was there, and what became of each candidate."""
    meeting = _fetch(meeting_id)
    lines = [{"item": str(item.id), "outcome": MeetingOutcome.CARRIED.value} for item in meeting.items]
    form = HoldForm(present=[str(a.id) for a in meeting.attendees], ballots=lines)
    form.present.choices = [(str(a.id), a.name) for a in meeting.attendees]
    if form.validate_on_submit():
        try:
            meetings_services.hold_meeting(db(), meeting, form.present.ids(), form.results(), actor=actor())
        except WrongLines as error:
            for line in error.lines:
                form.refuse(line)
        else:
            flash(gettext("The meeting is entered. Its minutes are being made and are filed."), "success")
            return _to(meeting)
    items = {str(item.id): item for item in meeting.items}
    return render_template("meetings/hold_meeting.html", meeting=meeting, form=form, items=items), form.status


@meetings.route("/<uuid:meeting_id>/cancel", permit=may_keep_meetings, methods=["POST"])
def cancel_meeting(meeting_id: uuid.UUID) -> Response:
    """Calls a meeting off."""
    meeting = _fetch(meeting_id)
    meetings_services.cancel_meeting(db(), meeting, actor=actor())
    flash(gettext("Called off. Its candidates wait for another meeting."), "success")
    return _to(meeting)


def _fetch(meeting_id: uuid.UUID) -> CouncilMeeting:
    meeting = find_meeting(db(), meeting_id)
    if meeting is None:
        raise NotFound(N_("There is nothing at this address."))
    return meeting


def _to(meeting: CouncilMeeting) -> Response:
    return redirect(url_for("meetings.show_meeting", meeting_id=meeting.id))


def _by_choice(waiting: Sequence[tuple[Application, ApplicationStep]]) -> dict[str, Application]:
    return {str(step.id): application for application, step in waiting}


def _row(item: MeetingItem) -> tuple[Cell, ...]:
    row, result = candidate_row(item), item.result
    names = ("position", "number", "name", "uscc", "grade", "industry", "region", "legal_representative")
    results = (gettext(result.outcome.label), result.in_favour, result.reason) if result else ("", None, "")
    return (*(row[name] for name in names), Decimal(row["capital"]).scaleb(-2), *results)
