"""Reading applications, chains and required documents."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from portal.applications.models import (
    OPEN_STATES,
    Application,
    ApplicationEnding,
    ApplicationState,
    ApplicationStep,
    ApplicationVersion,
    ChainStep,
    CorrectionRequest,
    ExpiryReminder,
    RequiredDocument,
    StepDecision,
    StepState,
)
from portal.enterprises.rules.uscc import normalise_uscc
from portal.foundation.clock import day_in
from portal.foundation.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from portal.foundation.secrecy import hash_word
from portal.tenancy.actor import Actor, ActorKind
from portal.tenancy.chambers import settings_of
from portal.tenancy.search_index import subjects_matching
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class QueueFilter:
    """What narrows the queue of applications. `department_id` asks for those whose open step is that department's."""

    words: str = ""
    state: str = ""
    mine: tuple[uuid.UUID, ...] = ()


def find_application(session: ChamberSession, id: uuid.UUID) -> Application | None:
    """An application with all its page shows: grade, licence, invoice, steps and decisions."""
    query = sa.select(Application).options(*_whole()).where(Application.id == id)
    return session.scalars(query).one_or_none()


def find_by_word(session: ChamberSession, word: str) -> Application | None:
    """The application of a mailed link's word."""
    return session.scalars(sa.select(Application).where(Application.word_hash == hash_word(word))).one_or_none()


def find_by_form_key(session: ChamberSession, form_key: uuid.UUID) -> Application | None:
    """The application that a form was already made into."""
    return session.scalars(sa.select(Application).where(Application.form_key == form_key)).one_or_none()


def find_by_invoice(session: ChamberSession, invoice_id: uuid.UUID) -> Application | None:
    """The application that waits for an invoice."""
    return session.scalars(sa.select(Application).where(Application.invoice_id == invoice_id)).one_or_none()


def find_open_application(session: ChamberSession, enterprise_id: uuid.UUID) -> Application | None:
    """The open application of an enterprise: in review, returned or approved."""
    return session.scalars(sa.select(Application).where(Application.enterprise_id == enterprise_id, Application.state.in_(OPEN_STATES))).first()


def find_open_correction(session: ChamberSession, application_id: uuid.UUID) -> CorrectionRequest | None:
    """What the applicant is asked to correct now, field by field."""
    query = sa.select(CorrectionRequest).options(selectinload(CorrectionRequest.items))
    return session.scalars(query.where(CorrectionRequest.application_id == application_id, CorrectionRequest.answered_at.is_(None))).one_or_none()


def list_corrections(session: ChamberSession, application_id: uuid.UUID) -> Sequence[CorrectionRequest]:
    """Every return of an application with its fields, oldest first."""
    query = sa.select(CorrectionRequest).options(selectinload(CorrectionRequest.items)).where(CorrectionRequest.application_id == application_id)
    return session.scalars(query.order_by(CorrectionRequest.id)).all()


def list_versions(session: ChamberSession, application_id: uuid.UUID) -> Sequence[ApplicationVersion]:
    """Every version of what the applicant sent, oldest first."""
    return session.scalars(sa.select(ApplicationVersion).where(ApplicationVersion.application_id == application_id).order_by(ApplicationVersion.number)).all()


def find_ending(session: ChamberSession, application_id: uuid.UUID) -> ApplicationEnding | None:
    """How an application was withdrawn or expired."""
    return session.scalars(sa.select(ApplicationEnding).where(ApplicationEnding.application_id == application_id)).one_or_none()


def list_expiring(session: ChamberSession, until: dt.date) -> Sequence[Application]:
    """Approved and unpaid applications whose last day to pay is `until` or earlier."""
    return session.scalars(sa.select(Application).where(Application.state == ApplicationState.AWAITING_DUES, Application.expires_on <= until).order_by(Application.id)).all()


def list_reminded(session: ChamberSession, application_id: uuid.UUID) -> set[int]:
    """The days before expiry for which a reminder was sent."""
    return set(session.scalars(sa.select(ExpiryReminder.days_before).where(ExpiryReminder.application_id == application_id)))


