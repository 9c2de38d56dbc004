"""Reading notices to members."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from portal.circulars.models import (
    Circular,
    CircularFile,
    CircularReading,
    CircularRecipient,
    CircularState,
)
from portal.foundation.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, read_instant
from portal.members.enterprises.models import Enterprise
from portal.tenancy.session import ChamberSession

Below = tuple[dt.datetime, uuid.UUID]


@dataclass(frozen=True)
class Received:
    """A notice as an enterprise has it: read or not."""

    circular: Circular
    is_read: bool


def list_circulars(
    session: ChamberSession, *, words: str = "", state: str = "", cursor: str | None = None
) -> Page[tuple[Circular, int]]:
    """One page of notices, newest first, found by title and state.

    With how many enterprises have read each.
    """
    read = (
        sa.select(sa.func.count())
        .where(CircularReading.circular_id == Circular.id)
        .scalar_subquery()
    )
    query = sa.select(Circular, read).order_by(Circular.id.desc()).limit(PAGE_SIZE + 1)
    if words:
        query = query.where(Circular.title.contains(words, autoescape=True))
    if state in set(CircularState):
        query = query.where(Circular.state == CircularState(state))
    after = decode_cursor(cursor, uuid.UUID)
    if after:
        query = query.where(Circular.id < after[0])
    rows = [(circular, int(count)) for circular, count in session.execute(query).all()]
    return Page(
        rows[:PAGE_SIZE],
        encode_cursor(str(rows[PAGE_SIZE - 1][0].id)) if len(rows) > PAGE_SIZE else None,
    )


def find_circular(session: ChamberSession, circular_id: uuid.UUID) -> Circular | None:
    """A notice with its attachments."""
    query = (
        sa.select(Circular)
        .options(selectinload(Circular.files).joinedload(CircularFile.file))
        .where(Circular.id == circular_id)
    )
    return session.scalars(query).one_or_none()


def find_circular_of_file(
    session: ChamberSession, circular_file_id: uuid.UUID
) -> tuple[Circular, CircularFile] | None:
    """An attachment with its notice."""
    file = session.scalars(
        sa.select(CircularFile)
        .options(joinedload(CircularFile.file))
        .where(CircularFile.id == circular_file_id)
    ).one_or_none()
    circular = session.find(Circular, file.circular_id) if file else None
    return (circular, file) if circular and file else None


def page_received(
    session: ChamberSession, enterprise_id: uuid.UUID, cursor: str | None = None
) -> Page[Received]:
    """One page of the notices that went to an enterprise."""
    rows = list_received(
        session, enterprise_id, PAGE_SIZE + 1, decode_cursor(cursor, read_instant, uuid.UUID)
    )
    return Page(
        rows[:PAGE_SIZE], _cursor(rows[PAGE_SIZE - 1].circular) if len(rows) > PAGE_SIZE else None
    )


def page_news(session: ChamberSession, cursor: str | None = None) -> Page[Circular]:
    """One page of what everybody may read."""
    rows = list_news(session, PAGE_SIZE + 1, decode_cursor(cursor, read_instant, uuid.UUID))
    return Page(rows[:PAGE_SIZE], _cursor(rows[PAGE_SIZE - 1]) if len(rows) > PAGE_SIZE else None)


def _cursor(last: Circular) -> str:
    return encode_cursor(last.published_at.isoformat() if last.published_at else "", str(last.id))


def _older(below: Below | None) -> list[sa.ColumnElement[bool]]:
    if below is None:
        return []
    at, last = below
    return [
        sa.or_(Circular.published_at < at, sa.and_(Circular.published_at == at, Circular.id < last))
    ]


def list_received(
    session: ChamberSession, enterprise_id: uuid.UUID, limit: int, below: Below | None = None
) -> list[Received]:
    """The notices that went to an enterprise, newest first.

    And whether somebody of it has opened each.
    """
    read = (
        sa.select(CircularReading.id)
        .where(
            CircularReading.circular_id == Circular.id,
            CircularReading.enterprise_id == enterprise_id,
        )
        .exists()
    )
    query = (
        sa.select(Circular, read)
        .join(CircularRecipient, CircularRecipient.circular_id == Circular.id)
        .where(
            CircularRecipient.enterprise_id == enterprise_id,
            Circular.state == CircularState.PUBLISHED,
        )
        .order_by(Circular.published_at.desc(), Circular.id.desc())
    )
    return [
        Received(circular, bool(is_read))
        for circular, is_read in session.execute(query.where(*_older(below)).limit(limit)).all()
    ]


def has_received(
    session: ChamberSession, circular_id: uuid.UUID, enterprise_id: uuid.UUID | None
) -> bool:
    """Whether a notice went to an enterprise."""
    query = sa.select(CircularRecipient.id).where(
        CircularRecipient.circular_id == circular_id,
        CircularRecipient.enterprise_id == enterprise_id,
    )
    return session.scalar(query) is not None


def list_news(
    session: ChamberSession, limit: int = 5, below: Below | None = None
) -> Sequence[Circular]:
    """What everybody may read, newest first."""
    query = sa.select(Circular).where(
        Circular.state == CircularState.PUBLISHED, Circular.is_public.is_(True)
    )
    return session.scalars(
        query.where(*_older(below))
        .order_by(Circular.published_at.desc(), Circular.id.desc())
        .limit(limit)
    ).all()


def list_unread(
    session: ChamberSession, circular_id: uuid.UUID, limit: int = 200
) -> Sequence[Enterprise]:
    """The enterprises that got a notice and have not opened it, by name."""
    read = sa.select(CircularReading.enterprise_id).where(
        CircularReading.circular_id == circular_id
    )
    query = sa.select(Enterprise).join(
        CircularRecipient, CircularRecipient.enterprise_id == Enterprise.id
    )
    query = query.where(CircularRecipient.circular_id == circular_id, Enterprise.id.not_in(read))
    return session.scalars(query.order_by(Enterprise.pinyin_key, Enterprise.id).limit(limit)).all()


def count_readings(session: ChamberSession, circular_id: uuid.UUID) -> int:
    """How many enterprises have opened a notice."""
    return (
        session.scalar(
            sa.select(sa.func.count(CircularReading.id)).where(
                CircularReading.circular_id == circular_id
            )
        )
        or 0
    )
