"""What the secretariat sees: the queue, and one application with its licence beside it."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.accounts.policies import is_staff
from portal.admission.applications.forms import labels_of
from portal.admission.applications.models import (
    Application,
    ApplicationState,
    ApplicationStep,
    QuestionKind,
)
from portal.admission.applications.policies import (
    may_decide,
    may_look_for_applications,
    may_review,
    may_see_licence,
)
from portal.admission.applications.queries.questions import find_referees, list_questions
from portal.admission.applications.queries.reading import (
    find_ending,
    list_acknowledged,
    list_corrections,
)
from portal.admission.applications.rules import asked_of
from portal.admission.reviewing.forms import RejectionForm, VoteForm, return_form, said_in
from portal.admission.reviewing.policies import may_decide_duplicates, may_hand_over, may_tick
from portal.admission.reviewing.queries import queue
from portal.admission.reviewing.queries.queue import QueueFilter, count_by_state, find_next_in_queue
from portal.admission.reviewing.services import ending, returning, reviewing
from portal.admission.reviewing.views.beside import changes_of, what_is_beside
from portal.admission.reviewing.views.blueprint import fetch_application, open_step_of, reviews
from portal.files.queries import list_previews
from portal.foundation.errors import Refused
from portal.foundation.labels import N_
from portal.governance.bodies.rules import Vote
from portal.governance.meetings.policies import may_keep_meetings
from portal.members.membership.queries import find_membership_of_application
from portal.money.ledger.policies import may_see_money
from portal.tenancy.guards import guard
from portal.web.filters import label
from portal.web.forms import ButtonForm, searched_words
from portal.web.request import actor, db, present_day
from portal.web.search import MOST, Hit, add_source


@reviews.route("", permit=is_staff)
def list_queue() -> str:
    """The queue of applications; for other departments, of those whose chain has them."""
    narrow = narrowed()
    return render_template(
        "admission/reviewing/list_queue.html",
        page=queue.list_queue(db(), narrow, request.args.get("after")),
        narrow=narrow,
        asked={
            name: request.args[name]
            for name in ("q", "state", "mine", "held", "late", "newest")
            if request.args.get(name)
        },
        counts=count_by_state(db(), narrow.chained),
        reviews=may_review(actor()),
        has_turns=bool(own_turns()[0]),
        states=[s for s in ApplicationState if s is not ApplicationState.DRAFT],
        now=db().now(),
        today=present_day(),
        form=ButtonForm(),
    )


def narrowed() -> QueueFilter:
    """What the address asks of the queue."""
    asked, (own, keeps) = request.args, own_turns()
    turns = asked.get("mine") == "1"
    return QueueFilter(
        searched_words(),
        asked.get("state", ApplicationState.IN_REVIEW),
        own if turns else (),
        kept=turns and keeps,
        handler_id=actor().person_id if asked.get("held") == "1" else None,
        late_on=present_day() if asked.get("late") == "1" else None,
        newest=asked.get("newest") == "1",
        chained=None if may_review(actor()) else own,
    )


def _search(words: str) -> list[Hit]:
    chained = None if may_review(actor()) else own_turns()[0]
    found = queue.list_queue(db(), QueueFilter(words, newest=True, chained=chained)).rows[:MOST]
    return [
        Hit(
            a.name,
            f"{a.number} · {label(a.state)}",
            "reviews.show_application",
            {"application_id": a.id},
        )
        for a in found
    ]


add_source(40, N_("Applications"), may_look_for_applications, _search)


def own_turns() -> tuple[tuple[uuid.UUID, ...], bool]:
    """The actor's departments, and whether they keep meetings and public notices."""
    return tuple(p.department_id for p in actor().posts if p.department_id), may_keep_meetings(
        actor()
    )


@reviews.route("/<uuid:application_id>", permit=is_staff)
def show_application(application_id: uuid.UUID) -> str:
    """One application: form and licence side by side, the chain, and what may be done now."""
    application = fetch_application(application_id)
    step, asked = application.open_step, list_questions(db(), retired=True)
    return render_template(
        "admission/reviewing/show_application.html",
        application=application,
        step=step,
        next_id=find_next_in_queue(db(), application) if may_review(actor()) else None,
        may_decide=step is not None and may_decide(actor(), step),
        may_take_back=application.step_in_turn is not None
        and may_decide(actor(), application.step_in_turn),
        may_hand_over=may_hand_over(actor(), application),
        may_see_money=may_see_money(actor()),
        may_decide_duplicates=may_decide_duplicates(actor()),
        pages=list_previews(db(), application.licence_file_id)
        if may_see_licence(actor(), application)
        else [],
        membership=find_membership_of_application(db(), application.id),
        beside=what_is_beside(application) if may_tick(actor(), application) else None,
        reviews=may_review(actor()),
        today=present_day(),
        now=db().now(),
        corrections=list_corrections(db(), application.id),
        acknowledged=list_acknowledged(db(), application.id),
        changes=changes_of(application),
        ending=find_ending(db(), application.id),
        labels=labels_of(asked) | {"dues_years": gettext("Years paid at once")},
        papers={question.field for question in asked if question.kind is QuestionKind.PAPER},
        referees=find_referees(db(), application.answers),
        form=ButtonForm(),
    )


