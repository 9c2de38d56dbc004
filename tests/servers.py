"""Servers of our own on loopback: free ports, and `portal serve` as it is run for real."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 900.0
"""Seconds after which a fact that a test waits for is held to be untrue.

A busy machine is slow and not wrong.
"""


_KEPT: deque[socket.socket] = deque()
MOST_KEPT = 256


def free_port() -> int:
    """A port that nobody listens on, kept from whoever asks for any port meanwhile.

    A server that shall have it may bind it all the same.
    """
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    _KEPT.append(kept)
    if len(_KEPT) > MOST_KEPT:
        _KEPT.popleft().close()
    return int(kept.getsockname()[1])


def portal_environment(database_url: str, files: Path, port: int) -> dict[str, str]:
    """The environment of an installation of its own, without any PORTAL_ variable of the person who
    runs the tests.
    """
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
    return clean | {
        "PORTAL_SECRET_KEY": "k" * 40,
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_BASE_DOMAIN": "localhost",
        "PORTAL_FILES": str(files),
        "PORTAL_SCHEME": "http",
        "PORTAL_PORT": str(port),
    }


def start_portal(
    database_url: str, folder: Path, port: int, **more: str
) -> subprocess.Popen[bytes]:
    """`portal serve` on loopback with its worker, with `more` settings.

    What it says goes to `log` in the folder.
    """
    command = [sys.executable, "-m", "portal.cli", "serve", "--host", "127.0.0.1"]
    with (folder / "log").open("ab") as log:
        environment = portal_environment(database_url, folder / "files", port) | more
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)


@contextmanager
def portal_serving(
    database_url: str, folder: Path, **more: str
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """`portal serve` on loopback with its worker, healthy.

    Gives the port and the process, and ends both.
    """
    port = free_port()
    server = start_portal(database_url, folder, port, **more)
    try:
        until_healthy(port, server, folder / "log")
        yield port, server
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE)


def ask(
    port: int,
    path: str,
    host: str = "localhost",
    source: str = "127.0.0.1",
    body: bytes | None = None,
) -> tuple[int, str]:
    """What a server answers, status and text, to whoever asks from `source`.

    Status 0 where it does not.
    """
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=PATIENCE, source_address=(source, 0)
    )
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
    try:
        connection.request("GET" if body is None else "POST", path, body, {"Host": host, **kind})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def health_of(port: int) -> dict[str, object]:
    """What /healthz says, "no word" where it is a page for people; empty where nobody answers."""
    status, text = ask(port, "/healthz")
    told = json.loads(text) if text.startswith("{") else {"status": "no word"}
    return told | {"code": status} if status else {}


def until_healthy(
    port: int,
    server: subprocess.Popen[bytes],
    log: Path,
    *,
    word: str = "ok",
    seconds: float = PATIENCE,
) -> None:
    """Waits until the web server answers and a worker was heard of.

    Or, with `ready`, until the web server answers.
    """
    ends = time.monotonic() + seconds
    while not (
        ask(port, "/readyz")[0] == 200 if word == "ready" else health_of(port).get("status") == word
    ):
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < ends, f"the server never was healthy: {log.read_text()}"
        time.sleep(0.1)


def processes_of(server: subprocess.Popen[bytes], word: str) -> list[psutil.Process]:
    """The processes below `portal serve` whose command names `word`."""
    try:
        below = psutil.Process(server.pid).children(recursive=True)
        return [process for process in below if any(word in part for part in process.cmdline())]
    except psutil.NoSuchProcess:
        return []
