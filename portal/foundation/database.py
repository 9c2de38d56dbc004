"""Engines for both databases, the declarative base, and the column types every table uses."""

import datetime as dt
import json
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase

BUSY_TIMEOUT_MS = 10_000
POOL_TIMEOUT = 5
"""Seconds that a request waits for a connection before it is told that the portal is busy."""
SORTED_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


class Base(DeclarativeBase):
    """The base of all tables, with names for every constraint."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Instant(sa.types.TypeDecorator[dt.datetime]):
    """An aware instant, kept in UTC; a naive value is refused (ValueError)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: dt.datetime | None, dialect: sa.Dialect
    ) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self, value: dt.datetime | None, dialect: sa.Dialect
    ) -> dt.datetime | None:
        return (
            value
            if value is None
            else value.replace(tzinfo=dt.UTC)
            if value.tzinfo is None
            else value.astimezone(dt.UTC)
        )


def choice(kind: type[StrEnum], name: str) -> sa.Enum:
    """A column type for a StrEnum, kept as its value, with a CHECK called `name`."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name,
        values_callable=lambda e: [m.value for m in e],
    )


class Database:
    """Three engines over one pool.

    `reading` begins plainly, `snapshot` reads all as it stood at one instant, `writing` takes
    SQLite's one write lock at once.

    `locking=False` exists for negative controls in tests: it takes the locks away. No setting
    reaches it.
    """

    def __init__(self, url: str, *, locking: bool = True, pool_size: int = 10) -> None:
        self.locking = locking
        self.engine = _engine(url, pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.reading: Engine = self.engine.execution_options(begin="DEFERRED")
        self.snapshot: Engine = (
            self.reading
            if self.is_sqlite
            else self.engine.execution_options(begin="DEFERRED", isolation_level="REPEATABLE READ")
        )
        self.writing: Engine = self.engine.execution_options(
            begin="IMMEDIATE" if locking else "DEFERRED"
        )

    def keep_statistics(self) -> None:
        """Lets SQLite look at its tables, so that its planner knows which index is worth using.

        PostgreSQL does so by itself.
        """
        if self.is_sqlite:
            with self.writing.begin() as connection:
                connection.exec_driver_sql("PRAGMA optimize=0x10002")

    def dispose(self) -> None:
        """Closes the pool."""
        self.engine.dispose()


def _engine(url: str, pool_size: int) -> Engine:
    if url.startswith("sqlite"):
        engine = sa.create_engine(
            url,
            json_serializer=_json,
            hide_parameters=True,
            pool_size=pool_size,
            max_overflow=100,
            pool_timeout=POOL_TIMEOUT,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sa.create_engine(
        url,
        json_serializer=_json,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=20,
        pool_timeout=POOL_TIMEOUT,
        pool_pre_ping=True,
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "recursive_triggers=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {mode}")
