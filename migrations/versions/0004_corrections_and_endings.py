"""Applications returned for correction with every version kept; withdrawn, or expired unpaid; one open per enterprise."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.tenancy.fences import raise_fences, refuse_changes

revision = "0004"
down_revision = "0003"

NEW = {"application_ending", "application_version", "correction_item", "correction_request", "expiry_reminder"}
STATES = ("draft", "in_review", "awaiting_dues", "returned", "admitted", "rejected", "withdrawn", "expired")


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    _create()
    op.add_column("application", sa.Column("expires_on", sa.Date()))
    op.add_column("chamber_settings", sa.Column("days_to_expiry", sa.Integer()))
    op.execute("UPDATE chamber_settings SET days_to_expiry = 60")
    with op.batch_alter_table("chamber_settings") as table:
        table.alter_column("days_to_expiry", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("application") as table:
        for name in ("state", "submitted_is_numbered"):
            table.drop_constraint(op.f(f"ck_application_{name}"), type_="check")
        table.create_check_constraint(op.f("ck_application_state"), f"state IN ({', '.join(repr(state) for state in STATES)})")
        table.create_check_constraint(op.f("ck_application_submitted_is_numbered"), "state IN ('draft', 'withdrawn') OR (number IS NOT NULL AND enterprise_id IS NOT NULL)")
        standing = sa.text("state IN ('in_review', 'returned', 'awaiting_dues')")
        table.create_index("uq_application_open", ["chamber_id", "enterprise_id"], unique=True, postgresql_where=standing, sqlite_where=standing)
    raise_fences(op.execute, dialect, NEW)
    refuse_changes(op.execute, dialect, NEW - {"correction_request"})


def _create() -> None:
    op.create_table('application_ending',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'in_review', 'awaiting_dues', 'returned', 'admitted', 'rejected', 'withdrawn', 'expired', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('ended_by', sa.String(length=120), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_application_ending_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_application_ending_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_application_ending')),
    sa.UniqueConstraint('chamber_id', 'application_id', name=op.f('uq_application_ending_chamber_id_application_id'))
    )
    op.create_table('application_version',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('snapshot', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_application_version_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_application_version_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_application_version')),
    sa.UniqueConstraint('chamber_id', 'application_id', 'number', name=op.f('uq_application_version_chamber_id_application_id_number'))
    )
    op.create_table('correction_request',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(length=120), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_correction_request_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_correction_request_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_correction_request'))
    )
    with op.batch_alter_table('correction_request', schema=None) as batch_op:
        batch_op.create_index('ix_correction_request_application', ['chamber_id', 'application_id'], unique=False)

    op.create_table('expiry_reminder',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('days_before', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_expiry_reminder_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_expiry_reminder_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_expiry_reminder')),
    sa.UniqueConstraint('chamber_id', 'application_id', 'days_before', name=op.f('uq_expiry_reminder_chamber_id_application_id_days_before'))
    )
    op.create_table('correction_item',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('request_id', sa.Uuid(), nullable=False),
    sa.Column('field', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_correction_item_has_reason')),
    sa.ForeignKeyConstraint(['chamber_id', 'request_id'], ['correction_request.chamber_id', 'correction_request.id'], name=op.f('fk_correction_item_chamber_id_request_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_correction_item_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_correction_item')),
    sa.UniqueConstraint('chamber_id', 'request_id', 'field', name=op.f('uq_correction_item_chamber_id_request_id_field'))
    )
