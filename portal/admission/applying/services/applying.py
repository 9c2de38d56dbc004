"""What the applicant does: begin, and confirm."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from portal.accounts.services.sign_ins import TooManyTries
from portal.admission.applications.models import (
    APPLICATION_MOVES,
    Acknowledgement,
    Answer,
    Application,
    ApplicationAction,
    ApplicationState,
    ApplicationStep,
    ChainStep,
    RequiredDocument,
    StepState,
)
from portal.admission.applications.models.actions import ApplicationMail
from portal.admission.applications.queries.documents import list_documents
from portal.admission.applications.queries.mailboxes import is_full
from portal.admission.applications.queries.questions import list_answers, list_questions
from portal.admission.applications.queries.reading import find_by_form_key, find_open_application
from portal.admission.applications.rules import AnswerValue
from portal.admission.applications.services.asking import check_answers, keep_answers, show_uploads
from portal.admission.applications.services.telling import tell_applicant
from portal.admission.applications.services.versions import index_application, keep_version
from portal.admission.applying.services.drafting import drop_draft
from portal.admission.reviewing.queries.chain import list_chain
from portal.admission.reviewing.services.duplicates import note_duplicates
from portal.admission.reviewing.services.opening import open_step
from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.secrecy import hash_word, new_word
from portal.foundation.transitions import move
from portal.governance.bodies.models import RULE
from portal.jobs.outbox import send_mail
from portal.members.enterprises.queries import find_enterprise_by_uscc
from portal.members.enterprises.services import Identity, ensure_enterprise
from portal.members.membership.models import Grade
from portal.tenancy.actor import VISITOR, Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.counters import hold, next_number
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class Contact:
    """The person at the enterprise whom the chamber writes to."""

    name: str
    email: str
    phone: str
    language: str = "zh"


@dataclass(frozen=True)
class Wish:
    """What an applicant asks for: the grade, with the years of its term.

    Which documents it has read, and what it answers.

    `legacy_reason` says why the identity has an older 15-digit number.
    """

    grade: Grade
    dues_years: int | None = None
    documents: Sequence[RequiredDocument] = ()
    answers: Mapping[uuid.UUID, AnswerValue] = field(default_factory=dict)
    legacy_reason: str = ""


CONFIRMED = N_(
    "This form was sent and confirmed already: its link came by mail. Apply for another enterprise "
    "with a new form."
)


def begin_application(
    session: ChamberSession,
    identity: Identity,
    contact: Contact,
    wish: Wish,
    *,
    form_key: uuid.UUID,
    actor: Actor = VISITOR,
) -> Application:
    """Keeps what was filled in and mails the applicant a link to confirm it.

    A form sent twice is one application; sent again with other words before it was confirmed, those
    count, and the link that was mailed opens them; another is mailed only where the address is
    another. The mail carries nothing that was typed: its reader has not confirmed it; only the one
    that the office passes on, because there is no address, names the contact. InvalidInput where
    the licence is missing, a document in force was not acknowledged, a question of the grade is
    left open, or it was confirmed; TooManyTries where the mailbox is full. **Locks** the
    application, then the latch of tries.
    """
    known = find_by_form_key(session, form_key)
    known = session.lock(known) if known is not None else None
    if known is not None and _says(session, known) == _would_say(identity, contact, wish):
        return known
    if known is not None and known.state is not ApplicationState.DRAFT:
        raise InvalidInput("form_key", CONFIRMED)
    _check_whole(session, identity, wish)
    mailbox = contact.email.lower()
    again = known is not None and known.contact_email == mailbox
    if mailbox and not again:
        _check_mailbox(session, mailbox)
    application = known or Application(form_key=form_key, created_at=session.now())
    word, said = new_word(), _said(identity, contact, wish)
    for name, value in (said if again else said | {"word_hash": hash_word(word)}).items():
        setattr(application, name, value)
    _keep(session, application, wish)
    act = ApplicationAction.CHANGED if known else ApplicationAction.BEGUN
    record(session, act, application, actor=actor, documents=[d.versioned for d in wish.documents])
    if not again:
        _mail_link(session, contact, word)
    return application


def _mail_link(session: ChamberSession, contact: Contact, word: str) -> None:
    """The link by which the form is confirmed; without an address it is passed on by hand."""
    reader = "" if contact.email else contact.name
    send_mail(
        session,
        ApplicationMail.CONFIRM,
        to=contact.email.lower(),
        name=reader,
        language=contact.language,
        secret=word,
    )


def _check_whole(session: ChamberSession, identity: Identity, wish: Wish) -> None:
    """Whether licence, documents and answers are there."""
    if identity.licence_file_id is None:
        raise InvalidInput("licence", N_("Add a photo or PDF of the business licence."))
    if {d.id for d in list_documents(session)} - {d.id for d in wish.documents}:
        raise InvalidInput("documents", N_("Read and accept every document to go on."))
    check_answers(list_questions(session), wish.grade.id, wish.answers)


def _keep(session: ChamberSession, application: Application, wish: Wish) -> None:
    """Keeps an unconfirmed application with what was read and answered.

    Its draft is needed no more.
    """
    session.add(application)
    session.flush()
    read = set(
        session.scalars(
            sa.select(Acknowledgement.document_id).where(
                Acknowledgement.application_id == application.id
            )
        )
    )
    session.add_all(
        Acknowledgement(
            application_id=application.id, document_id=d.id, acknowledged_at=session.now()
        )
        for d in wish.documents
        if d.id not in read
    )
    session.execute(
        sa.delete(Answer).where(
            Answer.application_id == application.id, Answer.question_id.not_in(wish.answers)
        )
    )
    keep_answers(session, application, wish.answers)
    drop_draft(session, application.form_key)


def _check_mailbox(session: ChamberSession, mailbox: str) -> None:
    """TooManyTries where a stranger could fill somebody's mailbox in the chamber's name."""
    hold(session, "tries")
    if is_full(session, mailbox):
        raise TooManyTries(
            N_(
                "Several links were mailed to this mailbox today. Open one of them, or come "
                "again tomorrow."
            )
        )


def _described(identity: Identity) -> dict[str, Any]:
    return {name: getattr(identity, name) for name in Identity.__dataclass_fields__}


def _would_say(identity: Identity, contact: Contact, wish: Wish) -> dict[str, Any]:
    """What an application of this form would say, with its answers."""
    answers = {k: v for k, v in wish.answers.items() if v}
    return {**_said(identity, contact, wish), "answers": answers}


def _said(identity: Identity, contact: Contact, wish: Wish) -> dict[str, Any]:
    """What the form says, by the names of the application's columns."""
    wished = {"dues_years": wish.dues_years, "legacy_reason": wish.legacy_reason}
    return {**_described(identity), **_contact(contact), "grade_id": wish.grade.id, **wished}


