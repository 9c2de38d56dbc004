"""Reading resolutions."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.foundation.clock import start_of
from portal.foundation.labels import N_
from portal.foundation.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from portal.governance.resolutions.models import Resolution, ResolutionPublication
from portal.governance.resolutions.rules import publish_by
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.my_day import Waiting
from portal.tenancy.session import ChamberSession

CHUNK = 200


@dataclass(frozen=True)
class Narrowing:
    """What a list of resolutions is narrowed to.

    Words of number or title, a body, a year, published or not.
    """

    words: str = ""
    body_id: uuid.UUID | None = None
    year: int | None = None
    published: bool | None = None


def find_resolution(session: ChamberSession, id: uuid.UUID) -> Resolution | None:
    """A resolution with its body and its publication."""
    return session.scalars(_whole().where(Resolution.id == id)).one_or_none()


def find_same(
    session: ChamberSession, body_id: uuid.UUID, title: str, adopted_on: dt.date
) -> Resolution | None:
    """The numbered resolution of the same body, title and day."""
    query = sa.select(Resolution).where(
        Resolution.number.is_not(None),
        Resolution.body_id == body_id,
        Resolution.title == title,
        Resolution.adopted_on == adopted_on,
    )
    return session.scalars(query.limit(1)).first()


def list_resolutions(
    session: ChamberSession, narrow: Narrowing, cursor: str | None = None
) -> Page[Resolution]:
    """One page of resolutions, the latest first."""
    query = _narrowed(narrow)
    after = decode_cursor(cursor, dt.date.fromisoformat, uuid.UUID)
    if after:
        query = query.where(sa.tuple_(Resolution.adopted_on, Resolution.id) < sa.tuple_(*after))
    rows = session.scalars(query.limit(PAGE_SIZE + 1)).all()
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return Page(
        rows[:PAGE_SIZE], encode_cursor(last.adopted_on.isoformat(), str(last.id)) if last else None
    )


def stream_resolutions(session: ChamberSession, narrow: Narrowing) -> Iterator[Resolution]:
    """All of them in bounded memory, for the spreadsheet."""
    yield from session.scalars(_narrowed(narrow).execution_options(yield_per=CHUNK))


def list_resolutions_of(session: ChamberSession, origin_id: uuid.UUID) -> Sequence[Resolution]:
    """What came from one origin, in the order of their numbers."""
    query = _whole().where(Resolution.origin_id == origin_id)
    return session.scalars(query.order_by(Resolution.number, Resolution.id)).all()


def list_unpublished(session: ChamberSession, _actor: Actor, _today: dt.date) -> Iterable[Waiting]:
    """The resolutions that wait to be published, as one thing to do, since the first of them."""
    query = sa.select(sa.func.count(), sa.func.min(Resolution.adopted_on))
    waiting = query.where(Resolution.number.is_not(None), ~_published())
    count, first = session.execute(waiting).one()
    if first is not None:
        yield Waiting(
            N_("Resolutions to publish"),
            str(count),
            start_of(first, settings_of(session).zone),
            "resolutions.list_resolutions",
            N_("Publish them"),
            {"state": "unpublished"},
            due_on=publish_by(first),
        )


def _narrowed(narrow: Narrowing) -> sa.Select[Any]:
    query = _whole().order_by(Resolution.adopted_on.desc(), Resolution.id.desc())
    if narrow.words:
        named = (Resolution.title, Resolution.number)
        query = query.where(
            sa.or_(*(column.icontains(narrow.words, autoescape=True) for column in named))
        )
    if narrow.body_id:
        query = query.where(Resolution.body_id == narrow.body_id)
    if narrow.year:
        first, last = dt.date(narrow.year, 1, 1), dt.date(narrow.year, 12, 31)
        query = query.where(Resolution.adopted_on.between(first, last))
    if narrow.published is not None:
        query = query.where(_published() if narrow.published else ~_published())
    return query


def _published() -> sa.ColumnElement[bool]:
    return sa.exists().where(ResolutionPublication.resolution_id == Resolution.id)


def _whole() -> sa.Select[Any]:
    parts = joinedload(Resolution.body), joinedload(Resolution.publication)
    return sa.select(Resolution).options(*parts)
