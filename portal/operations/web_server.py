"""The web server: granian in front of the application, in a process of its own.

Usage: python -m portal.operations.web_server HOST PORT
"""

import resource
import sys

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server import Server

from portal.app import LARGEST_REQUEST, create_app
from portal.operations.supervisor import end_with_parent
from portal.settings import read_settings
from portal.web.bodies import App, serve_whole

CONNECTIONS, FILES = 8_192, 1_024
"""Connections that a web process holds open, most of them idle, and the files it needs beside them.

The limit of open files is raised where that may be done; where it may not, fewer connections are
taken.
"""


def make_app() -> App:
    """The application that each web process serves."""
    end_with_parent()
    settings = read_settings()
    return serve_whole(create_app(settings), LARGEST_REQUEST, settings.trusted_proxies)


def serve_web(host: str, port: int, *, processes: int = 1) -> None:
    """Serves until it is told to stop."""
    end_with_parent()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + FILES
    allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    Server(
        "portal.operations.web_server:make_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        websockets=False,
        workers=processes,
        backlog=1_024,
        backpressure=max(64, min(CONNECTIONS, allowed - FILES)),
        respawn_failed_workers=True,
        respawn_interval=1.0,
        workers_kill_timeout=5,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    serve_web(sys.argv[1], int(sys.argv[2]))
