"""Killing a worker with -9 in the middle of what it does."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cast import House
from tests.servers import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Waits for something to be true; fails after some seconds."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.05)


@contextmanager
def worker_process(house: House, mark: Path, table: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A worker of its own that stands still while `mark` is there (`tests.jobs.killed_worker`).

    Killed in the end.
    """
    settings = house.settings
    command = [
        sys.executable,
        "-m",
        "tests.jobs.killed_worker",
        settings.database_url,
        settings.files,
        str(mark),
        settings.stripe_url,
        table,
    ]
    worker = subprocess.Popen(command, cwd=ROOT)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


def kill_in_the_middle(house: House, mark: Path, table: str = "") -> None:
    """Starts a worker and kills it with -9 once it stands still."""
    with worker_process(house, mark, table) as worker:
        until(mark.exists)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    mark.unlink()
