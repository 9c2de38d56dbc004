"""A worker in a process of its own, which the test kills in the middle of a job.

Usage: python -m tests.jobs.killed_worker URL FILES MARK
"""

import datetime as dt
import sys
import time
from pathlib import Path

from portal.app import create_app
from portal.jobs.registry import Task, register
from portal.jobs.worker import Worker
from portal.membership.models import Grade
from portal.settings import Settings
from portal.tenancy.session import ChamberSession


def main(url: str, files: str, mark: str) -> None:
    """Says `working` in the file `mark`, then works for as long as it stands there."""

    def work(_world: object, _prepared: None) -> None:
        Path(mark).write_text("working")
        while Path(mark).exists():
            time.sleep(0.02)

    def finish(session: ChamberSession, _worked: object) -> None:
        session.add(Grade(name_zh="survived", name_en="survived", position=50))

    register(Task("long_work", finish, work=work))
    app = create_app(Settings("k" * 40, url, url, "localhost", files, None, "portal@localhost", "http", 8000))
    world = app.extensions["world"]
    Worker(world.doors, world, lease=dt.timedelta(seconds=1)).run_forever(pause=0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
