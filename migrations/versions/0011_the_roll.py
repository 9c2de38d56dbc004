"""The roll: former names, history, notes, tags, amendments, saved views, exports; members entered by hand; notices to members. Contacts become searchable."""

import datetime as dt
import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.tenancy.fences import lowered_fences, raise_fences, refuse_changes

revision = "0011"
down_revision = "0010"

APPEND_ONLY = {"amendment_decision", "circular_reading", "circular_recipient", "enterprise_note", "former_name", "past_event"}
NEW = APPEND_ONLY | {"amendment", "circular", "circular_file", "enterprise_tag", "roll_export", "saved_view", "tag"}


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    _create()
    with op.batch_alter_table("membership") as table:
        table.add_column(sa.Column("paid_through", sa.Date(), nullable=True))
        table.create_index("ix_membership_enterprise", ["chamber_id", "enterprise_id", "joined_on"])
    raise_fences(op.execute, dialect, NEW)
    refuse_changes(op.execute, dialect, APPEND_ONLY)
    _index_contacts()


def _index_contacts() -> None:
    """The worker writes the search tokens of every enterprise for which somebody acts: from now on they hold the contacts too."""
    job = sa.table(
        "job",
        *(sa.column(name, kind) for name, kind in (
            ("id", sa.Uuid()), ("chamber_id", sa.Uuid()), ("task", sa.String()), ("args", sa.JSON().with_variant(postgresql.JSONB(), "postgresql")), ("priority", sa.Integer()),
            ("state", sa.String()), ("run_at", sa.DateTime(timezone=True)), ("attempts", sa.Integer()), ("progress", sa.Integer()), ("total", sa.Integer()), ("created_at", sa.DateTime(timezone=True)),
        )),
    )
    acting = sa.table("representation", sa.column("chamber_id", sa.Uuid()), sa.column("enterprise_id", sa.Uuid()), sa.column("ended_at"))
    connection = op.get_bind()
    now = dt.datetime.now(dt.UTC)
    same = {"task": "enterprises.index_contacts", "priority": -10, "state": "ready", "attempts": 0, "progress": 0, "total": 0}
    with lowered_fences(connection):
        known = connection.execute(sa.select(acting.c.chamber_id, acting.c.enterprise_id).where(acting.c.ended_at.is_(None)).distinct()).all()
        for chamber, enterprise in known:
            connection.execute(job.insert().values(id=uuid.uuid4(), chamber_id=chamber, args={"enterprise_id": str(enterprise)}, run_at=now, created_at=now, **same))


