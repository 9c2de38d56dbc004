"""Reading mails and failed jobs for those who look after them."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from portal.foundation.labels import N_
from portal.foundation.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, read_instant
from portal.jobs.models import Job, JobState, Mail, MailState
from portal.tenancy.actor import Actor
from portal.tenancy.my_day import Waiting
from portal.tenancy.session import ChamberSession


def list_mails(
    session: ChamberSession, words: str = "", state: str = "", cursor: str | None = None
) -> Page[Mail]:
    """One page of mails, the newest first.

    Narrowed by state and by what the reader's name or address contains.
    """
    query = sa.select(Mail)
    if state in set(MailState):
        query = query.where(Mail.state == MailState(state))
    if words:
        query = query.where(
            sa.or_(
                Mail.to_address.icontains(words, autoescape=True),
                Mail.to_name.icontains(words, autoescape=True),
            )
        )
    after = decode_cursor(cursor, read_instant, uuid.UUID)
    if after:
        query = query.where(sa.tuple_(Mail.created_at, Mail.id) < sa.tuple_(*after))
    rows = session.scalars(
        query.order_by(Mail.created_at.desc(), Mail.id.desc()).limit(PAGE_SIZE + 1)
    ).all()
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return Page(
        rows[:PAGE_SIZE], encode_cursor(last.created_at.isoformat(), str(last.id)) if last else None
    )


def list_failed_jobs(session: ChamberSession, limit: int = 50) -> Sequence[Job]:
    """Jobs that failed each time, newest first."""
    return session.scalars(
        sa.select(Job)
        .where(Job.state == JobState.FAILED)
        .order_by(Job.created_at.desc())
        .limit(limit)
    ).all()


def list_held_mails(session: ChamberSession, _actor: Actor, _today: dt.date) -> Iterable[Waiting]:
    """Messages that wait for somebody to pass them on."""
    count, since = session.execute(
        sa.select(sa.func.count(), sa.func.min(Mail.created_at)).where(Mail.state == MailState.HELD)
    ).one()
    if count:
        yield Waiting(
            N_("Messages to pass on"),
            str(count),
            since,
            "chamber_settings.list_mails",
            N_("Pass them on"),
        )


def list_failed_work(session: ChamberSession, _actor: Actor, _today: dt.date) -> Iterable[Waiting]:
    """Jobs that failed each time."""
    count, since = session.execute(
        sa.select(sa.func.count(), sa.func.min(Job.created_at)).where(Job.state == JobState.FAILED)
    ).one()
    if count:
        yield Waiting(
            N_("Work that failed"),
            str(count),
            since,
            "chamber_settings.list_mails",
            N_("Try again"),
        )
