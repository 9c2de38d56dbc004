"""The house's own recurring tasks, and what a person does with a failed job."""

import datetime as dt
import functools
import uuid
from typing import Any

import sqlalchemy as sa

from portal.audit.chain import BATCH, seal_events
from portal.audit.heads import keep_heads
from portal.audit.kept import keep_earlier_rows
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.jobs.models import Job, JobState, Mail, MailState
from portal.jobs.registry import SCHEDULES, Schedule, Task, recur, register
from portal.jobs.worker import KEEP_DONE, each
from portal.tenancy.chambers import every_chamber
from portal.tenancy.models import Chamber
from portal.tenancy.session import ChamberSession, Doors, PlatformSession

SCHEDULES.append(Schedule("clear_done_jobs", dt.timedelta(days=1)))


def retry_job(session: ChamberSession, job_id: uuid.UUID) -> Job:
    """Puts a failed job, and the mail it was about, back in line.

    NotFound where the chamber has no such failed job.
    """
    job = session.scalars(
        sa.select(Job).where(Job.id == job_id, Job.state == JobState.FAILED)
    ).one_or_none()
    if job is None:
        raise NotFound(N_("There is no failed job at this address."))
    job.put_back(session.now())
    if job.task == "deliver_mail":
        mail = session.fetch(Mail, uuid.UUID(job.args["mail_id"]))
        mail.state = MailState.QUEUED if mail.state is MailState.FAILED else mail.state
    return job


def retry_failed(session: ChamberSession) -> int:
    """Puts every failed job of the chamber back in line, with the mails they were about.

    Returns how many.
    """
    session.execute(
        sa.update(Mail).where(Mail.state == MailState.FAILED).values(state=MailState.QUEUED)
    )
    return _retry(session, sa.update(Job))


def retry_failed_of_house(session: PlatformSession) -> int:
    """Puts every failed job of the house itself back in line; returns how many."""
    return _retry(session, sa.update(Job).where(Job.chamber_id.is_(None)))


def _retry(session: ChamberSession | PlatformSession, jobs: sa.Update) -> int:
    again = {"state": JobState.READY, "attempts": 0, "deaths": 0, "run_at": session.now()}
    done = session.execute(jobs.where(Job.state == JobState.FAILED).values(**again))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _seal_every_chamber(world: Any, _prepared: None) -> None:
    each(
        every_chamber(world.doors),
        functools.partial(_seal, world.doors),
        lambda chamber: chamber.slug,
    )


def _seal(doors: Doors, chamber: Chamber) -> None:
    sealed = BATCH
    while sealed == BATCH:
        with doors.chamber(chamber.id, writing=True) as session:
            sealed = seal_events(session)


def _clear_done_jobs(session: PlatformSession, _worked: None) -> None:
    session.execute(
        sa.delete(Job).where(
            Job.state == JobState.DONE, Job.finished_at < session.now() - KEEP_DONE
        )
    )


def _keep_statistics(world: Any, _prepared: None) -> None:
    world.doors.database.keep_statistics()


def _keep_earlier_rows(session: ChamberSession, _worked: None) -> None:
    keep_earlier_rows(session)


def _keep_heads(world: Any, _prepared: None) -> None:
    keep_heads(world.doors, world.store)


recur("keep_heads", dt.timedelta(hours=1), _keep_heads)
register(Task("keep_earlier_rows", _keep_earlier_rows))
recur("keep_statistics", dt.timedelta(days=1), _keep_statistics)
recur("seal_audit", dt.timedelta(minutes=1), _seal_every_chamber)
register(Task("clear_done_jobs", _clear_done_jobs, of_the_house=True))
