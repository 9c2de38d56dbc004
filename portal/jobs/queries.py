"""Reading what became of work that was called for, and whose turn it is."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.jobs.models import Job, JobState, WorkerBeat
from portal.tenancy.models import Chamber
from portal.tenancy.session import ChamberSession, PlatformSession

SILENT = dt.timedelta(seconds=60)
"""After so long without a word no worker is thought to live."""
LATE = dt.timedelta(minutes=10)
"""A job that has waited so long says that the workers do not keep up."""


@dataclass(frozen=True)
class Health:
    """How the work in the background goes.

    Seconds since a worker was heard of and since the oldest due job came due.
    """

    beat: int | None
    oldest_due: int
    failed: int

    @property
    def is_silent(self) -> bool:
        """Whether no worker was heard of for a while."""
        return self.beat is None or self.beat > SILENT.total_seconds()

    @property
    def is_late(self) -> bool:
        """Whether due jobs wait longer than they should."""
        return self.oldest_due > LATE.total_seconds()

    @property
    def state(self) -> str:
        """One word for whoever watches."""
        return "silent" if self.is_silent else "late" if self.is_late else "ok"


def has_failed(session: ChamberSession, unique_key: str) -> bool:
    """Whether a job has failed each time, and waits for a person.

    The one that was called for under this key.
    """
    query = sa.select(Job.id).where(Job.unique_key == unique_key, Job.state == JobState.FAILED)
    return session.scalar(query) is not None


def health_at(session: PlatformSession, now: dt.datetime) -> Health:
    """How the work in the background goes at an instant."""
    beat = session.scalar(sa.select(sa.func.max(WorkerBeat.beat_at)))
    oldest = session.scalar(sa.select(sa.func.min(Job.run_at)).where(*_due(now, ())))
    failed = (
        session.scalar(sa.select(sa.func.count(Job.id)).where(Job.state == JobState.FAILED)) or 0
    )
    return Health(
        _seconds(now - beat) if beat else None, _seconds(now - oldest) if oldest else 0, failed
    )


def chambers_with_work(
    session: PlatformSession, now: dt.datetime, resting: Sequence[str]
) -> Sequence[uuid.UUID | None]:
    """The chambers that have a due job, one turn for each; None stands for the house itself."""
    waits = (
        sa.select(Job.id)
        .where(Job.chamber_id == Chamber.id, *_due(now, resting))
        .correlate(Chamber)
        .exists()
    )
    chambers: list[uuid.UUID | None] = list(
        session.scalars(sa.select(Chamber.id).where(waits).order_by(Chamber.id))
    )
    of_the_house = session.scalar(
        sa.select(Job.id).where(Job.chamber_id.is_(None), *_due(now, resting)).limit(1)
    )
    return [*chambers, None] if of_the_house else chambers


def find_due_job(
    session: PlatformSession, chamber_id: uuid.UUID | None, now: dt.datetime, resting: Sequence[str]
) -> Job | None:
    """The most pressing due job of a chamber, or of the house.

    **locks** it, and passes over what another worker locks.
    """
    mine = (Job.chamber_id == chamber_id, *_due(now, resting))
    pressing = session.scalar(
        sa.select(Job.priority).where(*mine).order_by(Job.priority.desc()).limit(1)
    )
    if pressing is None:
        return None
    query = sa.select(Job).where(*mine, Job.priority == pressing).order_by(Job.run_at).limit(1)
    return session.scalars(
        query.with_for_update(skip_locked=True) if session.database.locking else query
    ).first()


def _due(now: dt.datetime, resting: Sequence[str]) -> tuple[sa.ColumnElement[bool], ...]:
    states: sa.BindParameter[list[JobState]] = sa.bindparam(
        "undone", [JobState.READY, JobState.RUNNING], expanding=True, literal_execute=True
    )
    lapsed = sa.or_(Job.state == JobState.READY, Job.lease_until < now)
    rule: tuple[sa.ColumnElement[bool], ...] = (Job.state.in_(states), Job.run_at <= now, lapsed)
    return (*rule, Job.task.not_in(resting)) if resting else rule


def _seconds(span: dt.timedelta) -> int:
    return max(0, int(span.total_seconds()))
