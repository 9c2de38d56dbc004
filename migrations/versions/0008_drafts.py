"""Forms that somebody has begun to fill in, saved as they are typed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.tenancy.fences import raise_fences

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table('application_draft',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('form_key', sa.Uuid(), nullable=False),
    sa.Column('word_hash', sa.String(length=64), nullable=False),
    sa.Column('fields', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('rivals', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('mailed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_application_draft_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_application_draft')),
    sa.UniqueConstraint('chamber_id', 'form_key', name=op.f('uq_application_draft_chamber_id_form_key')),
    sa.UniqueConstraint('chamber_id', 'word_hash', name=op.f('uq_application_draft_chamber_id_word_hash'))
    )
    with op.batch_alter_table('application_draft', schema=None) as batch_op:
        batch_op.create_index('ix_application_draft_saved', ['chamber_id', 'saved_at'], unique=False)
    raise_fences(op.execute, op.get_context().dialect.name, {"application_draft"})
