"""Reading what reviewers keep beside an application, and who the reviewers are."""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from portal.accounts.models import Person
from portal.accounts.queries import list_appointments
from portal.admission.applications.models import OPEN_STATES, Application
from portal.admission.reviewing.models import (
    ApplicationNote,
    ChecklistItem,
    ChecklistTick,
    Handover,
)
from portal.tenancy.actor import MEMBERSHIP, OFFICE, Rank
from portal.tenancy.chambers import today_of
from portal.tenancy.session import ChamberSession


def list_reviewers(session: ChamberSession) -> list[Person]:
    """Who reviews today, each once.

    The colleagues of the membership department and the general office, and the secretary-general.
    """
    today = today_of(session)
    found = [
        post.person
        for post in list_appointments(session, today)
        if post.in_force(today)
        and (
            post.rank is Rank.SECRETARY_GENERAL
            or (post.department and post.department.code in {MEMBERSHIP, OFFICE})
        )
    ]
    return list(dict.fromkeys(found))


def list_held(session: ChamberSession, person_id: uuid.UUID | None) -> Sequence[Application]:
    """The open applications that a colleague has claimed, the longest waiting first."""
    query = sa.select(Application).where(
        Application.handler_id == person_id, Application.state.in_(OPEN_STATES)
    )
    return (
        session.scalars(query.order_by(Application.submitted_at, Application.id)).all()
        if person_id
        else []
    )


def count_held(session: ChamberSession) -> Mapping[uuid.UUID | None, int]:
    """How many open applications each colleague has claimed."""
    query = sa.select(Application.handler_id, sa.func.count()).where(
        Application.handler_id.is_not(None), Application.state.in_(OPEN_STATES)
    )
    return {
        person_id: count
        for person_id, count in session.execute(query.group_by(Application.handler_id)).all()
    }


def list_notes(session: ChamberSession, application_id: uuid.UUID) -> Sequence[ApplicationNote]:
    """The internal notes of an application, oldest first."""
    return session.scalars(
        sa.select(ApplicationNote)
        .where(ApplicationNote.application_id == application_id)
        .order_by(ApplicationNote.id)
    ).all()


def list_handovers(session: ChamberSession, application_id: uuid.UUID) -> Sequence[Handover]:
    """Who worked on an application, in order."""
    return session.scalars(
        sa.select(Handover).where(Handover.application_id == application_id).order_by(Handover.id)
    ).all()


def list_points(session: ChamberSession, *, retired: bool = False) -> Sequence[ChecklistItem]:
    """The points of the chamber's checklist; with the retired ones where asked."""
    query = sa.select(ChecklistItem).order_by(ChecklistItem.position, ChecklistItem.id)
    return session.scalars(
        query if retired else query.where(ChecklistItem.retired_at.is_(None))
    ).all()


def list_ticks(
    session: ChamberSession, application_id: uuid.UUID
) -> Mapping[uuid.UUID, ChecklistTick]:
    """The ticks of an application by point."""
    return {
        tick.item_id: tick
        for tick in session.scalars(
            sa.select(ChecklistTick).where(ChecklistTick.application_id == application_id)
        )
    }


def find_tick(
    session: ChamberSession, application_id: uuid.UUID, item_id: uuid.UUID
) -> ChecklistTick | None:
    """The tick of one point in one application."""
    return session.scalars(
        sa.select(ChecklistTick).where(
            ChecklistTick.application_id == application_id, ChecklistTick.item_id == item_id
        )
    ).one_or_none()
