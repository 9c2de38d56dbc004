"""What reviewers do beside deciding.

Claim and hand over, notes, checklist, possible duplicates, public notice; and the queue as a
spreadsheet.
"""

import uuid
from decimal import Decimal

from flask import Response as Bytes
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.accounts.models import Person
from portal.accounts.policies import is_staff
from portal.admission.applications.models import Application, ApplicationAction, ApplicationStep
from portal.admission.applications.policies import may_review
from portal.admission.reviewing.forms import (
    DuplicateForm,
    FindingForm,
    HandoverForm,
    NoteForm,
    ObjectionForm,
)
from portal.admission.reviewing.models import ChecklistItem, Objection, PossibleDuplicate
from portal.admission.reviewing.policies import may_decide_duplicates
from portal.admission.reviewing.queries.desk import list_reviewers
from portal.admission.reviewing.queries.queue import stream_queue
from portal.admission.reviewing.services import desk, duplicates, noticing
from portal.admission.reviewing.views.blueprint import fetch_application, open_step_of, reviews
from portal.admission.reviewing.views.reviewing import narrowed
from portal.audit.record import record
from portal.foundation.clock import day_in
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.governance.meetings.policies import may_keep_meetings
from portal.members.enterprises.rules.codes import industry_name, region_name
from portal.web.exports import Cell, download, spreadsheet
from portal.web.filters import in_language, label
from portal.web.request import actor, chamber_settings, db, present_day

Answer = str | Response | tuple[str, int]
HEADS = (
    N_("Number"),
    N_("Enterprise"),
    N_("Unified social credit code"),
    N_("Grade"),
    N_("Industry"),
    N_("Region"),
    N_("Legal representative"),
    N_("Registered capital (yuan)"),
    N_("Contact"),
    N_("E-mail"),
    N_("Phone"),
    N_("State"),
    N_("Waits for"),
    N_("Due"),
    N_("Handler"),
    N_("Submitted"),
)


@reviews.route("/export", permit=may_review, methods=["POST"])
def export_queue() -> Bytes:
    """The queue as it is narrowed, as a spreadsheet; that it was taken is written down."""
    narrow = narrowed()
    book = spreadsheet(
        gettext("Applications"),
        [gettext(head) for head in HEADS],
        (_row(a) for a in stream_queue(db(), narrow)),
    )
    record(
        db(),
        ApplicationAction.QUEUE_EXPORTED,
        chamber_settings(),
        actor=actor(),
        state=narrow.state,
        words=narrow.words,
    )
    return download(gettext("Applications"), book)


@reviews.route("/<uuid:application_id>/claim", permit=may_review, methods=["POST"])
def claim_application(application_id: uuid.UUID) -> Response:
    """Takes an application as one's own work."""
    application = fetch_application(application_id)
    desk.claim_application(db(), application, actor=actor())
    flash(gettext("It is yours now."), "success")
    return _back(application)


@reviews.route("/<uuid:application_id>/hand-over", permit=may_review, methods=["GET", "POST"])
def hand_over_application(application_id: uuid.UUID) -> Answer:
    """Passes an application to a colleague."""
    application = fetch_application(application_id)
    form = HandoverForm()
    form.offer(
        [
            (str(person.id), person.name)
            for person in list_reviewers(db())
            if person.id != application.handler_id
        ]
    )
    if form.validate_on_submit():
        to = db().fetch(Person, uuid.UUID(form.to.data)) if form.to.data else None
        desk.hand_over_application(db(), application, to, form.words.data, actor=actor())
        flash(
            gettext("Handed over to %(name)s.", name=to.name)
            if to
            else gettext("Given back to everyone."),
            "success",
        )
        return _back(application)
    return render_template(
        "admission/reviewing/hand_over_application.html", application=application, form=form
    ), form.status


@reviews.route("/<uuid:application_id>/note", permit=may_review, methods=["GET", "POST"])
def write_note(application_id: uuid.UUID) -> Answer:
    """Adds an internal note."""
    application = fetch_application(application_id)
    form = NoteForm()
    if form.validate_on_submit():
        desk.write_note(db(), application, form.body.data, actor=actor())
        return _back(application, "notes")
    return render_template(
        "admission/reviewing/write_note.html", application=application, form=form
    ), form.status


