"""Two invented chambers full of life, as earlier schemas kept them, and how a database's values are
read.
"""

import datetime as dt
import json
import re
import uuid
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Values = dict[tuple[str, str], dict[str, Any]]


def populate(connection: Connection, revision: str) -> None:
    """Fills the schema of `revision` with the rows of `two_chambers_<revision>.jsonl`."""
    tables = reflected(connection)
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in (
        Path(__file__)
        .with_name(f"two_chambers_{revision}.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()
    ):
        entry = json.loads(line)
        rows.setdefault(entry["table"], []).append(entry["row"])
    for table in tables.sorted_tables:
        for row in rows.get(table.name, ()):
            values = {name: _value(table.c[name], value) for name, value in row.items()}
            connection.execute(sa.insert(table).values(values))


def reflected(connection: Connection) -> sa.MetaData:
    """The tables that a database has."""
    tables = sa.MetaData()
    tables.reflect(connection)
    return tables


def values_of(connection: Connection) -> Values:
    """Every value of every row, by table and key."""
    found: Values = {}
    for table in reflected(connection).sorted_tables:
        if table.name != "alembic_version":
            for row in connection.execute(sa.select(table)).mappings():
                key = " ".join(str(row[column.name]) for column in table.primary_key.columns)
                found[table.name, key] = dict(row)
    return found


def changes(before: Values, after: Values) -> set[str]:
    """Which values that stood before are not the same after, as `table.column`.

    `table` for a row that is gone.
    """
    found = set()
    for (table, key), row in before.items():
        now = after.get((table, key))
        if now is None:
            found.add(table)
            continue
        found |= {
            f"{table}.{name}" for name, value in row.items() if name in now and now[name] != value
        }
    return found


def _value(column: sa.Column[Any], value: object) -> object:
    if isinstance(value, str) and UUID.fullmatch(value):
        return uuid.UUID(value) if isinstance(column.type, sa.UUID) else uuid.UUID(value).hex
    if isinstance(column.type, sa.DateTime):
        return dt.datetime.fromisoformat(str(value))
    return dt.date.fromisoformat(str(value)) if isinstance(column.type, sa.Date) else value
