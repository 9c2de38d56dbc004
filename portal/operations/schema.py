"""The schema: migrating, and checking it against the models.

With the grants of the application's role.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from portal.foundation.database import Base, Database
from portal.operations.digest import differences, digest
from portal.settings import ROOT
from portal.tenancy.fences import (
    lacking_extension,
    lowered_fences,
    missing_triggers,
    role_faults,
    unfenced_tables,
)

FOLDER = ROOT / "migrations"


class SchemaFault(Exception):
    """The database is not as the application needs it; the message says what to do."""


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def migrate(database: Database, *, grant_to: str | None = None, revision: str = "head") -> None:
    """Brings the schema to `revision`.

    On PostgreSQL lets the role `grant_to` read and write rows, and nothing else.

    SchemaFault, and nothing is changed, where a balance, a number, a check word or a snapshot would
    not be what it was.
    """
    with database.engine.execution_options(begin="IMMEDIATE").connect() as connection:
        if connection.dialect.name == "sqlite":
            raw = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        with connection.begin():
            if MigrationContext.configure(connection).get_current_revision() != _head(revision):
                _upgrade(connection, revision)
            if connection.dialect.name == "sqlite":
                _check_keys(connection)
            elif grant_to:
                _grant(connection, grant_to)
        if connection.dialect.name == "sqlite":
            raw.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]


def check_schema(database: Database) -> None:
    """SchemaFault where the schema is not what the models say.

    Not at its head, without a column or a fence, or with a role that could pass the fences.
    """
    head = _head("head")
    with database.engine.execution_options(begin="DEFERRED").connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
        if present != head:
            raise SchemaFault(
                f"the schema is at {present}, the application needs {head}: run `portal migrate`"
            )
        lacking = missing_columns(connection)
        faults = [
            *role_faults(connection),
            *sorted(missing_triggers(connection)),
            *sorted(unfenced_tables(connection)),
        ]
    if lacking:
        raise SchemaFault(
            f"the schema says it is at {present} but lacks {', '.join(lacking)}: it was "
            "migrated by another"
            " version of the portal; run `portal migrate`, and restore a backup if this stays"
        )
    if faults:
        raise SchemaFault("refusing to serve: " + "; ".join(faults))


def missing_columns(connection: Connection) -> list[str]:
    """Columns of the models, as `table.column`, that the database lacks.

    A table that lacks stands by its name.
    """
    inspector = sa.inspect(connection)
    known = set(inspector.get_table_names())
    found = []
    for table in Base.metadata.sorted_tables:
        if table.name not in known:
            found.append(table.name)
            continue
        present = {column["name"] for column in inspector.get_columns(table.name)}
        found += [f"{table.name}.{c.name}" for c in table.columns if c.name not in present]
    return sorted(found)


def head_file() -> Path:
    """The file that names the newest migration, so that two parallel ones collide in git."""
    return FOLDER / "HEAD"


def _head(revision: str) -> str | None:
    return ScriptDirectory(str(FOLDER)).get_current_head() if revision == "head" else revision


def check_extension(connection: Connection) -> None:
    """SchemaFault where PostgreSQL lacks an extension that the tables' owner cannot make itself.

    It says the line to run.
    """
    line = lacking_extension(connection)
    if line:
        raise SchemaFault(
            "PostgreSQL lacks an extension, and this role may not make it. Let an "
            f"administrator run this in the portal's database, then `portal migrate`:  {line}"
        )


def _upgrade(connection: Connection, revision: str) -> None:
    check_extension(connection)
    before = digest(connection)
    with lowered_fences(connection):
        command.upgrade(alembic_config(connection), revision)
    changed = differences(before, digest(connection))
    if changed:
        raise SchemaFault(
            "nothing was migrated: it would change what must stay as it is "
            f"({'; '.join(changed)}); keep the database and ask who wrote the migration"
        )


def _check_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise SchemaFault(f"the migration breaks references: {broken[:5]}")


def _grant(connection: Connection, role: str) -> None:
    quoted = connection.dialect.identifier_preparer.quote(role)
    schema = connection.dialect.identifier_preparer.quote(
        connection.execute(sa.select(sa.func.current_schema())).scalar_one()
    )
    for statement in (
        f"GRANT USAGE ON SCHEMA {schema} TO {quoted}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {quoted}",
        "REVOKE INSERT, UPDATE, DELETE ON chamber, chamber_domain, installation, "
        f"alembic_version FROM {quoted}",
    ):
        connection.exec_driver_sql(statement)
