"""What Stripe kept of a payment is known only a while after the money: an attempt says whether it is booked. Enterprises are found by long initials."""

import datetime as dt
import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.tenancy.fences import lowered_fences

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("checkout", sa.Column("fee", sa.BigInteger(), nullable=True))
    connection = op.get_bind()
    with lowered_fences(connection):
        op.execute("UPDATE checkout SET fee = 0 WHERE state = 'paid'")
        _index_enterprises(connection)


def _index_enterprises(connection: sa.Connection) -> None:
    """The worker writes the search tokens of every enterprise anew."""
    job = sa.table(
        "job",
        *(sa.column(name, kind) for name, kind in (
            ("id", sa.Uuid()), ("chamber_id", sa.Uuid()), ("task", sa.String()), ("args", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")), ("priority", sa.Integer()),
            ("state", sa.String()), ("run_at", sa.DateTime(timezone=True)), ("attempts", sa.Integer()), ("progress", sa.Integer()), ("total", sa.Integer()), ("created_at", sa.DateTime(timezone=True)),
        )),
    )
    known = sa.table("enterprise", sa.column("chamber_id", sa.Uuid()), sa.column("id", sa.Uuid()), sa.column("same_as_id", sa.Uuid()))
    now = dt.datetime.now(dt.UTC)
    same = {"task": "enterprises.index_contacts", "priority": -10, "state": "ready", "attempts": 0, "progress": 0, "total": 0}
    for chamber, enterprise in connection.execute(sa.select(known.c.chamber_id, known.c.id).where(known.c.same_as_id.is_(None))).all():
        connection.execute(job.insert().values(id=uuid.uuid4(), chamber_id=chamber, args={"enterprise_id": str(enterprise)}, run_at=now, created_at=now, **same))
