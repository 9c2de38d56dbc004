"""A worker killed with -9 in the middle of a job loses nothing and does nothing twice."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.foundation.clock import Clock
from portal.jobs.models import Job, JobState
from portal.membership.models import Grade
from tests.cast import House

pytestmark = pytest.mark.both_databases
ROOT = Path(__file__).resolve().parents[2]


def _until(true: Callable[[], bool], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.05)


def test_a_job_survives_its_worker(house: House, tmp_path: Path) -> None:
    house.work()
    mark = tmp_path / "mark"
    with house.doors.chamber(house.jia.id, writing=True) as session:
        now = Clock().now()
        session.add(Job(task="long_work", args={}, run_at=now, created_at=now, state=JobState.READY))
    command = [sys.executable, "-m", "tests.jobs.killed_worker", house.settings.database_url, house.settings.files, str(mark)]
    first = subprocess.Popen(command, cwd=ROOT)
    _until(mark.exists)
    first.send_signal(signal.SIGKILL)
    first.wait()
    mark.unlink()
    second = subprocess.Popen(command, cwd=ROOT)
    try:
        _until(mark.exists)
        mark.unlink()
        _until(lambda: _state(house) is JobState.DONE)
    finally:
        second.kill()
        second.wait()
    with house.doors.chamber(house.jia.id) as session:
        assert len(session.scalars(sa.select(Grade).where(Grade.name_zh == "survived")).all()) == 1
        assert session.scalars(sa.select(Job).where(Job.task == "long_work")).one().attempts == 2


def _state(house: House) -> JobState:
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(sa.select(Job.state).where(Job.task == "long_work")).one()
