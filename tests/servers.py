"""Servers of our own on loopback: free ports, and `portal serve` as it is run for real."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def portal_environment(database_url: str, files: Path, port: int) -> dict[str, str]:
    """The environment of an installation of its own, without any PORTAL_ variable of the person who runs the tests."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
    return clean | {
        "PORTAL_SECRET_KEY": "k" * 40,
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_BASE_DOMAIN": "localhost",
        "PORTAL_FILES": str(files),
        "PORTAL_SCHEME": "http",
        "PORTAL_PORT": str(port),
    }


@contextmanager
def portal_serving(database_url: str, folder: Path, **more: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """`portal serve` on loopback with its worker, with `more` settings; gives the port and the process, and ends both."""
    port = free_port()
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "portal.cli", "serve", "--host", "127.0.0.1"]
        server = subprocess.Popen(command, cwd=ROOT, env=portal_environment(database_url, folder / "files", port) | more, stdout=log, stderr=log)
        try:
            _until_healthy(port, server, folder / "log")
            yield port, server
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


def _until_healthy(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
            return
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(f"the server never answered: {log.read_text()}")