def find_day_of_approval(session: ChamberSession, application_id: uuid.UUID) -> dt.date:
    """The day of the last approval: of the council's meeting, or of the department's decision. It fixes joining date, period and amount."""
    query = sa.select(StepDecision).join(ApplicationStep, ApplicationStep.id == StepDecision.step_id)
    last = session.scalars(query.where(ApplicationStep.application_id == application_id).order_by(ApplicationStep.position.desc()).limit(1)).one()
    return last.meeting_on or day_in(last.decided_at, settings_of(session).zone)


def applicant_of_word(session: ChamberSession, word: str) -> Actor | None:
    """Who a mailed link's word makes of a browser: the applicant of that application, and of nothing else."""
    application = find_by_word(session, word)
    if application is None:
        return None
    owner = application.enterprise_id if application.state in {ApplicationState.AWAITING_DUES, ApplicationState.ADMITTED} else None
    return Actor(ActorKind.APPLICANT, application.contact_name, application_id=application.id, enterprise_id=owner)


def list_queue(session: ChamberSession, narrow: QueueFilter, cursor: str | None = None) -> Page[Application]:
    """One page of submitted applications, the longest waiting first."""
    query = sa.select(Application).options(joinedload(Application.grade), selectinload(Application.steps)).where(*_conditions(narrow))
    query = query.order_by(Application.submitted_at, Application.id).limit(PAGE_SIZE + 1)
    after = decode_cursor(cursor, 2)
    if after:
        try:
            at, last_id = dt.datetime.fromisoformat(after[0]), uuid.UUID(after[1])
            query = query.where(sa.or_(Application.submitted_at > at, sa.and_(Application.submitted_at == at, Application.id > last_id)))
        except ValueError:
            return Page([], None)
    rows = session.scalars(query).all()
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return Page(rows[:PAGE_SIZE], encode_cursor(last.submitted_at.isoformat(), str(last.id)) if last and last.submitted_at else None)


def count_by_state(session: ChamberSession) -> Mapping[ApplicationState, int]:
    """How many submitted applications stand in each state."""
    query = sa.select(Application.state, sa.func.count()).where(Application.submitted_at.is_not(None)).group_by(Application.state)
    return {state: count for state, count in session.execute(query).all()}


def list_chain(session: ChamberSession) -> Sequence[ChainStep]:
    """The chamber's review chain in its order."""
    return session.scalars(sa.select(ChainStep).options(joinedload(ChainStep.department)).order_by(ChainStep.position)).all()


def list_documents(session: ChamberSession, *, retired: bool = False) -> Sequence[RequiredDocument]:
    """The documents an applicant has to acknowledge now; with the retired ones where asked."""
    query = sa.select(RequiredDocument).order_by(RequiredDocument.title_zh, RequiredDocument.published_at.desc())
    return session.scalars(query if retired else query.where(RequiredDocument.retired_at.is_(None))).all()


def _whole() -> tuple[sa.orm.strategy_options._AbstractLoad, ...]:
    steps = selectinload(Application.steps)
    return (
        joinedload(Application.grade),
        joinedload(Application.licence),
        joinedload(Application.invoice),
        steps.joinedload(ApplicationStep.department),
        steps.joinedload(ApplicationStep.decision),
    )


def _conditions(narrow: QueueFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [Application.submitted_at.is_not(None)]
    if narrow.state in set(ApplicationState):
        found.append(Application.state == ApplicationState(narrow.state))
    if narrow.mine:
        open_steps = sa.select(ApplicationStep.application_id).where(ApplicationStep.state == StepState.OPEN, ApplicationStep.department_id.in_(narrow.mine))
        found.append(Application.id.in_(open_steps))
    if narrow.words:
        ways: list[sa.ColumnElement[bool]] = [Application.number == narrow.words.upper(), Application.uscc == normalise_uscc(narrow.words)]
        named = subjects_matching("application", narrow.words)
        if named is not None:
            ways.append(Application.id.in_(named))
        found.append(sa.or_(*ways))
    return found
