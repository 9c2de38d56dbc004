"""What the applicant sees: the form, and the application's own page."""

import json
import uuid
from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import Field

from portal.admission.applications.forms import asking, fill_answers, read_answers
from portal.admission.applications.models import (
    Application,
    ApplicationState,
    Question,
    RequiredDocument,
)
from portal.admission.applications.policies import may_apply
from portal.admission.applications.queries.documents import list_documents
from portal.admission.applications.queries.questions import list_questions
from portal.admission.applications.queries.reading import (
    find_application,
    find_by_form_key,
)
from portal.admission.applications.rules import AnswerValue
from portal.admission.applying.forms import ApplicationForm
from portal.admission.applying.models import ApplicationDraft
from portal.admission.applying.services import applying
from portal.admission.applying.services.applying import Contact, Wish
from portal.admission.applying.views.blueprint import applicants, offered_grades
from portal.admission.applying.views.drafting import MOST_FORMS, own_drafts, pace_of
from portal.admission.applying.views.uploads import form_key, keep_uploads, kept_before
from portal.files.models import StoredFile
from portal.foundation.errors import InvalidInput
from portal.foundation.ids import new_id
from portal.foundation.labels import N_
from portal.members.enterprises.rules.codes import region_name
from portal.members.enterprises.rules.uscc import read_uscc
from portal.members.membership.models import Grade
from portal.web.errors import say
from portal.web.filters import language
from portal.web.forms import clean
from portal.web.request import actor, chamber, db
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
    form.offer(offered_grades(db()))
    drafts = own_drafts(db())
    draft = _resumed(drafts)
    kept = {} if form.is_submitted() else _begin_with(form, draft)
    form.form_key.data = str(form_key(form))
    if form.is_submitted():
        db().close()
        kept, answers = _judge(form, questions, documents, draft)
        if answers is not None and _begin(form, answers, kept):
            return redirect(url_for("applicants.application_sent"))
    form.seen.data = json.dumps(draft.revisions if draft else {})
    form.shown_documents.data = _named(documents)
    page = render_template(
        "admission/applying/apply.html",
        form=form,
        questions=questions,
        documents=documents,
        draft=draft,
        others=[d for d in drafts if d is not draft],
        kept=kept,
        rivals=_rivals(form, draft),
        changed=_unconfirmed(),
    )
    return page, form.status


Answers = dict[uuid.UUID, AnswerValue]


def _judge(
    form: ApplicationForm,
    questions: Sequence[Question],
    documents: Sequence[RequiredDocument],
    draft: ApplicationDraft | None,
) -> tuple[dict[str, StoredFile], Answers | None]:
    """The uploads that are kept, and the answers where nothing at all is wrong."""
    stop = pace_of(f"apply:{request.remote_addr}", MOST_FORMS)
    kept, faults = keep_uploads(form) if stop is None else (kept_before(db(), form), [])
    valid = form.validate()
    grade_id = form.chosen_grade()[0] if not form.grade.errors else None
    answers = read_answers(form, questions, grade_id, kept)
    faults += _changed_meanwhile(form, draft, documents)
    right = valid and not faults and answers is not None
    mailbox = (form.contact_email.data or "").lower()
    if stop is None and right and mailbox:
        stop = pace_of(f"apply:{mailbox}", MOST_FORMS_OF_A_MAILBOX)
    for fault in (*faults, *([stop] if stop else [])):
        form.refuse(fault)
    return kept, answers if right and stop is None else None


def _rivals(form: ApplicationForm, draft: ApplicationDraft | None) -> list[tuple[Field, str]]:
    """Other words that were typed into a field elsewhere."""
    return [
        (form[name], words)
        for name, several in (draft.rivals if draft else {}).items()
        if name in form
        for words in several
        if words != form[name].data
    ]


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
            unseen = name in form and saved["value"] and saved["revision"] > seen.get(name, 0)
            if unseen and str(form[name].data or "") != saved["value"]:
                sentence = N_(
                    "“%(words)s” was typed here in another tab. Send again to keep what stands "
                    "here now."
                )
                faults.append(InvalidInput(name, sentence, words=saved["value"]))
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
