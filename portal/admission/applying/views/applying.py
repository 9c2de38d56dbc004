"""What the applicant sees: the form, and the application's own page."""

import json
import uuid
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.admission.applications.forms import asking, fill_answers, labels_of, read_answers
from portal.admission.applications.models import (
    Application,
    ApplicationState,
    Question,
    RequiredDocument,
)
from portal.admission.applications.policies import is_applicant, may_apply
from portal.admission.applications.queries.documents import list_documents
from portal.admission.applications.queries.questions import list_questions
from portal.admission.applications.queries.reading import (
    find_application,
    find_by_form_key,
    find_by_word,
    find_ending,
    find_open_correction,
    list_acknowledged,
)
from portal.admission.applications.rules import AnswerValue
from portal.admission.applying.forms import ApplicationForm, CorrectionForm, WithdrawalForm
from portal.admission.applying.models import ApplicationDraft
from portal.admission.applying.services import applying, correcting
from portal.admission.applying.services.applying import Contact, Wish
from portal.admission.applying.views.blueprint import applicants
from portal.admission.applying.views.drafting import MOST_FORMS, own_drafts, pace_of
from portal.admission.applying.views.uploads import form_key, keep_uploads, kept_before
from portal.admission.reviewing.services import ending
from portal.files.models import StoredFile
from portal.foundation.errors import InvalidInput, NotFound, Refused
from portal.foundation.ids import new_id
from portal.foundation.labels import N_
from portal.foundation.money import yuan
from portal.members.enterprises.rules.codes import region_name
from portal.members.enterprises.rules.uscc import read_uscc
from portal.members.membership.models import Grade
from portal.members.membership.queries import find_membership_of_application, list_grades
from portal.money.dues.models import DuesRate
from portal.money.dues.queries import list_terms
from portal.papers.issuing.queries import list_papers_of_enterprise
from portal.tenancy.session import ChamberSession
from portal.web.errors import say
from portal.web.filters import in_language, language
from portal.web.forms import ButtonForm, clean
from portal.web.request import actor, chamber, db, present_day
from portal.web.world import world

MOST_FORMS_OF_A_MAILBOX = 10
ENDED = {ApplicationState.REJECTED, ApplicationState.WITHDRAWN, ApplicationState.EXPIRED}


@applicants.route("/apply", permit=may_apply, methods=["GET", "POST"], own_transactions=True)
def apply() -> str | Response | tuple[str, int]:
    """The application form.

    Uploads are kept before anything else is judged, so that a fault elsewhere never loses them; not
    where one address sends form after form.
    """
    questions, documents = list_questions(db()), list_documents(db())
    form = asking(ApplicationForm, questions)()
    form.offer(_grades(db()))
    drafts = own_drafts(db())
    draft = _resumed(drafts)
    kept: dict[str, StoredFile] = {}
    if not form.is_submitted():
        kept = _begin_with(form, draft)
    form.form_key.data = str(form_key(form))
    if form.is_submitted():
        db().close()
        kept, faults = (
            keep_uploads(form)
            if (stop := pace_of(f"apply:{request.remote_addr}", MOST_FORMS)) is None
            else (kept_before(db(), form), [])
        )
        valid = form.validate()
        answers = read_answers(
            form, questions, form.chosen_grade()[0] if not form.grade.errors else None, kept
        )
        faults += _changed_meanwhile(form, draft, documents)
        mailbox = (form.contact_email.data or "").lower()
        if stop is None and not faults and valid and answers is not None and mailbox:
            stop = pace_of(f"apply:{mailbox}", MOST_FORMS_OF_A_MAILBOX)
        for fault in (*faults, *([stop] if stop else [])):
            form.refuse(fault)
        if (
            not faults
            and stop is None
            and valid
            and answers is not None
            and _begin(form, answers, kept)
        ):
            return redirect(url_for("applicants.application_sent"))
    form.seen.data, form.shown_documents.data = (
        json.dumps(draft.revisions if draft else {}),
        _named(documents),
    )
    rivals = [
        (form[name], words)
        for name, several in (draft.rivals if draft else {}).items()
        if name in form
        for words in several
        if words != form[name].data
    ]
    shown = {
        "draft": draft,
        "others": [d for d in drafts if d is not draft],
        "kept": kept,
        "rivals": rivals,
        "changed": _unconfirmed(),
    }
    return render_template(
        "admission/applying/apply.html",
        form=form,
        questions=questions,
        documents=documents,
        **shown,
    ), form.status


def _changed_meanwhile(
    form: ApplicationForm, draft: ApplicationDraft | None, documents: Sequence[RequiredDocument]
) -> list[InvalidInput]:
    """What this page has not seen.

    Words that another tab saved into the draft, and documents that came into force. Sent again, it
    has.
    """
    seen, faults = form.seen_revisions(), []
    if draft is not None and seen is not None:
        for name, saved in draft.fields.items():
            if (
                name in form
                and saved["value"]
                and saved["revision"] > seen.get(name, 0)
                and str(form[name].data or "") != saved["value"]
            ):
                faults.append(
                    InvalidInput(
                        name,
                        N_(
                            "“%(words)s” was typed here in another tab. Send again to keep "
                            "what stands here now."
                        ),
                        words=saved["value"],
                    )
                )
    if form.shown_documents.data and form.shown_documents.data != _named(documents):
        form.documents.data = False
        faults.append(
            InvalidInput(
                "documents",
                N_(
                    "The documents have changed since this page was opened. Please read them again."
                ),
            )
        )
    return faults


def _named(documents: Sequence[RequiredDocument]) -> str:
    return " ".join(str(document.id) for document in documents)


