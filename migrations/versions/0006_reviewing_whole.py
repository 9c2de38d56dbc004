"""Reviewing whole: claims, notes, a checklist, possible duplicates, public notices with objections, and council meetings."""

import sqlalchemy as sa
from alembic import op

from portal.tenancy.fences import raise_fences, refuse_changes

revision = "0006"
down_revision = "0005"

NEW = {"application_note", "checklist_item", "checklist_tick", "council_meeting", "duplicate_decision", "handover", "meeting_attendee", "meeting_item", "meeting_result", "objection", "objection_finding", "possible_duplicate"}
KEPT = {"application_note", "duplicate_decision", "handover", "meeting_result", "objection", "objection_finding"}
PAPERS = ("dues_notice", "receipt", "certificate", "admission", "credit_note", "candidates", "minutes")


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    for create in (_desk, _handovers, _duplicates, _notices, _meetings, _items):
        create()
    _steps()
    with op.batch_alter_table("application") as table:
        table.add_column(sa.Column("handler_id", sa.Uuid()))
        table.create_index("ix_application_handler", ["chamber_id", "handler_id", "state"])
        table.create_foreign_key("fk_application_chamber_id_handler_id", "person", ["chamber_id", "handler_id"], ["chamber_id", "id"])
    alone = sa.text("same_as_id IS NULL")
    with op.batch_alter_table("enterprise") as table:
        table.add_column(sa.Column("same_as_id", sa.Uuid()))
        table.drop_constraint("uq_enterprise_chamber_id_uscc", type_="unique")
        table.create_index("uq_enterprise_uscc", ["chamber_id", "uscc"], unique=True, postgresql_where=alone, sqlite_where=alone)
        table.create_foreign_key("fk_enterprise_chamber_id_same_as_id", "enterprise", ["chamber_id", "same_as_id"], ["chamber_id", "id"])
    with op.batch_alter_table("issued_paper") as table:
        table.alter_column("enterprise_id", existing_type=sa.Uuid(), nullable=True)
        table.drop_constraint(op.f("ck_issued_paper_kind"), type_="check")
        table.create_check_constraint(op.f("ck_issued_paper_kind"), f"kind IN ({', '.join(repr(kind) for kind in PAPERS)})")
    op.add_column("office", sa.Column("in_council", sa.Boolean()))
    op.execute("UPDATE office SET in_council = true")
    with op.batch_alter_table("office") as table:
        table.alter_column("in_council", existing_type=sa.Boolean(), nullable=False)
    raise_fences(op.execute, dialect, NEW)
    refuse_changes(op.execute, dialect, KEPT | {"issued_paper"})


def _steps() -> None:
    for name in ("chain_step", "application_step"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("days", sa.Integer()))
            if name == "application_step":
                table.add_column(sa.Column("due_on", sa.Date()))
                table.create_index("ix_application_step_due", ["chamber_id", "state", "due_on"])
            table.drop_constraint(op.f(f"ck_{name}_kind"), type_="check")
            table.create_check_constraint(op.f(f"ck_{name}_kind"), "kind IN ('department', 'council', 'notice')")


