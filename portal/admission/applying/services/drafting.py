"""Drafts save themselves, field by field; two tabs never lose each other's words."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.accounts.services.sign_ins import TooManyTries, take_try
from portal.admission.applications.models import ApplicationAction, ApplicationState
from portal.admission.applications.models.actions import ApplicationMail
from portal.admission.applications.queries.mailboxes import is_full
from portal.admission.applications.queries.reading import find_by_form_key
from portal.admission.applying.models import ApplicationDraft
from portal.admission.applying.queries import find_draft
from portal.audit.record import record
from portal.foundation.errors import InvalidInput, NotFound
from portal.foundation.labels import N_
from portal.foundation.secrecy import hash_word
from portal.jobs.outbox import send_mail
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession

MOST_FIELDS, LONGEST, MOST_RIVALS = 120, 4_000, 5
KEPT_FOR = dt.timedelta(days=30)
MOST_MAILS = 3


@dataclass(frozen=True)
class Change:
    """What was typed into a field by somebody who had last seen its revision `seen`."""

    field: str
    value: str
    seen: int = 0


@dataclass(frozen=True)
class Merged:
    """The field's revision after a save.

    And what others had written there that this save wrote over.
    """

    revision: int
    rivals: Sequence[str]


def open_draft(
    session: ChamberSession, form_key: uuid.UUID, word: str, *, actor: Actor
) -> ApplicationDraft:
    """The draft of a form, begun where new, that `word` opens from now on.

    NotFound where the form was sent and confirmed already.
    """
    sent = find_by_form_key(session, form_key)
    if sent is not None and sent.state is not ApplicationState.DRAFT:
        raise NotFound(N_("This form was sent already. Its link came by mail."))
    draft = find_draft(session, form_key)
    if draft is not None:
        return session.lock(draft)
    draft = ApplicationDraft(
        form_key=form_key,
        word_hash=hash_word(word),
        fields={},
        rivals={},
        created_at=session.now(),
        saved_at=session.now(),
    )
    session.add(draft)
    record(session, ApplicationAction.DRAFT_BEGUN, draft, actor=actor)
    return draft


def save_draft(
    session: ChamberSession, draft: ApplicationDraft, changes: Sequence[Change]
) -> Mapping[str, Merged]:
    """Takes changes in.

    Where `actor` had not seen a field's newest words, those are kept beside it as rivals, never
    lost.

    InvalidInput for fields that no form has, or for more than a form holds.
    """
    draft = session.lock(draft)
    fields, rivals = {**draft.fields}, {name: [*values] for name, values in draft.rivals.items()}
    for change in changes:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", change.field) or len(change.value) > LONGEST:
            raise InvalidInput("fields", N_("This cannot be kept: it is longer than the form."))
        before = fields.get(change.field, {"value": "", "revision": 0})
        if change.value == before["value"]:
            continue
        if before["value"] and change.seen < before["revision"]:
            others = [
                words
                for words in rivals.get(change.field, [])
                if words not in {before["value"], change.value}
            ]
            rivals[change.field] = [*others, before["value"]][-MOST_RIVALS:]
        fields[change.field] = {"value": change.value, "revision": before["revision"] + 1}
    if len(fields) > MOST_FIELDS:
        raise InvalidInput("fields", N_("This cannot be kept: it is longer than the form."))
    draft.fields, draft.rivals, draft.saved_at = fields, rivals, session.now()
    session.flush()
    return {
        change.field: Merged(fields[change.field]["revision"], rivals.get(change.field, []))
        for change in changes
        if change.field in fields
    }


def mail_draft(
    session: ChamberSession,
    draft: ApplicationDraft,
    word: str,
    *,
    to: str,
    language: str,
    actor: Actor,
) -> bool:
    """Mails the link that opens the draft anywhere, and says whether it did.

    Once in five minutes to one address, and to no more than MOST_MAILS, of one draft and of all;
    never to a mailbox that is full.

    The mail carries nothing that was typed: nobody has confirmed that its reader wrote it.
    """
    mailbox = to.lower()
    try:
        take_try(session, f"draft:{draft.form_key}:{mailbox}", most=1)
        take_try(session, f"draft:{draft.form_key}", f"draft:{mailbox}", most=MOST_MAILS)
    except TooManyTries:
        return False
    if is_full(session, mailbox):
        return False
    draft.mailed_at = session.now()
    send_mail(
        session,
        ApplicationMail.DRAFT,
        to=mailbox,
        language=language,
        secret=word,
        days=KEPT_FOR.days,
    )
    record(session, ApplicationAction.DRAFT_MAILED, draft, actor=actor)
    return True


def drop_draft(session: ChamberSession, form_key: uuid.UUID) -> None:
    """`actor` has sent the form: its draft is needed no more."""
    session.execute(sa.delete(ApplicationDraft).where(ApplicationDraft.form_key == form_key))


def clear_drafts(session: ChamberSession) -> None:
    """Throws away what nobody has touched for thirty days; `actor` is the portal."""
    session.execute(
        sa.delete(ApplicationDraft).where(ApplicationDraft.saved_at < session.now() - KEPT_FOR)
    )
