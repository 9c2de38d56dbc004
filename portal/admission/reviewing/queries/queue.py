"""The queue of applications."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from portal.admission.applications.models import (
    Application,
    ApplicationState,
    ApplicationStep,
    StepKind,
    StepState,
)
from portal.foundation.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, read_instant
from portal.members.enterprises.rules.uscc import normalise_uscc
from portal.tenancy.children import load_children
from portal.tenancy.search_index import subjects_matching
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class QueueFilter:
    """What narrows and orders the queue of applications.

    `chained` keeps to those whose chain has one of these departments, to nothing where it names
    none; `mine` asks for those whose open step is one of these departments' (where `kept`, of
    councils and notices too), `handler_id` for those that a colleague holds, `late_on` for those
    whose open step was due before this day; `newest` turns the order round.
    """

    words: str = ""
    state: str = ""
    mine: tuple[uuid.UUID, ...] = ()
    handler_id: uuid.UUID | None = None
    late_on: dt.date | None = None
    newest: bool = False
    chained: tuple[uuid.UUID, ...] | None = None
    kept: bool = False


def list_queue(
    session: ChamberSession, narrow: QueueFilter, cursor: str | None = None
) -> Page[Application]:
    """One page of submitted applications, the longest waiting first unless asked otherwise.

    With grade, handler and steps.
    """
    query = _queue(narrow).limit(PAGE_SIZE + 1)
    after = decode_cursor(cursor, read_instant, uuid.UUID)
    if after:
        at, last_id = after
        when, key = Application.submitted_at, Application.id
        beyond, next_key = (
            (when < at, key < last_id) if narrow.newest else (when > at, key > last_id)
        )
        query = query.where(sa.or_(beyond, sa.and_(when == at, next_key)))
    rows = session.scalars(query).all()
    load_children(session, rows, "steps", ApplicationStep.application_id, ApplicationStep.position)
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return Page(
        rows[:PAGE_SIZE],
        encode_cursor(last.submitted_at.isoformat(), str(last.id))
        if last and last.submitted_at
        else None,
    )


def find_next_in_queue(session: ChamberSession, application: Application) -> uuid.UUID | None:
    """The application in review that was submitted next after this one."""
    later = sa.or_(
        Application.submitted_at > application.submitted_at,
        sa.and_(
            Application.submitted_at == application.submitted_at, Application.id > application.id
        ),
    )
    query = sa.select(Application.id).where(Application.state == ApplicationState.IN_REVIEW, later)
    return session.scalars(
        query.order_by(Application.submitted_at, Application.id).limit(1)
    ).first()


def stream_queue(session: ChamberSession, narrow: QueueFilter) -> Iterator[Application]:
    """Every application of the queue, read in pieces of 500."""
    yield from session.scalars(
        _queue(narrow).options(selectinload(Application.steps)).execution_options(yield_per=500)
    )


def _queue(narrow: QueueFilter) -> sa.Select[Application]:
    keys = (Application.submitted_at, Application.id)
    loads = (joinedload(Application.grade), joinedload(Application.handler))
    return (
        sa.select(Application)
        .options(*loads)
        .where(*_conditions(narrow))
        .order_by(*((key.desc() for key in keys) if narrow.newest else keys))
    )


def count_by_state(
    session: ChamberSession, chained: tuple[uuid.UUID, ...] | None = None
) -> Mapping[ApplicationState, int]:
    """How many submitted applications stand in each state.

    Of those whose chain has one of some departments, where given.
    """
    query = (
        sa.select(Application.state, sa.func.count())
        .where(*_conditions(QueueFilter(chained=chained)))
        .group_by(Application.state)
    )
    return {state: count for state, count in session.execute(query).all()}


def _conditions(narrow: QueueFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [Application.submitted_at.is_not(None)]
    if narrow.state in set(ApplicationState):
        found.append(Application.state == ApplicationState(narrow.state))
    open_steps = sa.select(ApplicationStep.application_id).where(
        ApplicationStep.state == StepState.OPEN
    )
    if narrow.chained is not None:
        found.append(
            Application.id.in_(
                sa.select(ApplicationStep.application_id).where(
                    ApplicationStep.department_id.in_(narrow.chained)
                )
            )
        )
    if narrow.mine:
        turns = ApplicationStep.department_id.in_(narrow.mine)
        found.append(
            Application.id.in_(
                open_steps.where(
                    sa.or_(turns, ApplicationStep.kind != StepKind.DEPARTMENT)
                    if narrow.kept
                    else turns
                )
            )
        )
    if narrow.late_on:
        found.append(Application.id.in_(open_steps.where(ApplicationStep.due_on < narrow.late_on)))
    if narrow.handler_id:
        found.append(Application.handler_id == narrow.handler_id)
    if narrow.words:
        ways: list[sa.ColumnElement[bool]] = [
            Application.number == narrow.words.upper(),
            Application.uscc == normalise_uscc(narrow.words),
        ]
        named = subjects_matching("application", narrow.words)
        if named is not None:
            ways.append(Application.id.in_(named))
        found.append(sa.or_(*ways))
    return found