def _desk() -> None:
    op.create_table('checklist_item',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('title_zh', sa.String(length=120), nullable=False),
    sa.Column('title_en', sa.String(length=160), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_checklist_item_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_checklist_item')),
    sa.UniqueConstraint('chamber_id', 'title_zh', name=op.f('uq_checklist_item_chamber_id_title_zh'))
    )
    op.create_table('application_note',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('body', sa.String(length=2000), nullable=False),
    sa.Column('written_by', sa.String(length=120), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("body <> ''", name=op.f('ck_application_note_has_words')),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_application_note_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_application_note_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_application_note'))
    )
    with op.batch_alter_table('application_note', schema=None) as batch_op:
        batch_op.create_index('ix_application_note_application', ['chamber_id', 'application_id'], unique=False)
    op.create_table('checklist_tick',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('item_id', sa.Uuid(), nullable=False),
    sa.Column('ticked_by', sa.String(length=120), nullable=False),
    sa.Column('ticked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_checklist_tick_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'item_id'], ['checklist_item.chamber_id', 'checklist_item.id'], name=op.f('fk_checklist_tick_chamber_id_item_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_checklist_tick_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_checklist_tick')),
    sa.UniqueConstraint('chamber_id', 'application_id', 'item_id', name=op.f('uq_checklist_tick_chamber_id_application_id_item_id'))
    )


def _handovers() -> None:
    op.create_table('handover',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('from_name', sa.String(length=120), nullable=False),
    sa.Column('to_person_id', sa.Uuid(), nullable=True),
    sa.Column('to_name', sa.String(length=120), nullable=False),
    sa.Column('words', sa.String(length=500), nullable=False),
    sa.Column('handed_by', sa.String(length=120), nullable=False),
    sa.Column('handed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_handover_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'to_person_id'], ['person.chamber_id', 'person.id'], name=op.f('fk_handover_chamber_id_to_person_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_handover_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_handover'))
    )
    with op.batch_alter_table('handover', schema=None) as batch_op:
        batch_op.create_index('ix_handover_application', ['chamber_id', 'application_id'], unique=False)


def _duplicates() -> None:
    op.create_table('possible_duplicate',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('ground', sa.Enum('uscc', 'name', 'pinyin', name='ground', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_possible_duplicate_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_possible_duplicate_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_possible_duplicate_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_possible_duplicate')),
    sa.UniqueConstraint('chamber_id', 'application_id', 'enterprise_id', name=op.f('uq_possible_duplicate_chamber_id_application_id_enterprise_id'))
    )
    op.create_table('duplicate_decision',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('duplicate_id', sa.Uuid(), nullable=False),
    sa.Column('same', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('decided_by', sa.String(length=120), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_duplicate_decision_has_reason')),
    sa.ForeignKeyConstraint(['chamber_id', 'duplicate_id'], ['possible_duplicate.chamber_id', 'possible_duplicate.id'], name=op.f('fk_duplicate_decision_chamber_id_duplicate_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_duplicate_decision_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_duplicate_decision')),
    sa.UniqueConstraint('chamber_id', 'duplicate_id', name=op.f('uq_duplicate_decision_chamber_id_duplicate_id'))
    )


def _notices() -> None:
    op.create_table('objection',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('step_id', sa.Uuid(), nullable=False),
    sa.Column('raised_by', sa.String(length=120), nullable=False),
    sa.Column('contact', sa.String(length=120), nullable=False),
    sa.Column('body', sa.String(length=2000), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('recorded_by', sa.String(length=120), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("body <> ''", name=op.f('ck_objection_has_words')),
    sa.ForeignKeyConstraint(['chamber_id', 'step_id'], ['application_step.chamber_id', 'application_step.id'], name=op.f('fk_objection_chamber_id_step_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_objection_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_objection'))
    )
    with op.batch_alter_table('objection', schema=None) as batch_op:
        batch_op.create_index('ix_objection_step', ['chamber_id', 'step_id'], unique=False)
    op.create_table('objection_finding',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('objection_id', sa.Uuid(), nullable=False),
    sa.Column('upheld', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.Column('found_by', sa.String(length=120), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_objection_finding_has_reason')),
    sa.ForeignKeyConstraint(['chamber_id', 'objection_id'], ['objection.chamber_id', 'objection.id'], name=op.f('fk_objection_finding_chamber_id_objection_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_objection_finding_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_objection_finding')),
    sa.UniqueConstraint('chamber_id', 'objection_id', name=op.f('uq_objection_finding_chamber_id_objection_id'))
    )


def _meetings() -> None:
    op.create_table('council_meeting',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('place', sa.String(length=120), nullable=False),
    sa.Column('chaired_by', sa.String(length=80), nullable=False),
    sa.Column('minutes_by', sa.String(length=80), nullable=False),
    sa.Column('state', sa.Enum('planned', 'held', 'cancelled', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_council_meeting_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_council_meeting')),
    sa.UniqueConstraint('chamber_id', 'number', name=op.f('uq_council_meeting_chamber_id_number'))
    )
    with op.batch_alter_table('council_meeting', schema=None) as batch_op:
        batch_op.create_index('ix_council_meeting_newest', ['chamber_id', 'held_on', 'id'], unique=False)
    op.create_table('meeting_attendee',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('meeting_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('capacity', sa.String(length=200), nullable=False),
    sa.Column('present', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'meeting_id'], ['council_meeting.chamber_id', 'council_meeting.id'], name=op.f('fk_meeting_attendee_chamber_id_meeting_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_meeting_attendee_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_meeting_attendee'))
    )
    with op.batch_alter_table('meeting_attendee', schema=None) as batch_op:
        batch_op.create_index('ix_meeting_attendee_meeting', ['chamber_id', 'meeting_id'], unique=False)


def _items() -> None:
    op.create_table('meeting_item',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('meeting_id', sa.Uuid(), nullable=False),
    sa.Column('step_id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_meeting_item_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'meeting_id'], ['council_meeting.chamber_id', 'council_meeting.id'], name=op.f('fk_meeting_item_chamber_id_meeting_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'step_id'], ['application_step.chamber_id', 'application_step.id'], name=op.f('fk_meeting_item_chamber_id_step_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_meeting_item_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_meeting_item')),
    sa.UniqueConstraint('chamber_id', 'meeting_id', 'step_id', name=op.f('uq_meeting_item_chamber_id_meeting_id_step_id'))
    )
    with op.batch_alter_table('meeting_item', schema=None) as batch_op:
        batch_op.create_index('ix_meeting_item_step', ['chamber_id', 'step_id'], unique=False)
    op.create_table('meeting_result',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('item_id', sa.Uuid(), nullable=False),
    sa.Column('outcome', sa.Enum('carried', 'declined', 'postponed', 'fell_away', name='outcome', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('in_favour', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'item_id'], ['meeting_item.chamber_id', 'meeting_item.id'], name=op.f('fk_meeting_result_chamber_id_item_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_meeting_result_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_meeting_result')),
    sa.UniqueConstraint('chamber_id', 'item_id', name=op.f('uq_meeting_result_chamber_id_item_id'))
    )
