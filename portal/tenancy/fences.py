"""What the database itself keeps.

Row-level security on every owned table, and triggers that refuse change.

The same helpers serve migrations and the checks that compare a migrated schema with the models.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from portal.foundation.database import Base
from portal.tenancy.models import ChamberOwned

APPEND_ONLY: set[str] = set()
T = TypeVar("T", bound=type[Base])


APART: set[str] = set()
"""The tables whose periods the database keeps apart."""
EXTENSION = "btree_gist"
"""What PostgreSQL needs to compare owners and periods in one constraint."""
_FUNCTION = """
CREATE OR REPLACE FUNCTION app_chamber() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.chamber_id', true), '')::uuid $$
"""
_REFUSAL = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'append-only table: %', TG_TABLE_NAME; END $$
"""
_BYPASSES = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


def append_only(model: T) -> T:
    """Class decorator: rows of this table are only ever added.

    Triggers refuse UPDATE and DELETE on both engines.
    """
    APPEND_ONLY.add(str(model.__tablename__))
    return model


def kept_apart(model: T) -> T:
    """Class decorator: the database refuses two rows of this table whose periods overlap.

    A migration says of which (keep_apart).
    """
    APART.add(str(model.__tablename__))
    return model


def owned_tables() -> set[str]:
    """The names of all chamber-owned tables."""
    return {
        str(m.local_table.description)
        for m in Base.registry.mappers
        if issubclass(m.class_, ChamberOwned)
    }