def _resumed(drafts: Sequence[ApplicationDraft]) -> ApplicationDraft | None:
    """The draft that the page shows.

    The one asked for, else the one saved last that changes no form sent before; none where a new
    form is asked for.
    """
    if request.args.get("new"):
        return None
    changed = _unconfirmed()
    asked = (
        str(changed.form_key)
        if changed
        else request.args.get("draft") or request.form.get("form_key")
    )
    if asked is None:
        return next((d for d in drafts if find_by_form_key(db(), d.form_key) is None), None)
    return next((d for d in drafts if asked in {str(d.id), str(d.form_key)}), None)


def _begin_with(form: ApplicationForm, draft: ApplicationDraft | None) -> dict[str, StoredFile]:
    """Fills an empty form; returns the uploads that are kept.

    From the unconfirmed application that is to be changed, from the draft, or from an earlier one
    that has ended.
    """
    changed = _unconfirmed()
    kept = _go_on_with(form, changed) if changed is not None else {}
    if draft is not None:
        form.form_key.data = str(draft.form_key)
        for name, saved in draft.fields.items():
            if name in form:
                form[name].data = saved["value"]
        return kept_before(db(), form)
    if changed is not None:
        return kept
    earlier = find_application(db(), actor().application_id or new_id())
    if earlier is not None and earlier.state in ENDED and not request.args.get("new"):
        form.fill_from(earlier)
        fill_answers(form, earlier.answers)
    return {}


def _unconfirmed() -> Application | None:
    """This browser's application that is not confirmed yet, where the address asks to change it."""
    found = (
        find_application(db(), actor().application_id or new_id())
        if request.args.get("change")
        else None
    )
    return found if found is not None and found.state is ApplicationState.DRAFT else None


def _go_on_with(form: ApplicationForm, unconfirmed: Application) -> dict[str, StoredFile]:
    """The form that an unconfirmed application was made into, with its uploads.

    Sent again it is the same application.
    """
    form.fill_from(unconfirmed)
    fill_answers(form, unconfirmed.answers)
    form.form_key.data = str(unconfirmed.form_key)
    files = {"licence": unconfirmed.licence_file_id} | {
        a.question.field: a.file_id for a in unconfirmed.answers if a.file_id
    }
    for name, file_id in files.items():
        if f"kept_{name}" in form:
            form[f"kept_{name}"].data = str(file_id or "")
    return kept_before(db(), form)


@applicants.route("/apply/sent", permit=may_apply)
def application_sent() -> str:
    """Where the form leads: look into your mailbox."""
    return render_template("admission/applying/application_sent.html")


@applicants.route("/apply/uscc", permit=may_apply)
def check_uscc() -> str:
    """The code as it is typed: whole and right, or what is wrong."""
    typed = clean(request.args.get("uscc"))[:60]
    try:
        code, fault = read_uscc(typed), ""
    except InvalidInput as error:
        code, fault = "", say(error.sentence)
    return render_template(
        "admission/applying/check_uscc.html",
        typed=typed,
        code=code,
        fault=fault,
        region=region_name(code[2:6]) if code else "",
    )


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
    application = _mine(db())
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
    application = _mine(db())
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
    application, questions = _mine(db()), list_questions(db())
    asked = find_open_correction(db(), application.id)
    if asked is None or application.state is not ApplicationState.RETURNED:
        raise Refused(N_("Nothing is returned for correction."))
    form = asking(CorrectionForm, questions)()
    form.offer(_grades(db()))
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
    application, form = _mine(db()), WithdrawalForm()
    if form.validate_on_submit():
        ending.withdraw_application(db(), application, form.reason.data, actor=actor())
        flash(gettext("The application is withdrawn. You may apply again at any time."), "success")
        return redirect(url_for("applicants.my_application"))
    return render_template(
        "admission/applying/withdraw_application.html", application=application, form=form
    ), form.status


def _mine(session: ChamberSession) -> Application:
    application = find_application(session, actor().application_id or new_id())
    if application is None:
        raise NotFound(N_("There is nothing at this address."))
    return application


def _grades(session: ChamberSession) -> list[tuple[str, str]]:
    """What can be applied for.

    Each grade, and each of its terms with the amount where the schedule in force has several.
    """
    terms: dict[uuid.UUID | None, list[DuesRate]] = {}
    for rate in list_terms(session, present_day()):
        terms.setdefault(rate.grade_id, []).append(rate)
    found: list[tuple[str, str]] = []
    for grade in list_grades(session):
        several = terms.get(grade.id, [])
        if len(several) < 2:
            found.append((str(grade.id), in_language(grade)))
        else:
            found += [
                (
                    f"{grade.id}:{r.years}",
                    gettext(
                        "%(grade)s, %(amount)s for %(years)s yr",
                        grade=in_language(grade),
                        amount=yuan(r.amount),
                        years=r.years,
                    ),
                )
                for r in several
            ]
    return found


def _begin(
    form: ApplicationForm, answers: dict[uuid.UUID, AnswerValue], kept: dict[str, StoredFile]
) -> bool:
    try:
        identity = form.identity(kept["licence"].id if "licence" in kept else None)
        contact = Contact(
            form.contact_name.data, form.contact_email.data, form.contact_phone.data, language()
        )
        grade_id, years = form.chosen_grade()
        with world().doors.chamber(chamber().id, writing=True) as session:
            wish = Wish(
                session.fetch(Grade, grade_id),
                years,
                list_documents(session),
                answers,
                form.legacy_reason.data,
            )
            applying.begin_application(
                session, identity, contact, wish, form_key=form_key(form), actor=actor()
            )
    except InvalidInput as error:
        form.refuse(error)
        return False
    return True
