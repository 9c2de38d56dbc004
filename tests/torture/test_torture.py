"""Killed with -9 at random moments under load, its mail server away, its disk full.

Nothing is lost, nothing comes twice.

`make torture` goes on for ten minutes on each database, PostgreSQL restarted meanwhile; `make test`
for half a minute.
"""

import contextlib
import os
import random
import resource
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from portal.admission.applications.models import Application
from portal.foundation.clock import Clock
from portal.foundation.secrecy import Sealer
from portal.jobs.models import Job, JobState, Mail, MailState
from portal.operations.verify import verify
from portal.tenancy.session import Doors
from tests.cast import House
from tests.jobs.killing import until
from tests.jobs.test_mail import Postbox, postbox_at
from tests.scenes import grade_id
from tests.servers import PATIENCE, free_port, processes_of, start_portal, until_healthy
from tests.torture.conftest import DurableServer
from tests.torture.load import Kept, is_true, run_load

SHORT, LONG = 30, 600


@pytest.fixture
def seconds(request: pytest.FixtureRequest) -> int:
    """How long the portal is tortured."""
    return LONG if request.config.getoption("--torture") else SHORT


class Portal:
    """`portal serve` as a service manager keeps it.

    Started again whenever its main process has ended.
    """

    def __init__(self, database_url: str, folder: Path, **settings: str) -> None:
        self.database_url, self.folder, self.settings = database_url, folder, settings
        self.port = free_port()
        self.server = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return start_portal(self.database_url, self.folder, self.port, **self.settings)

    def kill(self, what: str) -> None:
        """Kills one of its processes with -9.

        The main one is started again once its port is free.
        """
        if what == "main":
            self.server.kill()
            self.server.wait()
        else:
            for process in processes_of(
                self.server, {"worker": "portal.cli", "web": "web_server"}[what]
            )[-1:]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        self.keep()

    def keep(self) -> None:
        """Starts the main process again where it has ended."""
        if self.server.poll() is not None:
            time.sleep(2)
            self.server = self._start()

    def fill_disk(self, full: bool) -> None:
        """Lets its processes write no file beyond a few bytes, or as they like again."""
        for process in processes_of(self.server, "portal"):
            with contextlib.suppress(psutil.Error):
                hard = process.rlimit(resource.RLIMIT_FSIZE)[1]
                process.rlimit(resource.RLIMIT_FSIZE, (64 if full else hard, hard))

    def stop(self) -> None:
        """Ends it as a service manager does."""
        self.server.terminate()
        self.server.wait(PATIENCE)


def _torture(
    portal: Portal,
    box: Postbox,
    seconds: int,
    dice: random.Random,
    more: Mapping[str, Callable[[], object]],
) -> Counter[str]:
    """Does one thing after another to the portal, each before any comes again.

    Returns how often each.
    """
    acts: dict[str, Callable[[], object]] = {
        "worker": lambda: portal.kill("worker"),
        "web": lambda: portal.kill("web"),
        "main": lambda: portal.kill("main"),
        "mail": lambda: setattr(box, "closed", not box.closed),
        "disk": lambda: (portal.fill_disk(True), time.sleep(1), portal.fill_disk(False)),
        **more,
    }
    did: Counter[str] = Counter()
    turns: list[str] = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        time.sleep(0.5 + dice.random() * 2.5)
        turns = turns or dice.sample(sorted(acts), len(acts))
        act = turns.pop()
        acts[act]()
        did[act] += 1
        portal.keep()
    return did


def _check(house: House, doors: Doors, kept: Kept, box: Postbox) -> None:
    """Whatever somebody was told is kept once; nothing failed for good.

    All that is kept fits together.
    """
    came = Counter(str(mail["Message-ID"]) for mail in box.mails)
    with doors.chamber(house.jia.id) as session:
        known = Counter(session.scalars(sa.select(Application.uscc)))
        mails = {mail.id: mail for mail in session.scalars(sa.select(Mail))}
        failed = session.scalars(sa.select(Job.error).where(Job.state == JobState.FAILED)).all()
    assert failed == []
    assert [code for code in kept.forms if known[code] != 1] == [], (
        "forms that were taken are there, once"
    )
    assert {str(mail_id) for mail_id in mails} >= set(kept.mails), (
        "mails that were called for are there"
    )
    assert {mail.state for mail in mails.values()} == {MailState.SENT}
    assert [str(mail_id) for mail_id in mails if not came[f"<{mail_id}@localhost>"]] == [], (
        "and have come"
    )
    confirms = Counter(
        mail.to_address for mail in mails.values() if mail.template == "applications/confirm"
    )
    assert [address for address, count in confirms.items() if count > 1] == []
    assert [told for told in kept.healths if not is_true(told)] == []
    assert [line for line, fault in verify(house.world) if fault] == []
    print(
        f"forms {len(kept.forms)}, mails {len(mails)}, of which twice "
        f"{sum(count > 1 for count in came.values())}, answers {kept.answers}"
    )


def _is_idle(doors: Doors) -> bool:
    undone = Job.state.in_([JobState.READY, JobState.RUNNING])
    with doors.platform() as session:
        return (
            session.scalar(sa.select(sa.func.count(Job.id)).where(undone, Job.task != "nothing"))
            == 0
        )


def _drain(doors: Doors) -> None:
    """Waits for the queue to run empty.

    What rests after an outage is put back in line, as `portal retry` and time would.
    """

    def drained() -> bool:
        with doors.platform(writing=True) as session:
            later = sa.update(Job).where(Job.state == JobState.READY, Job.run_at > session.now())
            session.execute(later.values(run_at=session.now()))
        return _is_idle(doors)

    until(drained)


def _play(
    house: House, folder: Path, seconds: int, more: Mapping[str, Callable[[], object]]
) -> Kept:
    """Tortures a portal under load, goes on until it took something at all (a crowded machine is
    slow), and then checks what it keeps.
    """
    seed = int(os.environ.get("TORTURE_SEED", time.time_ns()))
    print(f"TORTURE_SEED={seed}")
    doors, smtp = (
        Doors(house.doors.database, Clock(), Sealer(house.settings.secret_key)),
        free_port(),
    )
    ends = threading.Event()
    with postbox_at(smtp) as box:
        portal = Portal(
            house.settings.database_url,
            folder,
            PORTAL_SMTP_URL=f"smtp://127.0.0.1:{smtp}",
            PORTAL_FILES=house.settings.files,
        )
        try:
            until_healthy(portal.port, portal.server, folder / "log")
            kept, threads = run_load(portal.port, doors, house.jia.id, grade_id(house), ends)
            try:
                did = _torture(portal, box, seconds, random.Random(seed), more)
                until(lambda: bool(kept.forms and kept.mails and kept.healths))
            finally:
                ends.set()
                for thread in threads:
                    thread.join()
            box.closed = False
            portal.keep()
            _drain(doors)
        finally:
            portal.stop()
        print(
            f"acts {dict(did)}, health asked for {len(kept.healths)} times: "
            f"{Counter(told['status'] for told in kept.healths)}"
        )
        house.clock.at = Clock().now()
        _check(house, doors, kept, box)
        return kept


@pytest.mark.both_databases
def test_nothing_is_lost_and_nothing_comes_twice(
    house: House, request: pytest.FixtureRequest, tmp_path: Path, seconds: int
) -> None:
    more: dict[str, Callable[[], object]] = {}
    if not house.doors.database.is_sqlite:
        server: DurableServer = request.getfixturevalue("durable_server")
        more["postgres"] = server.restart
    assert _play(house, tmp_path, seconds, more).forms
