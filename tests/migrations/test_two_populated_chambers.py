"""Every migration, on two chambers full of life: nothing is lost, and the walls stand again.

`two_chambers_0001.jsonl` holds the rows of two invented chambers as the first schema kept them.
"""

import datetime as dt
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from portal.foundation.database import Database
from portal.operations.schema import check_schema, migrate
from portal.tenancy.fences import lowered_fences, missing_triggers, unfenced_tables

ROWS = Path(__file__).with_name("two_chambers_0001.jsonl")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _value(column: sa.Column[Any], value: object) -> object:
    if isinstance(value, str) and UUID.fullmatch(value):
        return uuid.UUID(value) if isinstance(column.type, sa.UUID) else uuid.UUID(value).hex
    if isinstance(column.type, sa.DateTime):
        return dt.datetime.fromisoformat(str(value))
    return dt.date.fromisoformat(str(value)) if isinstance(column.type, sa.Date) else value


def _populate(connection: Connection) -> None:
    tables = sa.MetaData()
    tables.reflect(connection)
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in ROWS.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        rows.setdefault(entry["table"], []).append(entry["row"])
    for table in tables.sorted_tables:
        for row in rows.get(table.name, ()):
            connection.execute(sa.insert(table).values({name: _value(table.c[name], value) for name, value in row.items()}))


def _counts(connection: Connection) -> dict[str, int]:
    names = [n for n in sa.inspect(connection).get_table_names() if n != "alembic_version"]
    return {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one() for name in names}


@pytest.mark.both_databases
@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables:sqlalchemy.exc.SAWarning")
def test_nothing_is_lost_and_the_walls_stand(empty_database: str) -> None:
    database = Database(empty_database)
    migrate(database, revision="0001")
    with database.engine.begin() as connection:
        _populate(connection)
    with database.engine.connect() as connection:
        before = _counts(connection)
    migrate(database)
    with database.engine.connect() as connection:
        after = _counts(connection)
        to_index = 2 + 4 + 8  # each chamber's one enterprise with a contact becomes searchable by it; both of each by long initials; those and two applications by pinyin
        assert {name: after.get(name) for name in before} == before | {"job": before["job"] + to_index}
        assert min(before[name] for name in ("person", "invoice", "posting", "issued_paper", "audit_event")) >= 2
        assert missing_triggers(connection) == unfenced_tables(connection) == set()
        if database.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            check_schema(database)
    database.dispose()


@pytest.mark.parametrize("empty_database", ["postgresql"], indirect=True)
def test_an_owner_who_may_not_bypass_the_walls_still_reaches_every_row(empty_database: str) -> None:
    superuser = Database(empty_database)
    with superuser.engine.begin() as connection:
        connection.exec_driver_sql("DO $$ BEGIN CREATE ROLE plain_owner LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD 'x'; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        connection.exec_driver_sql("GRANT CREATE, USAGE ON SCHEMA public TO plain_owner")
    owner = Database(sa.make_url(empty_database).set(username="plain_owner", password="x").render_as_string(hide_password=False))
    migrate(owner, revision="0001")
    with superuser.engine.begin() as connection:
        _populate(connection)
    migrate(owner)
    backfill = "UPDATE person SET phone = 'filled in'"
    with owner.engine.begin() as connection:
        assert connection.exec_driver_sql(backfill).rowcount == 0
        with lowered_fences(connection):
            assert connection.exec_driver_sql(backfill).rowcount == 14
        assert connection.exec_driver_sql(backfill).rowcount == 0
        assert unfenced_tables(connection) == set()
    owner.dispose()
    superuser.dispose()
