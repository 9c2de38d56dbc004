"""A void paper says so on itself: it gets a rendering of its own, for which the worker is called; those that are void already too."""

import datetime as dt
import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.tenancy.fences import lowered_fences, raise_fences, refuse_changes

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "void_rendering",
        sa.Column("chamber_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("chamber_id", "id", name=op.f("pk_void_rendering")),
        sa.ForeignKeyConstraint(["chamber_id"], ["chamber.id"], name=op.f("fk_void_rendering_chamber_id")),
        sa.ForeignKeyConstraint(
            ["chamber_id", "paper_id"],
            ["issued_paper.chamber_id", "issued_paper.id"],
            name=op.f("fk_void_rendering_chamber_id_paper_id"),
        ),
        sa.ForeignKeyConstraint(
            ["chamber_id", "file_id"],
            ["stored_file.chamber_id", "stored_file.id"],
            name=op.f("fk_void_rendering_chamber_id_file_id"),
        ),
        sa.UniqueConstraint("chamber_id", "paper_id", name=op.f("uq_void_rendering_chamber_id_paper_id")),
    )
    dialect = op.get_context().dialect.name
    raise_fences(op.execute, dialect, {"void_rendering"})
    refuse_changes(op.execute, dialect, {"void_rendering"})
    connection = op.get_bind()
    with lowered_fences(connection):
        _call_for_renderings(connection)


def _call_for_renderings(connection: sa.Connection) -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    columns = {"id": sa.Uuid(), "chamber_id": sa.Uuid(), "task": sa.String(), "args": json, "state": sa.String()}
    columns |= {"run_at": sa.DateTime(timezone=True), "created_at": sa.DateTime(timezone=True)}
    columns |= {name: sa.Integer() for name in ("priority", "attempts", "deaths", "progress", "total")}
    job = sa.table("job", *(sa.column(name, kind) for name, kind in columns.items()))
    void = sa.table("paper_void", sa.column("chamber_id", sa.Uuid()), sa.column("paper_id", sa.Uuid()))
    now = dt.datetime.now(dt.UTC)
    same = {"task": "render_void_paper", "state": "ready", "run_at": now, "created_at": now}
    same |= {"priority": -10, "attempts": 0, "deaths": 0, "progress": 0, "total": 0}
    for chamber_id, paper_id in connection.execute(sa.select(void.c.chamber_id, void.c.paper_id)).all():
        args = {"paper_id": str(paper_id)}
        connection.execute(job.insert().values(id=uuid.uuid4(), chamber_id=chamber_id, args=args, **same))
