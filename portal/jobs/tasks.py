"""The house's own recurring tasks, and what a person does with a failed job."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa

from portal.audit.chain import BATCH, seal_events
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.jobs.models import Job, JobState
from portal.jobs.registry import SCHEDULES, Schedule, Task, register
from portal.jobs.worker import KEEP_DONE
from portal.tenancy.chambers import every_chamber
from portal.tenancy.session import ChamberSession, PlatformSession

SCHEDULES.append(Schedule("seal_audit", dt.timedelta(minutes=1)))
SCHEDULES.append(Schedule("clear_done_jobs", dt.timedelta(days=1)))
SCHEDULES.append(Schedule("keep_statistics", dt.timedelta(days=1)))


def retry_job(session: ChamberSession, job_id: uuid.UUID) -> Job:
    """Puts a failed job back in line; NotFound where the chamber has no such failed job."""
    job = session.scalars(sa.select(Job).where(Job.id == job_id, Job.state == JobState.FAILED)).one_or_none()
    if job is None:
        raise NotFound(N_("There is no failed job at this address."))
    job.state, job.attempts, job.run_at = JobState.READY, 0, session.now()
    return job


def _seal_every_chamber(world: Any, _prepared: None) -> None:
    for chamber in every_chamber(world.doors):
        sealed = BATCH
        while sealed == BATCH:
            with world.doors.chamber(chamber.id, writing=True) as session:
                sealed = seal_events(session)


def _nothing_more(_session: PlatformSession, _worked: None) -> None:
    return None


def _clear_done_jobs(session: PlatformSession, _worked: None) -> None:
    session.execute(sa.delete(Job).where(Job.state == JobState.DONE, Job.finished_at < session.now() - KEEP_DONE))


def _keep_statistics(world: Any, _prepared: None) -> None:
    world.doors.database.keep_statistics()


register(Task("keep_statistics", _nothing_more, work=_keep_statistics, of_the_house=True))
register(Task("seal_audit", _nothing_more, work=_seal_every_chamber, of_the_house=True))
register(Task("clear_done_jobs", _clear_done_jobs, of_the_house=True))
