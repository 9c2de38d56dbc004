"""A suspension of dues that was entered wrongly is taken back; the day on which a membership lapsed is known; who rises to a higher level pays the difference (补差).

A term to pay that began anew has its own reminders.
"""

import sqlalchemy as sa
from alembic import op

from portal.tenancy.fences import allow_changes, lowered_fences, refuse_changes

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
    _reminders_of_a_term()


def _reminders_of_a_term() -> None:
    """What was sent was for the day on which the application expires, or did."""
    dialect, reminders = op.get_context().dialect.name, {"expiry_reminder"}
    allow_changes(op.execute, dialect, reminders)
    op.add_column("expiry_reminder", sa.Column("expires_on", sa.Date(), nullable=True))
    with lowered_fences(op.get_bind()):
        op.execute("UPDATE expiry_reminder SET expires_on = (SELECT a.expires_on FROM application a WHERE a.id = expiry_reminder.application_id)")
    with op.batch_alter_table("expiry_reminder") as table:
        table.alter_column("expires_on", nullable=False)
        table.drop_constraint(op.f("uq_expiry_reminder_chamber_id_application_id_days_before"), type_="unique")
        table.create_unique_constraint("uq_expiry_reminder_term", ["chamber_id", "application_id", "expires_on", "days_before"])
    refuse_changes(op.execute, dialect, reminders)
