"""A worker in a process of its own, which a test kills in the middle of its work.

Usage: python -m tests.jobs.killed_worker URL FILES MARK STRIPE [TABLE]
"""

import dataclasses
import datetime as dt
import sys
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.jobs.registry import Task, register
from portal.jobs.worker import Worker
from portal.members.membership.models import Grade
from portal.settings import Settings
from portal.tenancy.session import ChamberSession


def main(url: str, files: str, mark: str, stripe: str, table: str = "") -> None:
    """Says `working` in the file `mark` and stands still for as long as it is there.

    In a task of its own, and before the second row of `table` is committed.
    """

    def stand_still() -> None:
        Path(mark).write_text("working")
        while Path(mark).exists():
            time.sleep(0.02)

    def finish(session: ChamberSession, _worked: object) -> None:
        session.add(Grade(name_zh="survived", name_en="survived", position=50))

    added = 0

    def count(session: Session, _context: object) -> None:
        nonlocal added
        rows = [
            row for row in session.new if sa.inspect(row).mapper.local_table.description == table
        ]
        added += len(rows)
        if rows and added == 2:
            stand_still()

    sa.event.listen(Session, "after_flush", count)
    register(Task("long_work", finish, work=lambda _world, _prepared: stand_still()))
    settings = Settings(
        "k" * 40, url, url, "localhost", files, None, "portal@localhost", "http", 8000
    )
    world = create_app(dataclasses.replace(settings, stripe_url=stripe)).extensions["world"]
    Worker(world.doors, world, lease=dt.timedelta(seconds=1)).run_forever(pause=0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