def _create() -> None:
    op.create_table('circular',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('audience', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('is_public', sa.Boolean(), nullable=False),
    sa.Column('by_mail', sa.Boolean(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'published', 'withdrawn_notice', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('written_by', sa.String(length=120), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('delivered', sa.Integer(), nullable=False),
    sa.CheckConstraint("state = 'draft' OR published_at IS NOT NULL", name=op.f('ck_circular_published_has_day')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_circular_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_circular'))
    )
    with op.batch_alter_table('circular') as table:
        table.create_index('ix_circular_newest', ['chamber_id', 'state', 'published_at'], unique=False)

    op.create_table('tag',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=30), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_tag_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_tag')),
    sa.UniqueConstraint('chamber_id', 'name', name=op.f('uq_tag_chamber_id_name'))
    )
    op.create_table('circular_file',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('circular_id', sa.Uuid(), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'circular_id'], ['circular.chamber_id', 'circular.id'], name=op.f('fk_circular_file_chamber_id_circular_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'file_id'], ['stored_file.chamber_id', 'stored_file.id'], name=op.f('fk_circular_file_chamber_id_file_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_circular_file_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_circular_file'))
    )
    with op.batch_alter_table('circular_file') as table:
        table.create_index('ix_circular_file', ['chamber_id', 'circular_id'], unique=False)

    op.create_table('roll_export',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('format', sa.Enum('xlsx', 'csv', name='format', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('narrow', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('written', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('written <= total OR file_id IS NOT NULL', name=op.f('ck_roll_export_within_total')),
    sa.ForeignKeyConstraint(['chamber_id', 'file_id'], ['stored_file.chamber_id', 'stored_file.id'], name=op.f('fk_roll_export_chamber_id_file_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'person_id'], ['person.chamber_id', 'person.id'], name=op.f('fk_roll_export_chamber_id_person_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_roll_export_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_roll_export'))
    )
    with op.batch_alter_table('roll_export') as table:
        table.create_index('ix_roll_export_person', ['chamber_id', 'person_id', 'asked_at'], unique=False)

    op.create_table('saved_view',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('query', sa.String(length=2000), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'person_id'], ['person.chamber_id', 'person.id'], name=op.f('fk_saved_view_chamber_id_person_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_saved_view_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_saved_view')),
    sa.UniqueConstraint('chamber_id', 'person_id', 'name', name=op.f('uq_saved_view_chamber_id_person_id_name'))
    )
    op.create_table('amendment',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('changes', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('licence_file_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Enum('asked', 'approved_amendment', 'refused', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('asked_by', sa.String(length=120), nullable=False),
    sa.Column('asked_by_id', sa.Uuid(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'asked_by_id'], ['person.chamber_id', 'person.id'], name=op.f('fk_amendment_chamber_id_asked_by_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_amendment_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'licence_file_id'], ['stored_file.chamber_id', 'stored_file.id'], name=op.f('fk_amendment_chamber_id_licence_file_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_amendment_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_amendment'))
    )
    with op.batch_alter_table('amendment') as table:
        table.create_index('ix_amendment_enterprise', ['chamber_id', 'enterprise_id'], unique=False)
        table.create_index('uq_amendment_asked', ['chamber_id', 'enterprise_id'], unique=True, postgresql_where=sa.text("state = 'asked'"), sqlite_where=sa.text("state = 'asked'"))

    op.create_table('circular_reading',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('circular_id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('read_by', sa.String(length=120), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'circular_id'], ['circular.chamber_id', 'circular.id'], name=op.f('fk_circular_reading_chamber_id_circular_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_circular_reading_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_circular_reading_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_circular_reading')),
    sa.UniqueConstraint('chamber_id', 'circular_id', 'enterprise_id', name=op.f('uq_circular_reading_chamber_id_circular_id_enterprise_id'))
    )
    op.create_table('circular_recipient',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('circular_id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'circular_id'], ['circular.chamber_id', 'circular.id'], name=op.f('fk_circular_recipient_chamber_id_circular_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_circular_recipient_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_circular_recipient_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_circular_recipient')),
    sa.UniqueConstraint('chamber_id', 'circular_id', 'enterprise_id', name=op.f('uq_circular_recipient_chamber_id_circular_id_enterprise_id'))
    )
    with op.batch_alter_table('circular_recipient') as table:
        table.create_index('ix_circular_recipient_enterprise', ['chamber_id', 'enterprise_id', 'circular_id'], unique=False)

    op.create_table('enterprise_note',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('body', sa.String(length=2000), nullable=False),
    sa.Column('written_by', sa.String(length=120), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("body <> ''", name=op.f('ck_enterprise_note_has_body')),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_enterprise_note_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_enterprise_note_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_enterprise_note'))
    )
    with op.batch_alter_table('enterprise_note') as table:
        table.create_index('ix_enterprise_note', ['chamber_id', 'enterprise_id'], unique=False)

    op.create_table('enterprise_tag',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tag_id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_enterprise_tag_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'tag_id'], ['tag.chamber_id', 'tag.id'], name=op.f('fk_enterprise_tag_chamber_id_tag_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_enterprise_tag_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_enterprise_tag')),
    sa.UniqueConstraint('chamber_id', 'enterprise_id', 'tag_id', name=op.f('uq_enterprise_tag_chamber_id_enterprise_id_tag_id'))
    )
    with op.batch_alter_table('enterprise_tag') as table:
        table.create_index('ix_enterprise_tag_tag', ['chamber_id', 'tag_id', 'enterprise_id'], unique=False)

    op.create_table('former_name',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_former_name_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_former_name_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_former_name'))
    )
    with op.batch_alter_table('former_name') as table:
        table.create_index('ix_former_name_enterprise', ['chamber_id', 'enterprise_id'], unique=False)

    op.create_table('past_event',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('wording', sa.String(length=200), nullable=False),
    sa.Column('entered_by', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_past_event_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_past_event_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_past_event'))
    )
    with op.batch_alter_table('past_event') as table:
        table.create_index('ix_past_event_enterprise', ['chamber_id', 'enterprise_id'], unique=False)

    op.create_table('amendment_decision',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('amendment_id', sa.Uuid(), nullable=False),
    sa.Column('approved', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('decided_by', sa.String(length=120), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("approved OR reason <> ''", name=op.f('ck_amendment_decision_refusal_has_reason')),
    sa.ForeignKeyConstraint(['chamber_id', 'amendment_id'], ['amendment.chamber_id', 'amendment.id'], name=op.f('fk_amendment_decision_chamber_id_amendment_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_amendment_decision_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_amendment_decision')),
    sa.UniqueConstraint('chamber_id', 'amendment_id', name=op.f('uq_amendment_decision_chamber_id_amendment_id'))
    )
