"""What is kept for ever is in the chain: the rows that are there already are taken into it by the worker."""

import datetime as dt
import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    columns = {"id": sa.Uuid(), "chamber_id": sa.Uuid(), "task": sa.String(), "args": json, "unique_key": sa.String()}
    columns |= {"state": sa.String(), "run_at": sa.DateTime(timezone=True), "created_at": sa.DateTime(timezone=True)}
    columns |= {name: sa.Integer() for name in ("priority", "attempts", "deaths", "progress", "total")}
    job = sa.table("job", *(sa.column(name, kind) for name, kind in columns.items()))
    chamber = sa.table("chamber", sa.column("id", sa.Uuid()))
    connection, now = op.get_bind(), dt.datetime.now(dt.UTC)
    same = {"task": "keep_earlier_rows", "args": {}, "state": "ready", "run_at": now, "created_at": now}
    same |= {"priority": 8, "attempts": 0, "deaths": 0, "progress": 0, "total": 0}
    for id in connection.scalars(sa.select(chamber.c.id)).all():
        key = f"keep_earlier_rows:{id}"
        connection.execute(job.insert().values(id=uuid.uuid4(), chamber_id=id, unique_key=key, **same))
