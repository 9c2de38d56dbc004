"""Migrations 0005, 0013 and 0014 were rewritten after they had landed.

Whichever text ran, 0015 leads to one schema.
"""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.engine import Connection

from portal.foundation.database import Base, Database
from portal.operations.schema import SchemaFault, check_schema, migrate, missing_columns
from portal.tenancy.fences import lowered_fences
from tests.migrations.populations import populate

pytestmark = pytest.mark.both_databases
STANDING = sa.text("state NOT IN ('void', 'credited')")
DAY = dt.date(2026, 9, 1)


def _first(op: Operations) -> None:
    op.add_column(
        "dues_suspension", sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("membership", sa.Column("lapsed_on", sa.Date(), nullable=True))


def _second(op: Operations) -> None:
    _first(op)
    op.drop_index("uq_invoice_standing", table_name="invoice")
    with op.batch_alter_table("invoice") as table:
        table.add_column(sa.Column("supplement", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("rate_id", sa.Uuid(), nullable=True))
        key = ["chamber_id", "rate_id"]
        table.create_foreign_key(
            "fk_invoice_chamber_id_rate_id", "dues_rate", key, ["chamber_id", "id"]
        )
    with op.batch_alter_table("invoice") as table:
        table.alter_column("supplement", server_default=None)
    columns = ["chamber_id", "enterprise_id", "dues_year", "supplement"]
    rule = {"postgresql_where": STANDING, "sqlite_where": STANDING}
    op.create_index("uq_invoice_standing", "invoice", columns, unique=True, **rule)


def _oldest(op: Operations) -> None:
    _first(op)
    for table, name, columns in (
        ("application", "ix_application_queue", ["chamber_id", "state", "submitted_at"]),
        ("application_step", "ix_application_step_queue", ["chamber_id", "state", "opened_at"]),
    ):
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns)


@pytest.fixture
def at_0013(above: Database, owner: Database) -> Database:
    """A populated installation at 0013, with one reminder that an approval expires."""
    migrate(owner, revision="0001")
    with above.engine.begin() as connection:
        populate(connection, "0001")
    migrate(owner, revision="0013")
    with above.engine.begin() as connection:
        _remind(connection)
    return owner


def _remind(connection: Connection) -> None:
    tables = sa.MetaData()
    tables.reflect(connection, only=["application", "expiry_reminder"])
    application, reminder = tables.tables["application"], tables.tables["expiry_reminder"]
    row = connection.execute(sa.select(application.c.chamber_id, application.c.id)).first()
    assert row is not None
    connection.execute(
        sa.update(application).where(application.c.id == row.id).values(expires_on=DAY)
    )
    new_id = uuid.uuid4() if connection.dialect.name == "postgresql" else uuid.uuid4().hex
    sent = {"days_before": 7, "sent_at": dt.datetime(2026, 8, 25, tzinfo=dt.UTC)}
    connection.execute(
        sa.insert(reminder).values(
            chamber_id=row.chamber_id, id=new_id, application_id=row.id, **sent
        )
    )


def _run(database: Database, text: Callable[[Operations], None]) -> None:
    """Runs an earlier text of 0014 as it was run then, and says that 0014 ran."""
    batch = {"render_as_batch": database.is_sqlite}
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]
        with connection.begin(), lowered_fences(connection):
            with Operations.context(MigrationContext.configure(connection, opts=batch)) as op:  # type: ignore[attr-defined]
                text(op)
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0014'")
        if database.is_sqlite:
            connection.connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[attr-defined]


@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables:sqlalchemy.exc.SAWarning")
@pytest.mark.parametrize("text", [_oldest, _first, _second])
def test_an_earlier_text_of_0014_is_brought_to_the_same_state(
    above: Database, at_0013: Database, text: Callable[[Operations], None]
) -> None:
    _run(at_0013, text)
    with above.engine.connect() as connection:
        assert "expiry_reminder.expires_on" in missing_columns(connection)
    migrate(at_0013)
    with above.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        told = connection.exec_driver_sql("SELECT expires_on FROM expiry_reminder").scalar_one()
        assert str(told) == str(DAY)


def test_a_schema_that_says_its_head_and_lacks_a_column_is_refused(
    database_urls: tuple[str, str],
) -> None:
    database = Database(database_urls[1])
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE membership DROP COLUMN lapsed_on")
    with pytest.raises(SchemaFault, match=r"lacks membership\.lapsed_on"):
        check_schema(database)
    database.dispose()
