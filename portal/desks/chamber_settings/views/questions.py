"""What applicants are asked beside the form."""

import uuid
from dataclasses import replace

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.admission.applications.forms import QuestionForm
from portal.admission.applications.models import Question
from portal.admission.applications.policies import may_edit_questions
from portal.admission.applications.queries.questions import list_questions
from portal.admission.applications.services import asking
from portal.desks.chamber_settings.views.blueprint import chamber_settings
from portal.members.membership.models import Grade
from portal.members.membership.queries import list_grades
from portal.web.filters import in_language
from portal.web.forms import ButtonForm
from portal.web.request import actor, db


@chamber_settings.route("/questions", permit=may_edit_questions, methods=["GET", "POST"])
def edit_questions() -> str | Response | tuple[str, int]:
    """Attestations, questions, papers and referees; one more is added, none is ever changed."""
    form = QuestionForm()
    form.offer([(str(grade.id), in_language(grade)) for grade in list_grades(db())])
    if form.validate_on_submit():
        with form.refusing():
            grade = db().fetch(Grade, uuid.UUID(form.grade.data)) if form.grade.data else None
            asking.add_question(db(), replace(form.plan(), grade=grade), actor=actor())
            flash(gettext("Added. Whoever applies from now on is asked."), "success")
            return redirect(url_for("chamber_settings.edit_questions"))
    page = render_template(
        "desks/chamber_settings/edit_questions.html",
        form=form,
        questions=list_questions(db(), retired=True),
        button=ButtonForm(),
    )
    return page, form.status


@chamber_settings.route(
    "/questions/<uuid:question_id>/retire", permit=may_edit_questions, methods=["POST"]
)
def retire_question(question_id: uuid.UUID) -> Response:
    """Asks a question no more."""
    asking.retire_question(db(), db().fetch(Question, question_id), actor=actor())
    flash(gettext("No longer asked for."), "success")
    return redirect(url_for("chamber_settings.edit_questions"))
