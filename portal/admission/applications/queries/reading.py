"""Reading one application and what belongs to it."""

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from portal.accounts.models import Person, Representation
from portal.admission.applications.models import (
    OPEN_STATES,
    Acknowledgement,
    Answer,
    Application,
    ApplicationEnding,
    ApplicationState,
    ApplicationStep,
    ApplicationVersion,
    CorrectionRequest,
    ExpiryReminder,
    RequiredDocument,
    StepDecision,
)
from portal.foundation.clock import day_in
from portal.foundation.secrecy import Sealer, hash_word
from portal.tenancy.actor import Actor, ActorKind
from portal.tenancy.chambers import settings_of
from portal.tenancy.session import ChamberSession


def find_application(session: ChamberSession, id: uuid.UUID) -> Application | None:
    """An application with all its page shows: grade, licence, invoice, steps and decisions."""
    query = sa.select(Application).options(*_whole()).where(Application.id == id)
    return session.scalars(query).one_or_none()


def find_by_word(session: ChamberSession, word: str, sealer: Sealer) -> Application | None:
    """The application of a mailed link's word.

    That of the first mail, which is kept as a hash, or the mark that every later mail carries.
    """
    marked = sealer.read_mark("application", session.chamber_id, word)
    query = sa.select(Application).where(
        Application.id == marked if marked else Application.word_hash == hash_word(word)
    )
    return session.scalars(query).one_or_none()


def find_by_form_key(session: ChamberSession, form_key: uuid.UUID) -> Application | None:
    """The application that a form was already made into."""
    return session.scalars(
        sa.select(Application).where(Application.form_key == form_key)
    ).one_or_none()


def find_by_invoice(session: ChamberSession, invoice_id: uuid.UUID) -> Application | None:
    """The application that waits for an invoice."""
    return session.scalars(
        sa.select(Application).where(Application.invoice_id == invoice_id)
    ).one_or_none()


def find_open_application(session: ChamberSession, enterprise_id: uuid.UUID) -> Application | None:
    """The open application of an enterprise: in review, returned or approved."""
    return session.scalars(
        sa.select(Application).where(
            Application.enterprise_id == enterprise_id, Application.state.in_(OPEN_STATES)
        )
    ).first()


def find_open_correction(
    session: ChamberSession, application_id: uuid.UUID
) -> CorrectionRequest | None:
    """What the applicant is asked to correct now, field by field."""
    query = sa.select(CorrectionRequest).options(selectinload(CorrectionRequest.items))
    return session.scalars(
        query.where(
            CorrectionRequest.application_id == application_id,
            CorrectionRequest.answered_at.is_(None),
        )
    ).one_or_none()


def list_corrections(
    session: ChamberSession, application_id: uuid.UUID
) -> Sequence[CorrectionRequest]:
    """Every return of an application with its fields, oldest first."""
    query = (
        sa.select(CorrectionRequest)
        .options(selectinload(CorrectionRequest.items))
        .where(CorrectionRequest.application_id == application_id)
    )
    return session.scalars(query.order_by(CorrectionRequest.id)).all()


def list_versions(
    session: ChamberSession, application_id: uuid.UUID
) -> Sequence[ApplicationVersion]:
    """Every version of what the applicant sent, oldest first."""
    return session.scalars(
        sa.select(ApplicationVersion)
        .where(ApplicationVersion.application_id == application_id)
        .order_by(ApplicationVersion.number)
    ).all()


def list_acknowledged(
    session: ChamberSession, application_id: uuid.UUID
) -> Sequence[tuple[RequiredDocument, dt.datetime]]:
    """The documents, in their versions, that an applicant has read and accepted, and when."""
    query = sa.select(RequiredDocument, Acknowledgement.acknowledged_at).join(
        Acknowledgement, Acknowledgement.document_id == RequiredDocument.id
    )
    rows = session.execute(
        query.where(Acknowledgement.application_id == application_id).order_by(Acknowledgement.id)
    )
    return [(document, at) for document, at in rows]


def find_ending(session: ChamberSession, application_id: uuid.UUID) -> ApplicationEnding | None:
    """How an application was withdrawn or expired."""
    return session.scalars(
        sa.select(ApplicationEnding).where(ApplicationEnding.application_id == application_id)
    ).one_or_none()


def list_expiring(session: ChamberSession, until: dt.date) -> Sequence[Application]:
    """Approved and unpaid applications whose last day to pay is `until` or earlier."""
    return session.scalars(
        sa.select(Application)
        .where(Application.state == ApplicationState.AWAITING_DUES, Application.expires_on <= until)
        .order_by(Application.id)
    ).all()


def list_reminded(
    session: ChamberSession, application_id: uuid.UUID, expires_on: dt.date
) -> set[int]:
    """The days before that expiry for which a reminder was sent."""
    return set(
        session.scalars(
            sa.select(ExpiryReminder.days_before).where(
                ExpiryReminder.application_id == application_id,
                ExpiryReminder.expires_on == expires_on,
            )
        )
    )


def find_day_of_approval(session: ChamberSession, application_id: uuid.UUID) -> dt.date:
    """The day of the council's meeting, whatever step came after it.

    Without a council, of the last decision. It fixes joining date, period and amount.
    """
    query = (
        sa.select(StepDecision)
        .join(ApplicationStep, ApplicationStep.id == StepDecision.step_id)
        .where(ApplicationStep.application_id == application_id)
    )
    last = session.scalars(
        query.order_by(StepDecision.meeting_on.is_(None), ApplicationStep.position.desc()).limit(1)
    ).one()
    return last.meeting_on or day_in(last.decided_at, settings_of(session).zone)


def applicant_of_word(session: ChamberSession, word: str, sealer: Sealer) -> Actor | None:
    """Who a mailed link's word makes of a browser.

    The applicant of that application, and of nothing else.

    Once the enterprise is a member, the link opens its papers only as long as that contact acts for
    it.
    """
    application = find_by_word(session, word, sealer)
    if application is None:
        return None
    admitted = application.state is ApplicationState.ADMITTED and _still_acts(session, application)
    owner = (
        application.enterprise_id
        if admitted or application.state is ApplicationState.AWAITING_DUES
        else None
    )
    return Actor(
        ActorKind.APPLICANT,
        application.contact_name,
        application_id=application.id,
        enterprise_id=owner,
    )


def _still_acts(session: ChamberSession, application: Application) -> bool:
    """Whether the contact of an application acts for the enterprise.

    Without an e-mail address, whether nobody else does.
    """
    query = (
        sa.select(Representation.id)
        .where(
            Representation.enterprise_id == application.enterprise_id,
            Representation.ended_at.is_(None),
        )
        .limit(1)
    )
    if application.contact_email:
        query = query.join(Person, Person.id == Representation.person_id).where(
            Person.email == application.contact_email
        )
    found = session.scalars(query).first() is not None
    return found if application.contact_email else not found


def _whole() -> tuple[sa.orm.strategy_options._AbstractLoad, ...]:
    steps, answers = selectinload(Application.steps), selectinload(Application.answers)
    return (
        answers.joinedload(Answer.question),
        answers.joinedload(Answer.file),
        joinedload(Application.grade),
        joinedload(Application.licence),
        joinedload(Application.invoice),
        steps.joinedload(ApplicationStep.department),
        steps.joinedload(ApplicationStep.decision),
    )
