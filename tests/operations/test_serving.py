"""`portal serve` keeps its processes, tells how they fare, and ends within seconds, however it is
ended.
"""

import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from portal.foundation.database import Database
from portal.operations.supervisor import Child, own
from portal.settings import ROOT
from tests.jobs.killing import until
from tests.servers import (
    PATIENCE,
    ask,
    free_port,
    health_of,
    portal_serving,
    processes_of,
    start_portal,
    until_healthy,
)


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port), reuse_port=False).close()
    except OSError:
        return False
    return True


@pytest.mark.either_database
def test_a_killed_worker_is_missed_and_started_again(
    database_urls: tuple[str, str], tmp_path: Path
) -> None:
    with portal_serving(database_urls[0], tmp_path) as (port, server):
        (worker,) = processes_of(server, "portal.cli")
        worker.kill()
        until(lambda: [p.pid for p in processes_of(server, "portal.cli")] not in ([], [worker.pid]))
        database = Database(database_urls[1])
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM worker_beat")
        assert health_of(port)["status"] == "silent"
        assert health_of(port)["code"] == 503
        assert ask(port, "/readyz")[0] == 200
        until_healthy(port, server, tmp_path / "log")
        with database.engine.connect() as connection:
            assert connection.execute(sa.text("SELECT count(*) FROM worker_beat")).scalar() == 1
        database.dispose()


def test_a_killed_web_server_answers_again(database_urls: tuple[str, str], tmp_path: Path) -> None:
    with portal_serving(database_urls[0], tmp_path) as (port, server):
        for process in processes_of(server, "web_server"):
            process.kill()
        until(lambda: ask(port, "/readyz")[0] == 200)
        assert server.poll() is None


def test_after_the_main_process_is_killed_nobody_keeps_the_port(
    database_urls: tuple[str, str], tmp_path: Path
) -> None:
    port = free_port()
    server = start_portal(database_urls[0], tmp_path, port)
    until_healthy(port, server, tmp_path / "log")
    below = psutil.Process(server.pid).children(recursive=True)
    assert len(below) >= 3
    server.kill()
    server.wait()
    until(lambda: _is_free(port))
    until(
        lambda: (
            not any(
                process.is_running() and process.status() != psutil.STATUS_ZOMBIE
                for process in below
            )
        )
    )


def test_a_port_that_is_taken_is_told_and_ends_the_start(
    database_urls: tuple[str, str], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = start_portal(database_urls[0], tmp_path, taken.getsockname()[1])
        assert server.wait(PATIENCE) == 1
    assert "nothing can listen on" in (tmp_path / "log").read_text()


def test_stopping_ends_within_ten_seconds_at_any_moment(
    database_urls: tuple[str, str], tmp_path: Path
) -> None:
    seed = time.time_ns()
    print(f"seed {seed}")
    dice = random.Random(seed)
    took = [_seconds_to_stop(database_urls[0], tmp_path, dice) for _ in range(12)]
    assert max(took) < 10, took


def _seconds_to_stop(database_url: str, folder: Path, dice: random.Random) -> float:
    """How long a portal takes to end that is told so at some moment of its start, or soon after its
    first answer.
    """
    port = free_port()
    server = start_portal(database_url, folder, port)
    try:
        if dice.random() < 0.5:
            until_healthy(port, server, folder / "log", word="ready")
        time.sleep(dice.random() * 3)
        below = psutil.Process(server.pid).children(recursive=True)
        server.send_signal(signal.SIGTERM)
        began = time.monotonic()
        server.wait(PATIENCE)
        took = time.monotonic() - began
    finally:
        server.kill()
        server.wait()
    assert not any(
        process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in below
    )
    assert _is_free(port)
    return took


def test_who_does_not_hear_is_killed_with_all_that_it_started() -> None:
    deaf = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, "
        "signal.SIG_IGN); {}time.sleep(600)"
    )
    below = f"subprocess.Popen([sys.executable, '-c', {deaf.format('')!r}]); "
    main = (
        "from portal.operations.supervisor import Child, own, supervise; "
        f"supervise([Child('deaf', [*own('x')[:1], '-c', {deaf.format(below)!r}])])"
    )
    server = subprocess.Popen([sys.executable, "-c", main], cwd=ROOT)
    family: list[psutil.Process] = []

    def complete() -> bool:
        family[:] = psutil.Process(server.pid).children(recursive=True)
        return len(family) == 2

    until(complete)
    server.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert server.wait(PATIENCE) == 0
    assert time.monotonic() - began < 10
    assert not any(
        process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family
    )


def test_what_dies_again_and_again_is_started_less_and_less_often() -> None:
    child = Child("thing", ["/bin/false"])
    waits = []
    for _ in range(9):
        child.due = 0
        assert child.look() is None
        assert child.process is not None
        child.process.wait()
        assert child.look() == 1
        waits.append(child.wait)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_who_starts_the_portal_twice_does_not_share_its_port(
    database_urls: tuple[str, str], tmp_path: Path
) -> None:
    with portal_serving(database_urls[0], tmp_path) as (port, _):
        second = start_portal(database_urls[0], tmp_path, port)
        assert second.wait(PATIENCE) == 1


def test_a_worker_alone_is_not_bound_to_who_started_it() -> None:
    said = subprocess.run(
        [*own("portal.cli", "work"), "--help"], capture_output=True, text=True, check=True
    )
    assert "--with-parent" not in said.stdout
