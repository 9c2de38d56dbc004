"""The applicant's draft.

Saved as it is typed, saved whole with a mailed link, and opened again.
"""

import base64
import hmac
import uuid
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms import BooleanField, FileField

from portal.accounts.services import sign_ins
from portal.accounts.services.sign_ins import TooManyTries
from portal.admission.applications.forms import asking
from portal.admission.applications.policies import may_apply
from portal.admission.applications.queries.questions import list_questions
from portal.admission.applying.forms import ApplicationForm, ChangesForm
from portal.admission.applying.models import ApplicationDraft
from portal.admission.applying.queries import find_draft, list_drafts
from portal.admission.applying.services import drafting
from portal.admission.applying.services.drafting import Change
from portal.admission.applying.views.blueprint import applicants
from portal.admission.applying.views.uploads import form_key, keep_uploads
from portal.foundation.errors import InvalidInput, NotFound
from portal.foundation.labels import N_
from portal.foundation.secrecy import hash_word
from portal.tenancy.session import ChamberSession
from portal.web.errors import say
from portal.web.filters import language
from portal.web.forms import filled
from portal.web.request import actor, chamber, db
from portal.web.world import world

MOST_DRAFTS = 4


def words_of_drafts() -> list[str]:
    """The words of the drafts that this browser has begun or opened, newest last."""
    kept = cookie.get("drafts")
    return [word for word in kept if isinstance(word, str)] if isinstance(kept, list) else []


def own_drafts(session: ChamberSession) -> list[ApplicationDraft]:
    """This browser's drafts, the one saved last first."""
    return list(list_drafts(session, words_of_drafts()))


def keep_word(word: str) -> None:
    """Lets this browser open the draft again."""
    cookie["drafts"] = [*(w for w in words_of_drafts() if w != word), word][-MOST_DRAFTS:]
    cookie.permanent = True


MOST_FORMS = 100
"""Forms that one address sends in five minutes: many companies may share one."""
UNSAVED = {"csrf_token", "form_key", "seen", "shown_documents"}


@applicants.route("/apply/draft", permit=may_apply, methods=["POST"], own_transactions=True)
def autosave() -> tuple[dict[str, Any], int] | dict[str, Any]:
    """Takes what was typed into some fields.

    Answers with their revisions, and with what stands in fields that another tab has changed.
    """
    form = ChangesForm()
    try:
        changes, seen = form.changes(), form.seen_revisions()
    except InvalidInput:
        return {"error": gettext("This cannot be kept: it is longer than the form.")}, 422
    key = form_key(form)
    db().close()
    _check_pace(key)
    word = _word(key)
    try:
        with world().doors.chamber(chamber().id, writing=True) as session:
            draft = drafting.open_draft(session, key, word, actor=actor())
            merged = drafting.save_draft(session, draft, changes)
    except InvalidInput as error:
        return {"error": gettext(error.sentence.msgid)}, 422
    keep_word(word)
    news = {
        name: kept
        for name, kept in draft.fields.items()
        if name not in merged and kept["revision"] > seen.get(name, 0)
    }
    return {
        "saved": {
            name: {"revision": m.revision, "rivals": list(m.rivals)} for name, m in merged.items()
        },
        "news": news,
    }


@applicants.route("/apply/later", permit=may_apply, methods=["POST"], own_transactions=True)
def save_for_later() -> Response | tuple[str, int]:
    """Saves the whole form with its uploads, and mails the link to go on from anywhere."""
    form = asking(ApplicationForm, list_questions(db()))()
    form.offer([])
    db().close()
    stop = pace_of(f"apply:{request.remote_addr}", MOST_FORMS)
    if stop is not None:
        raise stop
    _, faults = keep_uploads(form)
    form.contact_email.validate(form, [filled])
    if form.contact_email.errors:
        return render_template("admission/applying/draft_needs_address.html", form=form), 422
    changes = [
        Change(f.short_name, str(f.data or ""))
        for f in form
        if not isinstance(f, BooleanField | FileField) and f.short_name not in UNSAVED
    ]
    if _save(form, changes):
        told = gettext("Saved. We have mailed you a link with which you can go on from any device.")
    else:
        told = gettext(
            "Saved. No other link is mailed now, as this form or this mailbox was sent "
            "some already."
        )
    flash(told, "success")
    for fault in faults:
        flash(f"{form[fault.field].label.text}: {say(fault.sentence)}", "fault")
    return redirect(url_for("applicants.apply"))


def _save(form: ApplicationForm, changes: Sequence[Change]) -> bool:
    """Saves the draft and mails its link; whether another link was mailed."""
    key = form_key(form)
    _check_pace(key)
    word = _word(key)
    with world().doors.chamber(chamber().id, writing=True) as session:
        draft = drafting.open_draft(session, key, word, actor=actor())
        seen = form.seen_revisions()
        seen = draft.revisions if seen is None else seen
        new = [c for c in changes if c.value or c.field in seen]
        drafting.save_draft(
            session, draft, [Change(c.field, c.value, seen.get(c.field, 0)) for c in new]
        )
        mailed = drafting.mail_draft(
            session, draft, word, to=form.contact_email.data, language=language(), actor=actor()
        )
    keep_word(word)
    return mailed


@applicants.route("/apply/draft/<word>", permit=may_apply)
def open_saved(word: str) -> Response:
    """The mailed link of a draft: this browser goes on with it."""
    found = list_drafts(db(), [word])
    if not found:
        raise NotFound(
            N_(
                "This draft is no longer kept: it was sent, or nobody has touched it for "
                "thirty days."
            )
        )
    keep_word(word)
    return redirect(url_for("applicants.apply", draft=str(found[0].id)))


def _word(key: uuid.UUID) -> str:
    """The word that opens the draft of a form.

    Only the installation can make it, and it can be told again.

    A draft that was begun under an older key keeps its word.
    """
    settings = world().settings
    proofs = [
        hmac.digest(secret.encode(), b"draft:" + key.bytes, "sha256")
        for secret in (settings.secret_key, *settings.older_secret_keys)
    ]
    words = [base64.urlsafe_b64encode(proof).decode().rstrip("=") for proof in proofs]
    if len(words) == 1:
        return words[0]
    with world().doors.chamber(chamber().id) as session:
        known = find_draft(session, key)
    return next(
        (word for word in words if known is not None and known.word_hash == hash_word(word)),
        words[0],
    )


def _check_pace(key: uuid.UUID) -> None:
    """TooManyTries where one address begins form after form.

    Counted in a transaction of its own, before anything is locked.
    """
    with world().doors.chamber(chamber().id) as session:
        known = find_draft(session, key)
    if known is None:
        with world().doors.chamber(chamber().id, writing=True) as session:
            sign_ins.take_try(session, f"draft:{request.remote_addr}")


def pace_of(key: str, most: int) -> TooManyTries | None:
    """What stops forms that come one after the other.

    From one address (many companies may share one), or to one mailbox.
    """
    try:
        with world().doors.chamber(chamber().id, writing=True) as session:
            sign_ins.take_try(session, key, most=most)
    except TooManyTries as stop:
        return stop
    return None
