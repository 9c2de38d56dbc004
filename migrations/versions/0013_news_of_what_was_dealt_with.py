"""A report of Stripe that was dealt with can come up again, so it may be settled more than once. Names are found by their whole pinyin; steps by their kind."""

import datetime as dt
import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.tenancy.fences import lowered_fences, refuse_changes

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    with op.batch_alter_table("parked_settling") as table:
        table.drop_constraint(op.f("uq_parked_settling_chamber_id_parked_id"), type_="unique")
        table.create_index("ix_parked_settling_parked", ["chamber_id", "parked_id"])
    op.drop_index("ix_application_step_queue", table_name="application_step")
    op.create_index("ix_application_step_queue", "application_step", ["chamber_id", "state", "kind", "opened_at"])
    refuse_changes(op.execute, op.get_context().dialect.name, {"parked_settling"})
    connection = op.get_bind()
    with lowered_fences(connection):
        _index_anew(connection, "enterprise", "same_as_id", "enterprises.index_contacts", "enterprise_id")
        _index_anew(connection, "application", None, "index_application", "application_id")


def _index_anew(connection: sa.Connection, table: str, unless: str | None, task: str, argument: str) -> None:
    """The worker writes the search tokens of every row anew; of none that `unless` marks."""
    job = sa.table(
        "job",
        *(sa.column(name, kind) for name, kind in (
            ("id", sa.Uuid()), ("chamber_id", sa.Uuid()), ("task", sa.String()), ("args", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")), ("priority", sa.Integer()),
            ("state", sa.String()), ("run_at", sa.DateTime(timezone=True)), ("attempts", sa.Integer()), ("progress", sa.Integer()), ("total", sa.Integer()), ("created_at", sa.DateTime(timezone=True)),
        )),
    )
    marks = sa.column(unless) if unless else sa.column("number")
    rows = sa.table(table, sa.column("chamber_id", sa.Uuid()), sa.column("id", sa.Uuid()), marks)
    wanted = marks.is_(None) if unless else marks.is_not(None)
    now = dt.datetime.now(dt.UTC)
    same = {"task": task, "priority": -10, "state": "ready", "attempts": 0, "progress": 0, "total": 0, "run_at": now, "created_at": now}
    for chamber, row in connection.execute(sa.select(rows.c.chamber_id, rows.c.id).where(wanted)).all():
        connection.execute(job.insert().values(id=uuid.uuid4(), chamber_id=chamber, args={argument: str(row)}, **same))