@reviews.route("/<uuid:application_id>/approve", permit=is_staff, methods=["POST"])
def approve_step(application_id: uuid.UUID) -> Response:
    """A department approves its open step."""
    application = fetch_application(application_id)
    reviewing.approve_step(db(), application, open_step_of(application), actor=actor())
    flash(gettext("Approved. The next step is open."), "success")
    return redirect(url_for("reviews.show_application", application_id=application.id))


@reviews.route("/<uuid:application_id>/vote", permit=is_staff, methods=["GET", "POST"])
def record_vote(application_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """A council's vote on its open step."""
    application = fetch_application(application_id)
    form, step = VoteForm(), _own_step(application)
    if form.validate_on_submit():
        with form.refusing():
            vote = Vote(form.entitled.data, form.present.data, form.in_favour.data)
            reviewing.record_vote(
                db(), application, step, vote, form.meeting_on.data, actor=actor()
            )
            flash(gettext("The vote is entered."), "success")
            return redirect(url_for("reviews.show_application", application_id=application.id))
    return render_template(
        "admission/reviewing/record_vote.html", application=application, step=step, form=form
    ), form.status


@reviews.route("/<uuid:application_id>/reject", permit=is_staff, methods=["GET", "POST"])
def reject_application(application_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Ends the application with a reason."""
    application = fetch_application(application_id)
    form, step = RejectionForm(), _own_step(application)
    if form.validate_on_submit():
        reviewing.reject_application(db(), application, step, form.reason.data, actor=actor())
        flash(gettext("The application is rejected. The applicant is told why."), "success")
        return redirect(url_for("reviews.show_application", application_id=application.id))
    return render_template(
        "admission/reviewing/reject_application.html", application=application, step=step, form=form
    ), form.status


@reviews.route("/<uuid:application_id>/return", permit=is_staff, methods=["GET", "POST"])
def return_application(application_id: uuid.UUID) -> str | Response | tuple[str, int]:
    """Gives the application back for correction, with a reason for each field."""
    application = fetch_application(application_id)
    step, asked = _own_step(application), asked_of(list_questions(db()), application.grade_id)
    form = return_form(labels_of(asked), said_in(application, asked))
    if form.validate_on_submit():
        with form.refusing():
            returning.return_application(db(), application, step, form.reasons(), actor=actor())
            flash(
                gettext("Returned. The applicant is told which fields to correct and why."),
                "success",
            )
            return redirect(url_for("reviews.show_application", application_id=application.id))
    return render_template(
        "admission/reviewing/return_application.html", application=application, form=form
    ), form.status


@reviews.route("/<uuid:application_id>/return/take-back", permit=is_staff, methods=["POST"])
def take_return_back(application_id: uuid.UUID) -> Response:
    """Goes on with the review of what the applicant sent last."""
    application = fetch_application(application_id)
    step = application.step_in_turn
    if step is None:
        raise Refused(N_("Nothing is returned for correction."))
    returning.take_return_back(db(), application, step, actor=actor())
    flash(gettext("Taken back. The review goes on with what the applicant sent last."), "success")
    return redirect(url_for("reviews.show_application", application_id=application.id))


@reviews.route("/<uuid:application_id>/return/remind", permit=may_review, methods=["POST"])
def remind_of_correction(application_id: uuid.UUID) -> Response:
    """Mails the applicant once more what to correct."""
    application = fetch_application(application_id)
    returning.remind_of_correction(db(), application, actor=actor())
    flash(gettext("The applicant is told once more what to correct."), "success")
    return redirect(url_for("reviews.show_application", application_id=application.id))


def _own_step(application: Application) -> ApplicationStep:
    """The open step, for who decides it: nobody types what would be refused."""
    step = open_step_of(application)
    guard(may_decide, actor(), step)
    return step


@reviews.route("/<uuid:application_id>/invoice", permit=may_review, methods=["POST"])
def raise_invoice_again(application_id: uuid.UUID) -> Response:
    """Raises the first invoice once more after it was made void or credited."""
    application = fetch_application(application_id)
    invoice = ending.raise_invoice_again(db(), application, actor=actor())
    flash(
        gettext(
            "%(number)s is raised. The notice goes out as soon as it is made.",
            number=invoice.number,
        ),
        "success",
    )
    return redirect(url_for("reviews.show_application", application_id=application.id))
