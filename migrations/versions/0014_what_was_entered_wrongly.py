"""A suspension of dues that was entered wrongly is taken back; the day on which a membership lapsed is known."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("dues_suspension", sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("membership", sa.Column("lapsed_on", sa.Date(), nullable=True))
