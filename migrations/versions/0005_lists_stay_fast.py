"""Sums of open invoices come from an index alone; searching by amount reads no other rows."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.drop_index("ix_invoice_state", "invoice")
    op.create_index("ix_invoice_state", "invoice", ["chamber_id", "state", "due_on", "amount", "paid", "credited"])
    op.drop_index("ix_invoice_amount", "invoice")
    op.create_index("ix_invoice_amount", "invoice", ["chamber_id", "amount", "id"])
    op.drop_index("ix_application_queue", "application")
    op.create_index("ix_application_queue", "application", ["chamber_id", "state", "submitted_at", "id"])
