"""The application's own page: confirmed, corrected, withdrawn by its applicant."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask import session as cookie
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.admission.applications.forms import asking, fill_answers, labels_of, read_answers
from portal.admission.applications.models import (
    Application,
    ApplicationState,
    Question,
)
from portal.admission.applications.policies import is_applicant, may_apply
from portal.admission.applications.queries.questions import list_questions
from portal.admission.applications.queries.reading import (
    find_by_word,
    find_ending,
    find_open_correction,
    list_acknowledged,
)
from portal.admission.applying.forms import CorrectionForm, WithdrawalForm
from portal.admission.applying.services import applying, correcting
from portal.admission.applying.views.blueprint import applicants, offered_grades, own_application
from portal.admission.applying.views.uploads import form_key, keep_uploads
from portal.admission.reviewing.services import ending
from portal.files.models import StoredFile
from portal.foundation.errors import InvalidInput, NotFound, Refused
from portal.foundation.labels import N_
from portal.members.membership.models import Grade
from portal.members.membership.queries import find_membership_of_application
from portal.papers.issuing.queries import list_papers_of_enterprise
from portal.web.forms import ButtonForm
from portal.web.request import actor, chamber, db
from portal.web.world import world


@applicants.route("/application/open/<word>", permit=may_apply)
def open_application(word: str) -> Response:
    """The mailed link: this browser is the applicant from now on."""
    if find_by_word(db(), word, world().sealer) is None:
        raise NotFound(N_("There is nothing at this address."))
    cookie["applicant"] = word
    cookie.permanent = True
    return redirect(url_for("applicants.my_application"))


@applicants.route("/application", permit=is_applicant)
def my_application() -> str:
    """The application's page: which step blocks, and the one next action."""
    application = own_application(db())
    membership = find_membership_of_application(db(), application.id)
    asked = find_open_correction(db(), application.id)
    papers = list_papers_of_enterprise(db(), owner) if (owner := actor().enterprise_id) else []
    return render_template(
        "admission/applying/my_application.html",
        application=application,
        membership=membership,
        papers=papers,
        asked=asked,
        ending=find_ending(db(), application.id),
        acknowledged=list_acknowledged(db(), application.id),
        labels=labels_of(list_questions(db(), retired=True)),
        form=ButtonForm(),
    )


@applicants.route("/application/submit", permit=is_applicant, methods=["POST"])
def submit_application() -> Response:
    """The applicant confirms; confirming twice is confirming once."""
    application = own_application(db())
    was_draft = application.state is ApplicationState.DRAFT
    applying.submit_application(db(), application, actor=actor())
    if was_draft:
        flash(gettext("Your application is submitted. We write to you at every step."), "success")
    return redirect(url_for("applicants.my_application"))


@applicants.route(
    "/application/correct", permit=is_applicant, methods=["GET", "POST"], own_transactions=True
)
def correct_application() -> str | Response | tuple[str, int]:
    """The fields that were returned, and no others, each with its reason."""
    application, questions = own_application(db()), list_questions(db())
    asked = find_open_correction(db(), application.id)
    if asked is None or application.state is not ApplicationState.RETURNED:
        raise Refused(N_("Nothing is returned for correction."))
    form = asking(CorrectionForm, questions)()
    form.offer(offered_grades(db()))
    if not form.is_submitted():
        form.fill_from(application)
        fill_answers(form, application.answers)
    form.form_key.data = str(form_key(form))
    returned = [item.field for item in asked.items]
    form.keep_only(
        [*returned, *(q.field for q in questions if q.grade_id and "grade_id" in returned)]
    )
    kept: dict[str, StoredFile] = {}
    if form.is_submitted():
        db().close()
        kept, faults = keep_uploads(form)
        valid = form.validate()
        for fault in faults:
            form.refuse(fault)
        if not faults and valid and _correct(form, application, questions, kept):
            flash(gettext("Thank you. The review goes on."), "success")
            return redirect(url_for("applicants.my_application"))
    page = render_template(
        "admission/applying/correct_application.html",
        form=form,
        asked=asked,
        kept=kept,
        labels=labels_of(questions),
    )
    return page, form.status


def _correct(
    form: CorrectionForm,
    application: Application,
    questions: Sequence[Question],
    kept: dict[str, StoredFile],
) -> bool:
    try:
        values = form.corrected(kept["licence"].id if "licence" in kept else None)
        grade_id = values.get("grade_id", application.grade_id)
        answers = read_answers(form, questions, grade_id, kept)
        if answers is None:
            return False
        values |= {
            question.field: answers[question.id] for question in questions if question.id in answers
        }
        with world().doors.chamber(chamber().id, writing=True) as session:
            session.fetch(Grade, grade_id)
            correcting.correct_application(
                session, session.fetch(Application, application.id), values, actor=actor()
            )
    except InvalidInput as error:
        form.refuse(error)
        return False
    return True


@applicants.route("/application/withdraw", permit=is_applicant, methods=["GET", "POST"])
def withdraw_application() -> str | Response | tuple[str, int]:
    """The applicant takes the application back."""
    application, form = own_application(db()), WithdrawalForm()
    if form.validate_on_submit():
        ending.withdraw_application(db(), application, form.reason.data, actor=actor())
        flash(gettext("The application is withdrawn. You may apply again at any time."), "success")
        return redirect(url_for("applicants.my_application"))
    return render_template(
        "admission/applying/withdraw_application.html", application=application, form=form
    ), form.status
