"""The worker claims a job under a lease and runs it in its chamber.

It keeps the lease with a heartbeat, and tells the end.

A worker that dies leaves a lease that runs out; another then repeats the job. *Done* commits with
the job's own writes, so a job is never half done and never done twice. Chambers take turns: each
has one job run before any has a second.
"""

import datetime as dt
import logging
import os
import secrets
import socket
import threading
import traceback
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from portal.foundation.errors import Unavailable
from portal.jobs.models import Job, JobState, WorkerBeat
from portal.jobs.queries import chambers_with_work, find_due_job
from portal.jobs.registry import OUTAGE, SCHEDULES, TASKS, Failure, Hopeless, Silent, Task
from portal.tenancy.session import ChamberSession, Doors, PlatformSession

LEASE = dt.timedelta(seconds=30)
MOST_DEATHS = 6
"""A job over which its worker died so often is not tried again."""
KEEP_DONE = dt.timedelta(days=14)
BEAT = dt.timedelta(seconds=5)
LOOK = dt.timedelta(seconds=5)
"""How often a worker looks whether a schedule calls for a job."""
SHORTEST_REST, LONGEST_REST = dt.timedelta(seconds=10), dt.timedelta(minutes=5)
T = TypeVar("T")
log = logging.getLogger("portal.worker")


@dataclass(frozen=True)
class Claim:
    """A job in this worker's hands."""

    id: uuid.UUID
    chamber_id: uuid.UUID | None
    task: str
    args: dict[str, Any]
    attempts: int
    deaths: int = 0


class LeaseLost(Exception):
    """Another worker took the job over; this one's writes are rolled back."""


class SomeFailed(Exception):
    """Of many things that a job went over, some failed; the others were done."""


def each(things: Iterable[T], act: Callable[[T], object], name: Callable[[T], object]) -> None:
    """Does `act` with every thing, however many fail.

    SomeFailed in the end, naming those that did.
    """
    failed = []
    for thing in things:
        try:
            act(thing)
        except Exception:
            log.exception("it failed for %s; the others go on", name(thing))
            failed.append(str(name(thing)))
    if failed:
        raise SomeFailed(", ".join(failed))


def _order(chamber_id: uuid.UUID | None) -> str:
    return chamber_id.hex if chamber_id else ""


