"""What strangers upload is drawn by a worker that may have 512 MiB in all.

It lives, and says what cannot be shown.
"""

import resource
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import sqlalchemy as sa

from portal.files.models import Preview
from portal.files.services import add_file
from portal.files.storing import store_bytes
from portal.foundation.clock import Clock
from portal.jobs.models import Job, JobState
from portal.jobs.outbox import enqueue
from tests.cast import House
from tests.files import bombs
from tests.jobs.killing import until
from tests.servers import PATIENCE, ROOT, portal_environment

LIMIT = 512 * 1024 * 1024


def test_bombs_neither_kill_nor_stop_the_worker(house: House, tmp_path: Path) -> None:
    house.clock.at = Clock().now()
    house.work()
    with house.doors.chamber(house.jia.id, writing=True) as session:
        for make in (
            bombs.tall_pdf,
            bombs.curved_pdf,
            bombs.nested_pdf,
            bombs.wide_png,
            bombs.wordy_png,
        ):
            data = make()
            kind = "application/pdf" if data.startswith(b"%PDF") else "image/png"
            stored = store_bytes(
                house.world.store, house.jia.id, data, at=session.now(), name="x", media_type=kind
            )
            file = add_file(session, stored, owner_type="enterprise", owner_id=house.jia.id)
            enqueue(session, "make_previews", file_id=file.id)
    environment = portal_environment(house.settings.database_url, Path(house.settings.files), 8000)
    command = [sys.executable, "-m", "portal.cli", "work"]
    worker = subprocess.Popen(
        command, cwd=ROOT, env=environment | {"MALLOC_ARENA_MAX": "2"}, preexec_fn=_bound
    )
    try:
        most = 0

        def drawn() -> bool:
            nonlocal most
            most = max(most, _memory(worker.pid))
            return worker.poll() is not None or _left(house) == 0

        until(drawn)
        assert worker.poll() is None, "the worker died"
        assert most < LIMIT
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(PATIENCE)
    with house.doors.chamber(house.jia.id) as session:
        told = session.scalars(sa.select(Preview)).all()
        assert len({preview.file_id for preview in told}) == 5
        assert sum(bool(preview.fault) for preview in told) >= 1


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))


def _memory(pid: int) -> int:
    """What the worker and its children hold at this moment."""
    try:
        parent = psutil.Process(pid)
        return sum(
            process.memory_info().rss for process in [parent, *parent.children(recursive=True)]
        )
    except psutil.NoSuchProcess:
        return 0


def _left(house: House) -> int:
    waiting = Job.state.in_([JobState.READY, JobState.RUNNING])
    with house.doors.platform() as session:
        return (
            session.scalar(
                sa.select(sa.func.count(Job.id)).where(Job.task == "make_previews", waiting)
            )
            or 0
        )
