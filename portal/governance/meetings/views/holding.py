"""A meeting itself: its page, its papers, its notice, and what was decided."""

import uuid
from collections.abc import Sequence

from flask import Response as Bytes
from flask import flash, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.audit.record import record
from portal.foundation.labels import N_
from portal.governance.meetings import queries
from portal.governance.meetings.forms import (
    HoldForm,
)
from portal.governance.meetings.models import (
    MATTER_KINDS,
    Described,
    MeetingAction,
    MeetingItem,
    MeetingOutcome,
)
from portal.governance.meetings.policies import may_keep_meetings, may_see_meetings
from portal.governance.meetings.queries import describe
from portal.governance.meetings.services import holding, notices
from portal.governance.meetings.services import meetings as meetings_services
from portal.governance.meetings.services.holding import WrongLines
from portal.governance.meetings.views.blueprint import (
    Answer,
    fetch_meeting,
    meetings,
    to_meeting,
)
from portal.governance.resolutions.queries import list_resolutions_of
from portal.papers.issuing.queries import list_papers
from portal.web.exports import Cell, download, spreadsheet
from portal.web.forms import ButtonForm
from portal.web.request import actor, db, present_day


@meetings.route("/<uuid:meeting_id>", permit=may_see_meetings)
def show_meeting(meeting_id: uuid.UUID) -> str:
    """One meeting: its agenda, who is entitled, its papers, and what comes next."""
    meeting = fetch_meeting(meeting_id)
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


@meetings.route("/<uuid:meeting_id>/notice", permit=may_keep_meetings, methods=["GET", "POST"])
def send_notice(meeting_id: uuid.UUID) -> Answer:
    """The notice of a meeting: its text to copy, and to whom it is mailed."""
    meeting = fetch_meeting(meeting_id)
    form = ButtonForm()
    if form.validate_on_submit():
        with form.refusing():
            count = notices.send_notice(db(), meeting, seen=form.value.data or "", actor=actor())
            flash(gettext("The notice goes to %(count)s people.", count=count), "success")
            return to_meeting(meeting)
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
    meeting = fetch_meeting(meeting_id)
    paper = meetings_services.print_agenda(db(), meeting, actor=actor())
    flash(gettext("The agenda %(number)s is being made.", number=paper.number), "success")
    return to_meeting(meeting)


@meetings.route("/<uuid:meeting_id>/export", permit=may_see_meetings, methods=["POST"])
def export_agenda(meeting_id: uuid.UUID) -> Bytes:
    """The agenda as a spreadsheet; that it was taken is written down."""
    meeting = fetch_meeting(meeting_id)
    listed = describe(db(), [item.matter for item in meeting.items])
    shown = [
        kind
        for kind in MATTER_KINDS.values()
        if any(i.matter.kind == kind.code for i in meeting.items)
    ]
    columns = list(dict.fromkeys(column for kind in shown for column in kind.columns))
    before = (N_("No."), N_("Kind of matter"), N_("Number"), N_("Matter"))
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
    meeting = fetch_meeting(meeting_id)
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
            return to_meeting(meeting)
    page = render_template(
        "governance/meetings/hold_meeting.html",
        meeting=meeting,
        form=form,
        items={str(item.id): item for item in meeting.items},
        listed=describe(db(), [item.matter for item in meeting.items]),
    )
    return page, form.status