class Worker:
    """One loop over the table of jobs. `world` is handed to the slow part of each task."""

    def __init__(self, doors: Doors, world: Any, *, lease: dt.timedelta = LEASE) -> None:
        self.doors = doors
        self.world = world
        self.lease = lease
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.stopping = threading.Event()
        self.turns: deque[uuid.UUID | None] = deque()
        self.served: uuid.UUID | None = None
        self.rests: dict[str, tuple[dt.datetime, dt.timedelta]] = {}
        self.began_at = self.doors.clock.now()
        self.beat_at = self.looked_at = self.began_at - BEAT - LOOK

    def run_forever(self, pause: float = 0.5) -> None:
        """Runs jobs until `stopping` is set.

        Waits `pause` seconds where there is nothing to do, and longer after a fault.
        """
        faults = 0
        while not self.stopping.is_set():
            try:
                self.beat()
                self.call_schedules()
                busy = self.run_one()
                faults = 0
            except Exception:
                log.exception("the worker's loop met a fault; it goes on")
                busy, faults = False, faults + 1
            if not busy:
                self.stopping.wait(min(pause * 2 ** min(faults, 5), 10))

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
                if claim.deaths >= MOST_DEATHS:
                    raise Hopeless("its worker died over it each time")
                self._run(claim, TASKS[claim.task])
                self.rests.pop(claim.task, None)
            except LeaseLost:
                log.warning("lost the lease of %s", claim.id)
            except Exception as error:
                log.warning("%s failed", claim.task, exc_info=True)
                self._rest(claim.task, error)
                self._failed(claim, error)
        return True

    def beat(self) -> None:
        """Says that this worker lives, every BEAT at most.

        Forgets workers that nobody has heard of for a day.
        """
        now = self.doors.clock.now()
        if now - self.beat_at < BEAT:
            return
        with self.doors.platform(writing=True) as session:
            mine = sa.update(WorkerBeat).where(WorkerBeat.name == self.name).values(beat_at=now)
            if session.execute(mine).rowcount == 0:  # type: ignore[attr-defined]
                session.execute(
                    sa.delete(WorkerBeat).where(WorkerBeat.beat_at < now - dt.timedelta(days=1))
                )
                session.add(WorkerBeat(name=self.name, began_at=self.began_at, beat_at=now))
        self.beat_at = now

    def call_schedules(self) -> None:
        """Adds the job of the present period for every schedule, once however many workers ask."""
        now = self.doors.clock.now()
        if now - self.looked_at < LOOK:
            return
        self.looked_at = now
        keys = {f"{s.task}@{int(now.timestamp() // s.every.total_seconds())}": s for s in SCHEDULES}
        with self.doors.platform() as session:
            known = set(session.scalars(sa.select(Job.unique_key).where(Job.unique_key.in_(keys))))
        for key in keys.keys() - known:
            try:
                with self.doors.platform(writing=True) as session:
                    session.add(
                        Job(
                            task=keys[key].task,
                            args={},
                            unique_key=key,
                            priority=-5,
                            run_at=now,
                            created_at=now,
                        )
                    )
            except sa.exc.IntegrityError:
                log.debug("another worker called %s", key)

    def _claim(self) -> Claim | None:
        """The next job of the chamber whose turn it is.

        A new round of turns where this one is over.
        """
        now = self.doors.clock.now()
        resting = [task for task, (until, _) in self.rests.items() if until > now]
        for _ in range(2):
            while self.turns:
                claim = self._take(self.turns.popleft(), now, resting)
                if claim is not None:
                    return claim
            with self.doors.platform() as session:
                waiting = chambers_with_work(session, now, resting)
            self.turns.extend(
                sorted(
                    waiting,
                    key=lambda chamber: (_order(chamber) <= _order(self.served), _order(chamber)),
                )
            )
        return None

    def _take(
        self, chamber_id: uuid.UUID | None, now: dt.datetime, resting: list[str]
    ) -> Claim | None:
        self.served = chamber_id
        with self.doors.platform(writing=True) as session:
            job = find_due_job(session, chamber_id, now, resting)
            if job is None:
                return None
            job.deaths += job.state is JobState.RUNNING
            job.state, job.attempts = JobState.RUNNING, job.attempts + 1
            job.lease_by, job.lease_until = self.name, now + self.lease
            return Claim(job.id, job.chamber_id, job.task, dict(job.args), job.attempts, job.deaths)

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
        ended = {"lease_by": None, "lease_until": None, "error": None, "finished_at": session.now()}
        done = session.execute(self._mine(claim).values(state=JobState.DONE, **ended))
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise LeaseLost

    def _mine(self, claim: Claim) -> Any:
        return sa.update(Job).where(Job.id == claim.id, Job.lease_by == self.name)

    def _rest(self, task: str, error: Exception) -> None:
        """Lets a task rest whose outside does not answer.

        Longer each time, so that one try in a while finds out for all.
        """
        if isinstance(error, Silent):
            _, before = self.rests.get(task, (None, SHORTEST_REST / 2))
            rest = min(before * 2, LONGEST_REST)
            self.rests[task] = (self.doors.clock.now() + rest, rest)
            self.turns.clear()

    def _failed(self, claim: Claim, error: Exception) -> None:
        """Writes a failed try down.

        The next one comes after a while, or the job ends in the list that a person sees.

        A task that is not known here waits as in an outage: while a new version comes, a worker of
        the old one may meet its jobs.
        """
        task, now = TASKS.get(claim.task), self.doors.clock.now()
        waits = OUTAGE if task is None or isinstance(error, Silent | Unavailable) else task.waits
        left = claim.attempts <= len(waits) and not isinstance(error, Hopeless)
        next_at = now + waits[claim.attempts - 1] if left else None
        values: dict[str, Any] = {
            "state": JobState.READY if next_at else JobState.FAILED,
            "run_at": next_at or now,
            "error": "".join(traceback.format_exception(error))[-4_000:],
            "lease_by": None,
            "lease_until": None,
        }
        if task is None or task.failed is None or claim.chamber_id is None:
            with self.doors.platform(writing=True) as platform:
                platform.execute(self._mine(claim).values(**values))
            return
        with self.doors.chamber(claim.chamber_id, writing=True) as session:
            if session.execute(self._mine(claim).values(**values)).rowcount == 1:  # type: ignore[attr-defined]
                task.failed(
                    session, Failure(str(error)[:300], claim.attempts, next_at), **claim.args
                )

    @contextmanager
    def _heartbeat(self, claim: Claim) -> Iterator[None]:
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(min(self.lease / 3, BEAT).total_seconds()):
                try:
                    with self.doors.platform(writing=True) as session:
                        session.execute(
                            self._mine(claim).values(lease_until=session.now() + self.lease)
                        )
                    self.beat()
                except SQLAlchemyError:
                    log.warning("a heartbeat was missed", exc_info=True)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
