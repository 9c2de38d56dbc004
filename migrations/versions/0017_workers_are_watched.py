"""Workers are heard of; jobs take turns by chamber and count their worker's deaths; a mail says how often it was tried and why it failed.

A mail has one job, whose key names it, so that none leaves twice.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
UNDONE = sa.text("state IN ('ready', 'running')")


def upgrade() -> None:
    op.create_table(
        "worker_beat",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_beat")),
    )
    op.drop_index("ix_job_due", table_name="job")
    op.create_index(
        "ix_job_turn", "job", ["chamber_id", "priority", "run_at"], postgresql_where=UNDONE, sqlite_where=UNDONE
    )
    _add("job", sa.Column("deaths", sa.Integer(), nullable=False, server_default="0"))
    _add("mail", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    _add("mail", sa.Column("fault", sa.String(300), nullable=False, server_default=""))
    op.add_column("mail", sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True))
    _name_deliveries()


def _add(table: str, column: sa.Column) -> None:
    with op.batch_alter_table(table) as batch:
        batch.add_column(column)
    with op.batch_alter_table(table) as batch:
        batch.alter_column(column.name, server_default=None)


def _name_deliveries() -> None:
    """Gives the waiting job of each mail its key; a second job of the same mail is dropped."""
    job = sa.table("job", *(sa.column(name) for name in ("id", "task", "args", "state", "unique_key")))
    waiting = sa.select(job.c.id, sa.cast(job.c.args, sa.Text)).where(
        job.c.task == "deliver_mail", job.c.state.in_(["ready", "running"]), job.c.unique_key.is_(None)
    )
    connection, known = op.get_bind(), set()
    for id, args in connection.execute(waiting.order_by(job.c.id)).all():
        key = f"deliver_mail:{json.loads(args)['mail_id']}"
        mine = job.c.id == id
        connection.execute(job.delete().where(mine) if key in known else job.update().where(mine).values(unique_key=key))
        known.add(key)
