"""What the secretariat sees: the queue, and one application with its licence beside it."""

import itertools
import uuid

from flask import Response as Bytes
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.accounts.policies import is_staff
from portal.applications.forms import FIELD_LABELS, RejectionForm, ReturnForm, SubmitForm, VoteForm
from portal.applications.models import Application, ApplicationState, ApplicationStep, ApplicationVersion
from portal.applications.policies import may_decide, may_review, may_see_application, may_see_licence
from portal.applications.queries import QueueFilter, count_by_state, find_application, find_ending, list_corrections, list_queue, list_versions
from portal.applications.rules import Vote, changed_fields
from portal.applications.services.correcting import return_application
from portal.applications.services.ending import raise_invoice_again
from portal.applications.services.reviewing import approve_step, record_vote, reject_application
from portal.files.models import StoredFile
from portal.files.queries import list_previews, read_file
from portal.foundation.errors import InvalidInput, NotFound, Refused
from portal.foundation.labels import N_
from portal.membership.queries import find_membership_of_application
from portal.web.blueprint import Blueprint
from portal.web.forms import searched_words
from portal.web.request import actor, db
from portal.web.world import world

reviews = Blueprint("reviews", __name__, url_prefix="/applications")


@reviews.route("", permit=may_review, endpoint="list_queue")
def show_queue() -> str:
    """The queue of applications."""
    mine = request.args.get("mine") == "1"
    departments = tuple(p.department_id for p in actor().posts if p.department_id)
    narrow = QueueFilter(searched_words(), request.args.get("state", ApplicationState.IN_REVIEW), departments if mine else ())
    page = list_queue(db(), narrow, request.args.get("after"))
    counts = count_by_state(db())
    states = [s for s in ApplicationState if s is not ApplicationState.DRAFT]
    return render_template("reviews/list_queue.html", page=page, narrow=narrow, counts=counts, states=states, mine=mine, now=db().now())


@reviews.route("/<uuid:application_id>", permit=is_staff)
def show_application(application_id: uuid.UUID) -> str:
    """One application: form and licence side by side, the chain, and what may be done now."""
    application = _fetch(application_id)
    step = application.open_step
    return render_template(
        "reviews/show_application.html",
        application=application,
        step=step,
        may_decide=step is not None and may_decide(actor(), step),
        pages=list_previews(db(), application.licence_file_id) if may_see_licence(actor(), application) else [],
        membership=find_membership_of_application(db(), application.id),
        corrections=list_corrections(db(), application.id),
        changes=_changes(application),
        ending=find_ending(db(), application.id),
        labels=FIELD_LABELS,
        form=SubmitForm(),
    )


@reviews.route("/<uuid:application_id>/approve", permit=is_staff, methods=["POST"])
def approve(application_id: uuid.UUID) -> Response:
    """A department approves its open step."""
    application = _fetch(application_id)
    approve_step(db(), application, _step(application), actor=actor())
    flash(gettext("Approved. The next step is open."), "success")
    return redirect(url_for("reviews.show_application", application_id=application.id))


@reviews.route("/<uuid:application_id>/vote", permit=is_staff, methods=["GET", "POST"], endpoint="record_vote")
def enter_vote(application_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """A council's vote on its open step."""
    application = _fetch(application_id)
    form = VoteForm()
    if form.validate_on_submit():
        try:
            vote = Vote(form.entitled.data, form.present.data, form.in_favour.data)
            record_vote(db(), application, _step(application), vote, form.meeting_on.data, actor=actor())
        except InvalidInput as error:
            form.refuse(error)
        else:
            flash(gettext("The vote is entered."), "success")
            return redirect(url_for("reviews.show_application", application_id=application.id))
    return render_template("reviews/record_vote.html", application=application, step=_step(application), form=form), 422 if form.is_submitted() else 200


@reviews.route("/<uuid:application_id>/reject", permit=is_staff, methods=["GET", "POST"])
def reject(application_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Ends the application with a reason."""
    application = _fetch(application_id)
    form = RejectionForm()
    if form.validate_on_submit():
        reject_application(db(), application, _step(application), form.reason.data, actor=actor())
        flash(gettext("The application is rejected. The applicant is told why."), "success")
        return redirect(url_for("reviews.show_application", application_id=application.id))
    return render_template("reviews/reject.html", application=application, step=_step(application), form=form), 422 if form.is_submitted() else 200


@reviews.route("/<uuid:application_id>/return", permit=is_staff, methods=["GET", "POST"], endpoint="return_application")
def give_back(application_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Gives the application back for correction, with a reason for each field."""
    application = _fetch(application_id)
    form = ReturnForm()
    if form.validate_on_submit():
        try:
            return_application(db(), application, _step(application), form.reasons(), actor=actor())
        except InvalidInput as error:
            form.refuse(error)
        else:
            flash(gettext("Returned. The applicant is told which fields to correct and why."), "success")
            return redirect(url_for("reviews.show_application", application_id=application.id))
    return render_template("reviews/return_application.html", application=application, form=form), 422 if form.is_submitted() else 200


@reviews.route("/<uuid:application_id>/invoice", permit=may_review, methods=["POST"], endpoint="raise_invoice_again")
def invoice_again(application_id: uuid.UUID) -> Response:
    """Raises the first invoice once more after it was made void or credited."""
    application = _fetch(application_id)
    invoice = raise_invoice_again(db(), application, actor=actor())
    flash(gettext("%(number)s is raised. The notice goes out as soon as it is made.", number=invoice.number), "success")
    return redirect(url_for("reviews.show_application", application_id=application.id))


@reviews.route("/<uuid:application_id>/licence", permit=is_staff)
def download_licence(application_id: uuid.UUID) -> Bytes:
    """The uploaded licence, as an attachment that no browser opens in place."""
    application = _fetch(application_id)
    if application.licence is None or not may_see_licence(actor(), application):
        raise NotFound(N_("There is nothing at this address."))
    response = Bytes(read_file(world().store, application.licence), mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=application.licence.name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@reviews.route("/<uuid:application_id>/licence/<int:page>", permit=is_staff)
def show_licence(application_id: uuid.UUID, page: int) -> Bytes:
    """A page of the licence as a picture of our own making."""
    application = _fetch(application_id)
    pages = {p.page: p for p in list_previews(db(), application.licence_file_id)} if may_see_licence(actor(), application) else {}
    if page not in pages:
        raise NotFound(N_("There is nothing at this address."))
    return Bytes(read_file(world().store, db().fetch(StoredFile, pages[page].picture_id)), mimetype="image/jpeg")


def _fetch(application_id: uuid.UUID) -> Application:
    application = find_application(db(), application_id)
    if application is None or not may_see_application(actor(), application):
        raise NotFound(N_("There is nothing at this address."))
    return application


def _changes(application: Application) -> list[tuple[ApplicationVersion, list[tuple[str, object, object]]]]:
    """Each later version of the application with what it changed: field, before, after."""
    versions = list_versions(db(), application.id)
    return [(b, [(n, a.snapshot.get(n), b.snapshot.get(n)) for n in changed_fields(a.snapshot, b.snapshot)]) for a, b in itertools.pairwise(versions)]


def _step(application: Application) -> ApplicationStep:
    step = application.open_step
    if step is None:
        raise Refused(N_("This application has been decided already. Open it to see how."))
    return step