@reviews.route("/<uuid:application_id>/points/<uuid:item_id>", permit=is_staff, methods=["POST"])
def tick_point(application_id: uuid.UUID, item_id: uuid.UUID) -> Response:
    """Ticks a point of the checklist, or takes the tick back."""
    application = fetch_application(application_id)
    desk.tick_point(
        db(),
        application,
        db().fetch(ChecklistItem, item_id),
        ticked=request.form.get("value") == "1",
        actor=actor(),
    )
    return _back(application, "checklist")


@reviews.route(
    "/<uuid:application_id>/duplicates/<uuid:duplicate_id>",
    permit=may_decide_duplicates,
    methods=["GET", "POST"],
)
def decide_duplicate(application_id: uuid.UUID, duplicate_id: uuid.UUID) -> Answer:
    """The applicant and the enterprise it may be, side by side, and the decision."""
    application, duplicate = (
        fetch_application(application_id),
        db().fetch(PossibleDuplicate, duplicate_id),
    )
    if duplicate.application_id != application.id:
        raise NotFound(N_("There is nothing at this address."))
    form = DuplicateForm()
    if form.validate_on_submit():
        duplicates.decide_duplicate(
            db(),
            application,
            duplicate,
            same=form.same.data == "yes",
            reason=form.reason.data,
            actor=actor(),
        )
        flash(gettext("Decided."), "success")
        return _back(application, "duplicates")
    return render_template(
        "admission/reviewing/decide_duplicate.html",
        application=application,
        duplicate=duplicate,
        other=duplicate.enterprise,
        form=form,
    ), form.status


@reviews.route("/<uuid:application_id>/objections", permit=may_review, methods=["GET", "POST"])
def record_objection(application_id: uuid.UUID) -> Answer:
    """Writes down an objection to the public notice."""
    application = fetch_application(application_id)
    form = ObjectionForm(received_on=present_day())
    if form.validate_on_submit():
        said = {name: form[name].data for name in ("raised_by", "contact", "body", "received_on")}
        with form.refusing():
            noticing.record_objection(
                db(), application, open_step_of(application), **said, actor=actor()
            )
            flash(
                gettext("Written down. The notice does not end before it has its finding."),
                "success",
            )
            return _back(application, "objections")
    return render_template(
        "admission/reviewing/record_objection.html", application=application, form=form
    ), form.status


@reviews.route(
    "/<uuid:application_id>/objections/<uuid:objection_id>",
    permit=may_keep_meetings,
    methods=["GET", "POST"],
)
def decide_objection(application_id: uuid.UUID, objection_id: uuid.UUID) -> Answer:
    """What becomes of an objection."""
    application, objection = fetch_application(application_id), db().fetch(Objection, objection_id)
    step = db().fetch(ApplicationStep, objection.step_id)
    if step.application_id != application.id:
        raise NotFound(N_("There is nothing at this address."))
    form = FindingForm()
    if form.validate_on_submit():
        noticing.decide_objection(
            db(),
            application,
            step,
            objection,
            upheld=form.upheld.data == "yes",
            reason=form.reason.data,
            actor=actor(),
        )
        flash(gettext("Decided."), "success")
        return _back(application, "objections")
    return render_template(
        "admission/reviewing/decide_objection.html",
        application=application,
        objection=objection,
        form=form,
    ), form.status


@reviews.route("/<uuid:application_id>/end-notice", permit=may_keep_meetings, methods=["POST"])
def end_notice(application_id: uuid.UUID) -> Response:
    """Goes on after a notice whose days are over."""
    application = fetch_application(application_id)
    noticing.end_notice(db(), application, open_step_of(application), actor=actor())
    flash(gettext("The notice is over. The next step is open."), "success")
    return _back(application)


def _row(application: Application) -> tuple[Cell, ...]:
    step, zone = application.open_step, chamber_settings().zone
    return (
        application.number,
        application.name,
        application.uscc,
        in_language(application.grade),
        industry_name(application.industry),
        region_name(application.region),
        application.legal_representative,
        Decimal(application.capital).scaleb(-2),
        application.contact_name,
        application.contact_email,
        application.contact_phone,
        str(label(application.state)),
        in_language(step) if step else "",
        step.due_on if step else None,
        application.handler.name if application.handler else "",
        day_in(application.submitted_at, zone) if application.submitted_at else None,
    )


def _back(application: Application, at: str | None = None) -> Response:
    return redirect(url_for("reviews.show_application", application_id=application.id, _anchor=at))