def _says(session: ChamberSession, known: Application) -> dict[str, Any]:
    """What an application says, in the same words."""
    given = {
        answer.question_id: AnswerValue(answer.words, answer.file_id)
        for answer in list_answers(session, known.id)
    }
    names = (
        *Identity.__dataclass_fields__,
        "contact_name",
        "contact_email",
        "contact_phone",
        "language",
        "grade_id",
        "dues_years",
        "legacy_reason",
    )
    return {name: getattr(known, name) for name in names} | {
        "answers": {k: v for k, v in given.items() if v}
    }


def _contact(contact: Contact) -> dict[str, str]:
    return {
        "contact_name": contact.name,
        "contact_email": contact.email.lower(),
        "contact_phone": contact.phone,
        "language": contact.language,
    }


def submit_application(session: ChamberSession, application: Application, *, actor: Actor) -> None:
    """The applicant, come by the mailed link, confirms.

    Number, enterprise record, a copy of the chamber's chain, first step open.

    Confirming again changes nothing. Refused where the chamber has no review chain.
    """
    application = session.lock(application)
    if application.state is not ApplicationState.DRAFT:
        return
    chain = list_chain(session)
    if not chain:
        raise Refused(N_("The chamber has not set up its review yet. Please tell its office."))
    year = today_of(session).year
    known = find_enterprise_by_uscc(session, application.uscc) is not None
    enterprise = session.lock(ensure_enterprise(session, Identity.of(application), actor=actor))
    if find_open_application(session, enterprise.id) is not None:
        raise Refused(
            N_(
                "An application under this code is open already. Ask the chamber's office if "
                "you did not make it."
            )
        )
    application.enterprise_id = enterprise.id
    drop_draft(session, application.form_key)
    application.number = f"SQ{year}-{next_number(session, f'application {year}'):05d}"
    application.submitted_at = session.now()
    move(application, ApplicationState.IN_REVIEW, APPLICATION_MOVES)
    session.flush()
    steps = [_copy(step, application.id) for step in chain]
    session.add_all(steps)
    open_step(session, steps[0])
    note_duplicates(session, application, known=known, actor=actor)
    index_application(session, application)
    keep_version(session, application, actor=actor)
    show_uploads(session, application)
    record(
        session, ApplicationAction.SUBMITTED, application, actor=actor, number=application.number
    )
    tell_applicant(session, application, ApplicationMail.RECEIVED, actor=actor)


def _copy(step: ChainStep, application_id: uuid.UUID) -> ApplicationStep:
    kept = ("position", "kind", "name_zh", "name_en", "department_id", "body_id", "days", *RULE)
    return ApplicationStep(
        application_id=application_id,
        state=StepState.WAITING,
        **{name: getattr(step, name) for name in kept},
    )
