"""What a body decided is a row with its own number: a dues schedule points at it; kinds of paper are the features' own."""

import datetime as dt
import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.tenancy.fences import lowered_fences, raise_fences, refuse_changes

revision = "0025"
down_revision = "0024"
NEW = {"resolution", "resolution_publication"}
TOLD = ("resolution", "adopted_on", "entitled", "present", "in_favour")
"""What a schedule said of its resolution itself."""


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    _create_tables()
    connection = op.get_bind()
    with lowered_fences(connection):
        with op.batch_alter_table("dues_schedule") as table:
            table.add_column(sa.Column("resolution_id", sa.Uuid(), nullable=True))
        _keep_resolutions()
        with op.batch_alter_table("dues_schedule") as table:
            table.drop_constraint(op.f("ck_dues_schedule_adopted_by_resolution"), type_="check")
            for name in TOLD:
                table.drop_column(name)
            table.create_foreign_key(
                op.f("fk_dues_schedule_chamber_id_resolution_id"), "resolution", ["chamber_id", "resolution_id"], ["chamber_id", "id"]
            )
            table.create_check_constraint(
                op.f("ck_dues_schedule_adopted_by_resolution"), "state = 'draft' OR resolution_id IS NOT NULL"
            )
        with op.batch_alter_table("issued_paper") as table:
            table.drop_constraint(op.f("ck_issued_paper_kind"), type_="check")
        _take_into_the_chain(connection)
    raise_fences(op.execute, dialect, NEW)
    refuse_changes(op.execute, dialect, NEW | {"issued_paper"})


def _create_tables() -> None:
    op.create_table(
        "resolution",
        *_key("resolution"),
        sa.Column("number", sa.String(20), nullable=True),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("adopted_on", sa.Date(), nullable=False),
        sa.Column("secret_ballot", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("entitled", "present", "in_favour")),
        sa.Column("origin_type", sa.String(40), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("chamber_id", "number", name=op.f("uq_resolution_chamber_id_number")),
        _reference("resolution", "body"),
    )
    op.create_index("ix_resolution_newest", "resolution", ["chamber_id", "adopted_on", "id"])
    op.create_index("ix_resolution_origin", "resolution", ["chamber_id", "origin_id"])
    op.create_table(
        "resolution_publication",
        *_key("resolution_publication"),
        sa.Column("resolution_id", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(120), nullable=False),
        sa.UniqueConstraint("chamber_id", "resolution_id", name=op.f("uq_resolution_publication_chamber_id_resolution_id")),
        _reference("resolution_publication", "resolution"),
    )


def _key(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("chamber_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("chamber_id", "id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["chamber_id"], ["chamber.id"], name=op.f(f"fk_{table}_chamber_id")),
    )


def _reference(table: str, to: str) -> sa.ForeignKeyConstraint:
    columns, targets = ["chamber_id", f"{to}_id"], [f"{to}.chamber_id", f"{to}.id"]
    return sa.ForeignKeyConstraint(columns, targets, name=op.f(f"fk_{table}_chamber_id_{to}_id"))


def _keep_resolutions() -> None:
    """The assembly's resolution of each adopted schedule, under the schedule's id, without a number: they were not numbered."""
    op.execute(
        "INSERT INTO resolution (chamber_id, id, body_id, title, text, adopted_on, secret_ballot, entitled, present, in_favour,"
        " origin_type, origin_id, entered_at)"
        " SELECT dues_schedule.chamber_id, dues_schedule.id, body.id, dues_schedule.resolution, '', adopted_on, true,"
        " entitled, present, in_favour, 'dues_schedule', dues_schedule.id, CURRENT_TIMESTAMP"
        " FROM dues_schedule JOIN body ON body.chamber_id = dues_schedule.chamber_id AND body.code = 'assembly'"
        " WHERE state = 'adopted'"
    )
    op.execute("UPDATE dues_schedule SET resolution_id = id WHERE state = 'adopted'")


def _take_into_the_chain(connection: sa.Connection) -> None:
    """Rows that are only ever added are in the audit chain: the worker takes these into it."""
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    columns = {"id": sa.Uuid(), "chamber_id": sa.Uuid(), "task": sa.String(), "args": json, "unique_key": sa.String()}
    columns |= {"state": sa.String(), "run_at": sa.DateTime(timezone=True), "created_at": sa.DateTime(timezone=True)}
    columns |= {name: sa.Integer() for name in ("priority", "attempts", "deaths", "progress", "total")}
    job = sa.table("job", *(sa.column(name, kind) for name, kind in columns.items()))
    schedule = sa.table("dues_schedule", sa.column("chamber_id", sa.Uuid()), sa.column("resolution_id", sa.Uuid()))
    now = dt.datetime.now(dt.UTC)
    same = {"task": "keep_earlier_rows", "args": {}, "state": "ready", "run_at": now, "created_at": now}
    same |= {"priority": 8, "attempts": 0, "deaths": 0, "progress": 0, "total": 0}
    concerned = sa.select(schedule.c.chamber_id).where(schedule.c.resolution_id.is_not(None)).distinct()
    for chamber_id in connection.scalars(concerned).all():
        key = f"keep_earlier_rows:resolutions:{chamber_id}"
        connection.execute(job.insert().values(id=uuid.uuid4(), chamber_id=chamber_id, unique_key=key, **same))
