"""A suspension of dues that was entered wrongly is taken back; the day on which a membership lapsed is known; who rises to a higher level pays the difference (补差)."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
STANDING = sa.text("state NOT IN ('void', 'credited')")


def upgrade() -> None:
    op.add_column("dues_suspension", sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("membership", sa.Column("lapsed_on", sa.Date(), nullable=True))
    op.drop_index("uq_invoice_standing", table_name="invoice")
    with op.batch_alter_table("invoice") as table:
        table.add_column(sa.Column("supplement", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("rate_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_invoice_chamber_id_rate_id"), "dues_rate", ["chamber_id", "rate_id"], ["chamber_id", "id"])
    with op.batch_alter_table("invoice") as table:
        table.alter_column("supplement", server_default=None)
    op.create_index(
        "uq_invoice_standing", "invoice", ["chamber_id", "enterprise_id", "dues_year", "supplement"], unique=True, postgresql_where=STANDING, sqlite_where=STANDING
    )