def raise_fences(run: Callable[[str], object], dialect: str, tables: set[str]) -> None:
    """Row-level security, ENABLE and FORCE, for `tables` on PostgreSQL.

    Nothing on SQLite, which has none.
    """
    if dialect != "postgresql":
        return
    run(_FUNCTION)
    for table in sorted(tables):
        run(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        run(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        run(f'DROP POLICY IF EXISTS chamber_only ON "{table}"')
        run(
            f'CREATE POLICY chamber_only ON "{table}" USING (chamber_id = (SELECT '
            "app_chamber())) WITH CHECK (chamber_id = (SELECT app_chamber()))"
        )


@contextmanager
def lowered_fences(connection: Connection) -> Iterator[None]:
    """Lets an owner reach every row for the rest of this transaction (PostgreSQL).

    One who may not bypass row-level security.

    Forced security would hide all rows from such an owner: a migration would fill in nothing, and
    say nothing. Each call raises what it lowered itself, so that one within another leaves the
    outer one's fences down.
    """
    forced = (
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND "
        "relnamespace = current_schema()::regnamespace AND pg_has_role(relowner, 'MEMBER')"
    )
    if connection.dialect.name == "sqlite" or connection.execute(sa.text(_BYPASSES)).scalar():
        yield
        return
    lowered = connection.execute(sa.text(forced)).scalars().all()
    for table in lowered:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
    yield
    for table in lowered:
        connection.exec_driver_sql(f'ALTER TABLE IF EXISTS "{table}" FORCE ROW LEVEL SECURITY')


def refuse_changes(run: Callable[[str], object], dialect: str, tables: set[str]) -> None:
    """Makes (again) the triggers that refuse UPDATE and DELETE on append-only `tables`."""
    if dialect == "postgresql":
        run(_REFUSAL)
    for table in sorted(tables):
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_refuses_{verb.lower()}"
            if dialect == "postgresql":
                run(f'DROP TRIGGER IF EXISTS {name} ON "{table}"')
                run(
                    f'CREATE TRIGGER {name} BEFORE {verb} ON "{table}" FOR EACH ROW EXECUTE '
                    "FUNCTION refuse_change()"
                )
            else:
                run(f'DROP TRIGGER IF EXISTS "{name}"')
                run(
                    f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" BEGIN SELECT '
                    f"RAISE(ABORT, 'append-only table: {table}'); END"
                )


def allow_changes(run: Callable[[str], object], dialect: str, tables: set[str]) -> None:
    """Takes the triggers of append-only `tables` away while a migration fills in a new column.

    Refuse_changes makes them again.
    """
    for table in sorted(tables):
        for verb in ("update", "delete"):
            run(
                f'DROP TRIGGER IF EXISTS {table}_refuses_{verb} ON "{table}"'
                if dialect == "postgresql"
                else f'DROP TRIGGER IF EXISTS "{table}_refuses_{verb}"'
            )


def keep_apart(
    run: Callable[[str], object],
    dialect: str,
    table: str,
    owner: str,
    first: str,
    last: str,
    where: str,
) -> None:
    """Makes (again) what refuses two rows of one `owner` whose days overlap.

    From `first` to `last`, of the rows for which `where` (SQL) holds.

    An exclusion constraint on PostgreSQL, which needs EXTENSION; on SQLite triggers, which read
    this table alone.
    """
    if dialect == "postgresql":
        run(f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS {table}_apart')
        days = f"daterange({first}, {last}, '[]')"
        run(
            f'ALTER TABLE "{table}" ADD CONSTRAINT {table}_apart EXCLUDE USING gist '
            f"(chamber_id WITH =, {owner} WITH =, {days} WITH &&) WHERE ({where})"
        )
        return
    it = (
        f'EXISTS (SELECT 1 FROM "{table}" WHERE chamber_id = NEW.chamber_id AND id = NEW.id '
        f"AND {where})"
    )
    other = (
        f"chamber_id = NEW.chamber_id AND {owner} = NEW.{owner} AND id <> NEW.id AND {first} "
        f"<= NEW.{last} AND {last} >= NEW.{first} AND {where}"
    )
    for verb in ("insert", "update"):
        run(f'DROP TRIGGER IF EXISTS "{table}_apart_{verb}"')
        run(
            f'CREATE TRIGGER "{table}_apart_{verb}" AFTER {verb} ON "{table}" WHEN {it} AND '
            f'EXISTS (SELECT 1 FROM "{table}" WHERE {other})'
            f" BEGIN SELECT RAISE(ABORT, 'overlapping periods: {table}'); END"
        )


def missing_triggers(connection: Connection) -> set[str]:
    """Triggers, and constraints of their kind, that the models call for and the database lacks."""
    wanted = {f"{table}_refuses_{verb}" for table in APPEND_ONLY for verb in ("update", "delete")}
    if connection.dialect.name == "sqlite":
        wanted |= {f"{table}_apart_{verb}" for table in APART for verb in ("insert", "update")}
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        wanted |= {f"{table}_apart" for table in APART}
        query = "SELECT tgname FROM pg_trigger UNION SELECT conname FROM pg_constraint"
    return wanted - set(connection.execute(sa.text(query)).scalars())


def lacking_extension(connection: Connection) -> str | None:
    """What a database administrator has to run first (PostgreSQL).

    Where this role cannot make the extension itself; None where nothing is to do.
    """
    if (
        connection.dialect.name == "sqlite"
        or connection.execute(
            sa.text("SELECT 1 FROM pg_extension WHERE extname = :name"), {"name": EXTENSION}
        ).scalar()
    ):
        return None
    able = (
        "SELECT trusted AND has_database_privilege(current_database(), 'CREATE') FROM "
        "pg_available_extension_versions WHERE name = :name ORDER BY 1 DESC LIMIT 1"
    )
    may = connection.execute(sa.text(able), {"name": EXTENSION}).scalar()
    if may or (
        may is not None
        and connection.execute(
            sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        ).scalar()
    ):
        return None
    return (
        f"CREATE EXTENSION {EXTENSION};"
        if may is not None
        else f"(install the server's contrib modules first)  CREATE EXTENSION {EXTENSION};"
    )


def unfenced_tables(connection: Connection) -> set[str]:
    """Owned tables without forced row-level security and its policy (PostgreSQL only)."""
    if connection.dialect.name == "sqlite":
        return set()
    fenced = connection.execute(
        sa.text(
            "SELECT c.relname FROM pg_class c JOIN pg_policies p ON p.tablename = c.relname "
            "AND p.policyname = 'chamber_only' WHERE c.relrowsecurity AND "
            "c.relforcerowsecurity"
        )
    ).scalars()
    return owned_tables() - set(fenced)


def role_faults(connection: Connection) -> list[str]:
    """Why the connected role may not serve requests.

    It owns tables, bypasses row security or may truncate (PostgreSQL).
    """
    if connection.dialect.name == "sqlite":
        return []
    faults = []
    if connection.execute(sa.text(_BYPASSES)).scalar():
        faults.append("the role is a superuser or bypasses row-level security")
    tables = (
        "SELECT count(*) FROM pg_class c WHERE c.relnamespace = "
        "current_schema()::regnamespace AND c.relkind = 'r' AND "
    )
    if connection.execute(sa.text(tables + "pg_has_role(c.relowner, 'MEMBER')")).scalar():
        faults.append("the role owns tables")
    if connection.execute(sa.text(tables + "has_table_privilege(c.oid, 'TRUNCATE')")).scalar():
        faults.append("the role may truncate tables")
    return faults
