"""Starting what serves and works, and what is asked before."""

import os
import signal
import socket
import sys
from types import FrameType
from typing import NoReturn

from portal.app import create_app
from portal.foundation.clock import Clock
from portal.foundation.database import Database
from portal.foundation.secrecy import Sealer
from portal.jobs.worker import Worker
from portal.operations import doctor as doctors
from portal.operations.keys import check_key
from portal.operations.schema import check_schema
from portal.operations.supervisor import Child, end_now, own, supervise
from portal.settings import Settings, read_settings
from portal.tenancy.session import Doors
from portal.web.world import World


class Stopped(Exception):
    """A command cannot go on; the message says why and what to do."""


def open_world(settings: Settings) -> World:
    """The application of these settings, with what everything needs."""
    world: World = create_app(settings).extensions["world"]
    return world


def owner_doors(settings: Settings) -> Doors:
    """Sessions as the owner of the tables, who makes chambers and seals anew."""
    sealer = Sealer(settings.secret_key, *settings.older_secret_keys)
    return Doors(Database(settings.owner_database_url or settings.database_url), Clock(), sealer)


def check_installation(settings: Settings) -> None:
    """Refuses (SchemaFault, WrongKey) where schema, role or key are not as they must be."""
    doors = Doors(
        Database(settings.database_url),
        Clock(),
        Sealer(settings.secret_key, *settings.older_secret_keys),
    )
    check_schema(doors.database)
    check_key(doors)
    doors.database.dispose()
    for line in doctors.examine(os.environ):
        print(f"portal: {line}", file=sys.stderr)


def start_serving(settings: Settings, host: str) -> NoReturn:
    """The web server and a worker, each a process of its own; this one keeps both."""
    must_be_free(host, settings.port)
    web = own("portal.operations.web_server", host, str(settings.port))
    worker = own("portal.cli", "work", "--with-parent")
    end_now(supervise([Child("web server", web, must_begin=True), Child("worker", worker)]))


def must_be_free(host: str, port: int) -> None:
    """Stopped where somebody listens there already.

    The server itself would share the port with them in silence.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, port), family=family, reuse_port=False).close()
    except OSError as error:
        raise Stopped(
            f"nothing can listen on {host}:{port} ({error.strerror}); end what does, or set "
            "PORTAL_PORT"
        ) from error


def start_working() -> NoReturn:
    """A worker alone, until it is told to stop."""
    os.nice(5)
    world = open_world(read_settings())
    worker = Worker(world.doors, world)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker.run_forever()
    end_now(0)
