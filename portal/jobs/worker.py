"""The worker: claims a job under a lease, keeps the lease with a heartbeat, runs it in its chamber, tells the end.

A worker that dies leaves a lease that runs out; another then repeats the job. *Done* commits with the job's own writes,
so a job is never half done and never done twice.
"""

import datetime as dt
import logging
import os
import secrets
import socket
import threading
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from portal.jobs.models import Job, JobState
from portal.jobs.registry import SCHEDULES, TASKS, Task
from portal.tenancy.session import ChamberSession, Doors, PlatformSession

LEASE = dt.timedelta(seconds=30)
MOST_ATTEMPTS = 6
KEEP_DONE = dt.timedelta(days=14)
log = logging.getLogger("portal.worker")


@dataclass(frozen=True)
class Claim:
    """A job in this worker's hands."""

    id: uuid.UUID
    chamber_id: uuid.UUID | None
    task: str
    args: dict[str, Any]
    attempts: int


class LeaseLost(Exception):
    """Another worker took the job over; this one's writes are rolled back."""


class Worker:
    """One loop over the table of jobs. `world` is handed to the slow part of each task."""

    def __init__(self, doors: Doors, world: Any, *, lease: dt.timedelta = LEASE) -> None:
        self.doors = doors
        self.world = world
        self.lease = lease
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.stopping = threading.Event()

    def run_forever(self, pause: float = 0.5) -> None:
        """Runs jobs until `stopping` is set; waits `pause` seconds where there is nothing to do."""
        while not self.stopping.is_set():
            try:
                self.call_schedules()
                busy = self.run_one()
            except OperationalError:
                log.warning("the database did not answer; trying again", exc_info=True)
                busy = False
            if not busy:
                self.stopping.wait(pause)

    def run_all(self, most: int = 100_000) -> int:
        """Runs due jobs until none is left; returns how many ran."""
        ran = 0
        while ran < most and self.run_one():
            ran += 1
        return ran

    def run_one(self) -> bool:
        """Claims and runs one due job; False where none is due."""
        claim = self._claim()
        if claim is None:
            return False
        with self._heartbeat(claim):
            try:
                self._run(claim, TASKS[claim.task])
            except LeaseLost:
                log.warning("lost the lease of %s", claim.id)
            except Exception as error:
                log.warning("%s failed", claim.task, exc_info=True)
                self._failed(claim, error)
        return True

    def call_schedules(self) -> None:
        """Adds the job of the present period for every schedule, once however many workers ask."""
        now = self.doors.clock.now()
        keys = {f"{s.task}@{int(now.timestamp() // s.every.total_seconds())}": s for s in SCHEDULES}
        with self.doors.platform() as session:
            known = set(session.scalars(sa.select(Job.unique_key).where(Job.unique_key.in_(keys))))
        for key in keys.keys() - known:
            try:
                with self.doors.platform(writing=True) as session:
                    session.add(Job(task=keys[key].task, args={}, unique_key=key, priority=-5, run_at=now, created_at=now))
            except sa.exc.IntegrityError:
                log.debug("another worker called %s", key)

    def _claim(self) -> Claim | None:
        now = self.doors.clock.now()
        due = sa.or_(sa.and_(Job.state == JobState.READY, Job.run_at <= now), sa.and_(Job.state == JobState.RUNNING, Job.lease_until < now))
        query = sa.select(Job).where(due).order_by(Job.priority.desc(), Job.run_at, Job.id).limit(1)
        with self.doors.platform() as looking:
            if looking.scalar(sa.select(Job.id).where(due).limit(1)) is None:
                return None
        with self.doors.platform(writing=True) as session:
            job = session.scalars(query.with_for_update(skip_locked=True) if self.doors.database.locking else query).first()
            while job is not None and job.attempts >= MOST_ATTEMPTS:
                job.state, job.error, job.lease_by = JobState.FAILED, job.error or "the worker died each time", None
                session.flush()
                job = session.scalars(query.with_for_update(skip_locked=True)).first()
            if job is None:
                return None
            job.state, job.attempts, job.lease_by, job.lease_until = JobState.RUNNING, job.attempts + 1, self.name, now + self.lease
            return Claim(job.id, job.chamber_id, job.task, dict(job.args), job.attempts)

    def _run(self, claim: Claim, task: Task) -> None:
        if task.of_the_house or claim.chamber_id is None:
            worked = task.work(self.world, None) if task.work else None
            with self.doors.platform(writing=True) as platform:
                task.finish(platform, worked, **claim.args)
                self._mark_done(platform, claim)
            return
        prepared = None
        if task.prepare:
            with self.doors.chamber(claim.chamber_id) as reading:
                prepared = task.prepare(reading, **claim.args)
        worked = task.work(self.world, prepared) if task.work else prepared
        with self.doors.chamber(claim.chamber_id, writing=True) as session:
            task.finish(session, worked, **claim.args)
            session.flush()
            self._mark_done(session, claim)

    def _mark_done(self, session: ChamberSession | PlatformSession, claim: Claim) -> None:
        done = session.execute(
            sa.update(Job).where(Job.id == claim.id, Job.lease_by == self.name).values(state=JobState.DONE, lease_by=None, lease_until=None, error=None, finished_at=session.now())
        )
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise LeaseLost

    def _failed(self, claim: Claim, error: Exception) -> None:
        last = claim.attempts >= MOST_ATTEMPTS
        with self.doors.platform(writing=True) as session:
            session.execute(
                sa.update(Job)
                .where(Job.id == claim.id, Job.lease_by == self.name)
                .values(
                    state=JobState.FAILED if last else JobState.READY,
                    run_at=session.now() + dt.timedelta(seconds=5 * 4 ** (claim.attempts - 1)),
                    error="".join(traceback.format_exception(error))[-4_000:],
                    lease_by=None,
                    lease_until=None,
                )
            )

    @contextmanager
    def _heartbeat(self, claim: Claim) -> Iterator[None]:
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(self.lease.total_seconds() / 3):
                try:
                    with self.doors.platform(writing=True) as session:
                        session.execute(sa.update(Job).where(Job.id == claim.id, Job.lease_by == self.name).values(lease_until=session.now() + self.lease))
                except SQLAlchemyError:
                    log.warning("a heartbeat was missed", exc_info=True)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
