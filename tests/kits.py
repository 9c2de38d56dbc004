"""What a house is made of and the next one takes over.

Making an application, and compiling its statements anew, is most of what a short test costs.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from portal.app import create_app
from portal.files.store import open_store
from portal.foundation.clock import StandingClock
from portal.foundation.database import Database
from portal.foundation.secrecy import Sealer
from portal.settings import Settings
from portal.tenancy.session import Doors
from portal.web.world import World


class MovingDatabase(Database):
    """A database that moves on to another address.

    What SQLAlchemy compiled for it stays compiled.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = sa.make_url(url)
        event.listen(self.engine, "do_connect", self._connect)

    def _connect(
        self, dialect: sa.Dialect, _record: object, _arguments: object, _options: object
    ) -> Any:
        arguments, options = dialect.create_connect_args(self.url)
        return dialect.connect(*arguments, **options)

    def move(self, url: str, *, locking: bool) -> None:
        """Closes the pool; new connections go to the new address, with the locks or without."""
        self.dispose()
        self.url, self.locking = sa.make_url(url), locking
        self.snapshot = self.reading if self.is_sqlite else self.snapshot
        self.writing = self.engine.execution_options(begin="IMMEDIATE" if locking else "DEFERRED")


@dataclass
class Kit:
    """An application, its database, and the database as its owner sees it."""

    app: Flask
    database: MovingDatabase
    owner: MovingDatabase


_RESTING: dict[tuple[str, ...], list[Kit]] = {}


def take_kit(settings: Settings, clock: StandingClock, *, locking: bool) -> Kit:
    """A kit that rests, moved to an installation, or a new one."""
    owner_url = settings.owner_database_url or settings.database_url
    resting = _RESTING.setdefault(_kind(settings), [])
    if resting:
        kit = resting.pop()
    else:
        database = MovingDatabase(settings.database_url)
        kit = Kit(
            create_app(settings, clock=clock, database=database),
            database,
            MovingDatabase(owner_url),
        )
    kit.database.move(settings.database_url, locking=locking)
    kit.owner.move(owner_url, locking=True)
    sealer = Sealer(settings.secret_key)
    kit.app.extensions["world"] = World(
        settings, Doors(kit.database, clock, sealer), open_store(settings.files), sealer, kit.app
    )
    return kit


def lay_down(kit: Kit, settings: Settings) -> None:
    """Closes both pools and keeps the kit for the next."""
    kit.database.dispose()
    kit.owner.dispose()
    _RESTING[_kind(settings)].append(kit)


def _kind(settings: Settings) -> tuple[str, ...]:
    return (
        settings.secret_key,
        settings.base_domain,
        settings.scheme,
        sa.make_url(settings.database_url).drivername,
    )
