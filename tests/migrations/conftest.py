"""Databases whose owner may not bypass row-level security, as a provider often grants it."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from portal.foundation.database import Database

ROLE = (
    "DO $$ BEGIN CREATE ROLE plain_owner LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD 'x'; "
    "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
)


@pytest.fixture
def above(empty_database: str) -> Iterator[Database]:
    """The empty database as whoever stands above every wall: the superuser, or SQLite itself."""
    database = Database(empty_database)
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(ROLE)
            connection.exec_driver_sql("GRANT CREATE, USAGE ON SCHEMA public TO plain_owner")
            connection.exec_driver_sql("CREATE EXTENSION btree_gist")
    yield database
    database.dispose()


@pytest.fixture
def owner(above: Database, empty_database: str) -> Iterator[Database]:
    """The same database as its plain owner."""
    url = sa.make_url(empty_database)
    if not above.is_sqlite:
        url = url.set(username="plain_owner", password="x")
    database = Database(url.render_as_string(hide_password=False))
    yield database
    database.dispose()
