"""A colleague's own last acts are found by index."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index("ix_audit_event_actor", "audit_event", ["chamber_id", "actor_id", "id"])
