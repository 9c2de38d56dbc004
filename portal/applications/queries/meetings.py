"""Reading council meetings and the candidates for them."""

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from portal.applications.models import (
    Application,
    ApplicationState,
    ApplicationStep,
    CouncilMeeting,
    MeetingItem,
    MeetingState,
    StepKind,
    StepState,
)
from portal.foundation.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from portal.tenancy.session import ChamberSession


def find_meeting(session: ChamberSession, id: uuid.UUID) -> CouncilMeeting | None:
    """A meeting with its attendees, its candidates and what became of them."""
    items = selectinload(CouncilMeeting.items)
    query = sa.select(CouncilMeeting).options(
        selectinload(CouncilMeeting.attendees),
        items.joinedload(MeetingItem.application).joinedload(Application.grade),
        items.joinedload(MeetingItem.step),
        items.joinedload(MeetingItem.result),
    )
    return session.scalars(query.where(CouncilMeeting.id == id)).one_or_none()


def list_meetings(session: ChamberSession, state: str = "", cursor: str | None = None) -> Page[CouncilMeeting]:
    """One page of meetings, the latest first, with their candidates."""
    query = sa.select(CouncilMeeting).options(selectinload(CouncilMeeting.items))
    if state in set(MeetingState):
        query = query.where(CouncilMeeting.state == MeetingState(state))
    after = decode_cursor(cursor, dt.date.fromisoformat, uuid.UUID)
    if after:
        query = query.where(sa.tuple_(CouncilMeeting.held_on, CouncilMeeting.id) < sa.tuple_(*after))
    rows = session.scalars(query.order_by(CouncilMeeting.held_on.desc(), CouncilMeeting.id.desc()).limit(PAGE_SIZE + 1)).all()
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return Page(rows[:PAGE_SIZE], encode_cursor(last.held_on.isoformat(), str(last.id)) if last else None)


def list_candidates(session: ChamberSession, besides: uuid.UUID | None = None) -> Sequence[tuple[Application, ApplicationStep]]:
    """Applications that wait for the council and stand on no planned meeting's list (but that of the meeting `besides`), the longest waiting first."""
    query = sa.select(Application, ApplicationStep).join(ApplicationStep, ApplicationStep.application_id == Application.id).options(joinedload(Application.grade))
    rows = session.execute(query.where(*_waiting(besides)).order_by(Application.submitted_at, Application.id)).all()
    return [(application, step) for application, step in rows]


def count_candidates(session: ChamberSession) -> tuple[int, dt.datetime | None]:
    """How many applications wait for the council and stand on no planned meeting's list, and since when the first does."""
    query = sa.select(sa.func.count(), sa.func.min(ApplicationStep.opened_at)).select_from(Application).join(ApplicationStep, ApplicationStep.application_id == Application.id)
    count, since = session.execute(query.where(*_waiting(None))).one()
    return count, since


def _waiting(besides: uuid.UUID | None) -> tuple[sa.ColumnElement[bool], ...]:
    listed = sa.select(MeetingItem.step_id).join(CouncilMeeting, CouncilMeeting.id == MeetingItem.meeting_id).where(CouncilMeeting.state == MeetingState.PLANNED)
    if besides:
        listed = listed.where(CouncilMeeting.id != besides)
    return (
        Application.state == ApplicationState.IN_REVIEW,
        ApplicationStep.state == StepState.OPEN,
        ApplicationStep.kind == StepKind.COUNCIL,
        ApplicationStep.id.not_in(listed),
    )


def find_planned_meeting(session: ChamberSession, step_id: uuid.UUID) -> CouncilMeeting | None:
    """The planned meeting on whose list a council step stands."""
    query = sa.select(CouncilMeeting).join(MeetingItem, MeetingItem.meeting_id == CouncilMeeting.id)
    return session.scalars(query.where(MeetingItem.step_id == step_id, CouncilMeeting.state == MeetingState.PLANNED).limit(1)).first()
