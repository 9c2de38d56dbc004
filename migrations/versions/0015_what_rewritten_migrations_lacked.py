"""Brings every schema that an earlier text of a migration made to the state of its last.

0005, 0012, 0013 and 0014 were rewritten after they had landed. An installation that ran their first texts lacks the
columns of two indexes, the mark of fees that were booked before marks, the supplement and the rate of invoices, or the
term of expiry reminders. What is there already is left as it is.
"""

import sqlalchemy as sa
from alembic import op

from portal.tenancy.fences import allow_changes, lowered_fences, refuse_changes

revision = "0015"
down_revision = "0014"
STANDING = sa.text("state NOT IN ('void', 'credited')")


QUEUES = {
    "application": ("ix_application_queue", ["chamber_id", "state", "submitted_at", "id"]),
    "application_step": ("ix_application_step_queue", ["chamber_id", "state", "kind", "opened_at"]),
}


def upgrade() -> None:
    inspector = sa.inspect(op.get_bind())
    for table, (name, columns) in QUEUES.items():
        if columns not in [i["column_names"] for i in inspector.get_indexes(table) if i["name"] == name]:
            op.drop_index(name, table_name=table)
            op.create_index(name, table, columns)
    if "supplement" not in {c["name"] for c in inspector.get_columns("invoice")}:
        _supplements()
    if "expires_on" not in {c["name"] for c in inspector.get_columns("expiry_reminder")}:
        _reminders_of_a_term()
    with lowered_fences(op.get_bind()):
        op.execute(
            "UPDATE checkout SET fee = 0 WHERE state = 'paid' AND fee IS NULL AND EXISTS (SELECT 1 FROM journal j"
            " WHERE j.chamber_id = checkout.chamber_id AND j.payment_id = checkout.payment_id AND j.kind = 'fee')"
        )


def _supplements() -> None:
    op.drop_index("uq_invoice_standing", table_name="invoice")
    with op.batch_alter_table("invoice") as table:
        table.add_column(sa.Column("supplement", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("rate_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_invoice_chamber_id_rate_id"), "dues_rate", ["chamber_id", "rate_id"], ["chamber_id", "id"]
        )
    with op.batch_alter_table("invoice") as table:
        table.alter_column("supplement", server_default=None)
    op.create_index(
        "uq_invoice_standing",
        "invoice",
        ["chamber_id", "enterprise_id", "dues_year", "supplement"],
        unique=True,
        postgresql_where=STANDING,
        sqlite_where=STANDING,
    )


def _reminders_of_a_term() -> None:
    dialect, reminders = op.get_context().dialect.name, {"expiry_reminder"}
    allow_changes(op.execute, dialect, reminders)
    op.add_column("expiry_reminder", sa.Column("expires_on", sa.Date(), nullable=True))
    with lowered_fences(op.get_bind()):
        op.execute(
            "UPDATE expiry_reminder SET expires_on ="
            " (SELECT a.expires_on FROM application a WHERE a.chamber_id = expiry_reminder.chamber_id AND a.id = expiry_reminder.application_id)"
        )
    with op.batch_alter_table("expiry_reminder") as table:
        table.alter_column("expires_on", nullable=False)
        table.drop_constraint(
            op.f("uq_expiry_reminder_chamber_id_application_id_days_before"), type_="unique"
        )
        table.create_unique_constraint(
            "uq_expiry_reminder_term", ["chamber_id", "application_id", "expires_on", "days_before"]
        )
    refuse_changes(op.execute, dialect, reminders)
