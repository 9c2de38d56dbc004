"""The house: chambers, people, papers, applications, dues and the ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text  # noqa: F401
from sqlalchemy.dialects import postgresql

from portal.tenancy.fences import raise_fences, refuse_changes

revision = '0001'
down_revision = None

OWNED = {
    "acknowledgement",
    "allocation",
    "announcement",
    "application",
    "application_step",
    "appointment",
    "attempt",
    "audit_event",
    "audit_seal",
    "chain_step",
    "chamber_settings",
    "counter",
    "department",
    "dues_rate",
    "dues_schedule",
    "enterprise",
    "filed_paper",
    "grade",
    "invoice",
    "invoice_line",
    "issued_paper",
    "journal",
    "mail",
    "mailed_link",
    "membership",
    "paper_rendering",
    "payment",
    "person",
    "posting",
    "preview",
    "recovery_code",
    "representation",
    "required_document",
    "search_token",
    "sign_in",
    "step_decision",
    "stored_file",
}
APPEND_ONLY = {
    "acknowledgement",
    "allocation",
    "audit_event",
    "audit_seal",
    "invoice_line",
    "issued_paper",
    "journal",
    "paper_rendering",
    "payment",
    "posting",
    "step_decision",
}


def upgrade() -> None:
    op.create_table('chamber',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chamber')),
    sa.UniqueConstraint('slug', name=op.f('uq_chamber_slug'))
    )
    op.create_table('attempt',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_attempt_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_attempt'))
    )
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.create_index('ix_attempt_key', ['chamber_id', 'key', 'at'], unique=False)

    op.create_table('audit_event',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('subject_type', sa.String(length=40), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('actor_kind', sa.String(length=20), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('actor_name', sa.String(length=120), nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=True),
    sa.Column('acting', sa.Boolean(), nullable=False),
    sa.Column('details', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_audit_event_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_audit_event'))
    )
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.create_index('ix_audit_event_subject', ['chamber_id', 'subject_type', 'subject_id'], unique=False)

    op.create_table('chamber_domain',
    sa.Column('host', sa.String(length=253), nullable=False),
    sa.Column('chamber_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_chamber_domain_chamber_id')),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_chamber_domain'))
    )
    with op.batch_alter_table('chamber_domain', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_chamber_domain_chamber_id'), ['chamber_id'], unique=False)

    op.create_table('counter',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_counter_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_counter')),
    sa.UniqueConstraint('chamber_id', 'name', name=op.f('uq_counter_chamber_id_name'))
    )
    op.create_table('department',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=6), nullable=False),
    sa.Column('name_zh', sa.String(length=60), nullable=False),
    sa.Column('name_en', sa.String(length=80), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_department_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_department')),
    sa.UniqueConstraint('chamber_id', 'code', name=op.f('uq_department_chamber_id_code'))
    )
    op.create_table('dues_schedule',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('state', sa.Enum('draft', 'adopted', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('in_force_from', sa.Date(), nullable=False),
    sa.Column('resolution', sa.String(length=120), nullable=False),
    sa.Column('adopted_on', sa.Date(), nullable=True),
    sa.Column('entitled', sa.Integer(), nullable=True),
    sa.Column('present', sa.Integer(), nullable=True),
    sa.Column('in_favour', sa.Integer(), nullable=True),
    sa.CheckConstraint("state = 'draft' OR (adopted_on IS NOT NULL AND resolution <> '')", name=op.f('ck_dues_schedule_adopted_by_resolution')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_dues_schedule_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_dues_schedule'))
    )
    op.create_table('grade',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name_zh', sa.String(length=60), nullable=False),
    sa.Column('name_en', sa.String(length=80), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_grade_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_grade')),
    sa.UniqueConstraint('chamber_id', 'name_zh', name=op.f('uq_grade_chamber_id_name_zh'))
    )
    op.create_table('job',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('task', sa.String(length=60), nullable=False),
    sa.Column('args', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('unique_key', sa.String(length=200), nullable=True),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('ready', 'running', 'done', 'failed', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('run_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease_by', sa.String(length=80), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('progress', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('chamber_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_job_chamber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('unique_key', name=op.f('uq_job_unique_key'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_job_chamber_id'), ['chamber_id'], unique=False)
        batch_op.create_index('ix_job_due', ['priority', 'run_at'], unique=False, postgresql_where=sa.text("state IN ('ready', 'running')"), sqlite_where=sa.text("state IN ('ready', 'running')"))

    op.create_table('payment',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Enum('bank_transfer', name='channel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reference', sa.String(length=60), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('payer', sa.String(length=120), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.String(length=120), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_payment_positive')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_payment_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_payment')),
    sa.UniqueConstraint('chamber_id', 'channel', 'reference', name=op.f('uq_payment_chamber_id_channel_reference'))
    )
    op.create_table('person',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('totp_secret', sa.String(length=200), nullable=True),
    sa.Column('totp_confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('totp_last_step', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_person_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_person')),
    sa.UniqueConstraint('chamber_id', 'email', name=op.f('uq_person_chamber_id_email'))
    )
    op.create_table('required_document',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('title_zh', sa.String(length=120), nullable=False),
    sa.Column('title_en', sa.String(length=160), nullable=False),
    sa.Column('version', sa.String(length=40), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_required_document_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_required_document')),
    sa.UniqueConstraint('chamber_id', 'title_zh', 'version', name=op.f('uq_required_document_chamber_id_title_zh_version'))
    )
    op.create_table('search_token',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('subject_type', sa.String(length=30), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('token', sa.String(length=24), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_search_token_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_search_token')),
    sa.UniqueConstraint('chamber_id', 'subject_type', 'token', 'subject_id', name=op.f('uq_search_token_chamber_id_subject_type_token_subject_id'))
    )
    with op.batch_alter_table('search_token', schema=None) as batch_op:
        batch_op.create_index('ix_search_token_subject', ['chamber_id', 'subject_type', 'subject_id'], unique=False)

    op.create_table('stored_file',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('media_type', sa.String(length=80), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('owner_type', sa.String(length=40), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_stored_file_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_stored_file')),
    sa.UniqueConstraint('chamber_id', 'key', name=op.f('uq_stored_file_chamber_id_key'))
    )
    with op.batch_alter_table('stored_file', schema=None) as batch_op:
        batch_op.create_index('ix_stored_file_owner', ['chamber_id', 'owner_type', 'owner_id'], unique=False)

    op.create_table('appointment',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('department_id', sa.Uuid(), nullable=True),
    sa.Column('rank', sa.Enum('clerk', 'officer', 'head', 'secretary_general', name='rank', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('acting', sa.Boolean(), nullable=False),
    sa.Column('ceiling', sa.BigInteger(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("department_id IS NOT NULL OR rank = 'secretary_general'", name=op.f('ck_appointment_department_or_all')),
    sa.CheckConstraint('acting = false OR until_on IS NOT NULL', name=op.f('ck_appointment_acting_ends')),
    sa.ForeignKeyConstraint(['chamber_id', 'department_id'], ['department.chamber_id', 'department.id'], name=op.f('fk_appointment_chamber_id_department_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'person_id'], ['person.chamber_id', 'person.id'], name=op.f('fk_appointment_chamber_id_person_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_appointment_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_appointment'))
    )
    with op.batch_alter_table('appointment', schema=None) as batch_op:
        batch_op.create_index('ix_appointment_person', ['chamber_id', 'person_id'], unique=False)

    op.create_table('audit_seal',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'event_id'], ['audit_event.chamber_id', 'audit_event.id'], name=op.f('fk_audit_seal_chamber_id_event_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_audit_seal_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_audit_seal')),
    sa.UniqueConstraint('chamber_id', 'event_id', name=op.f('uq_audit_seal_chamber_id_event_id')),
    sa.UniqueConstraint('chamber_id', 'number', name=op.f('uq_audit_seal_chamber_id_number'))
    )
    op.create_table('chain_step',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('department', 'council', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('name_zh', sa.String(length=60), nullable=False),
    sa.Column('name_en', sa.String(length=80), nullable=False),
    sa.Column('department_id', sa.Uuid(), nullable=True),
    sa.Column('quorum_num', sa.Integer(), nullable=False),
    sa.Column('quorum_den', sa.Integer(), nullable=False),
    sa.Column('pass_num', sa.Integer(), nullable=False),
    sa.Column('pass_den', sa.Integer(), nullable=False),
    sa.Column('pass_base', sa.Enum('present', 'entitled', name='pass_base', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('strict', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'department_id'], ['department.chamber_id', 'department.id'], name=op.f('fk_chain_step_chamber_id_department_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_chain_step_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_chain_step')),
    sa.UniqueConstraint('chamber_id', 'position', name=op.f('uq_chain_step_chamber_id_position'))
    )
    op.create_table('chamber_settings',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name_zh', sa.String(length=120), nullable=False),
    sa.Column('name_en', sa.String(length=160), nullable=False),
    sa.Column('uscc', sa.String(length=18), nullable=True),
    sa.Column('colour', sa.String(length=7), nullable=False),
    sa.Column('seal_file_id', sa.Uuid(), nullable=True),
    sa.Column('zone', sa.String(length=40), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('introduction', sa.Text(), nullable=False),
    sa.Column('mail_sender_name', sa.String(length=120), nullable=False),
    sa.Column('mail_reply_to', sa.String(length=254), nullable=False),
    sa.Column('bank_account_name', sa.String(length=120), nullable=False),
    sa.Column('bank_name', sa.String(length=120), nullable=False),
    sa.Column('bank_account_number', sa.String(length=40), nullable=False),
    sa.Column('days_to_pay', sa.Integer(), nullable=False),
    sa.Column('staff_need_second_factor', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'seal_file_id'], ['stored_file.chamber_id', 'stored_file.id'], name=op.f('fk_chamber_settings_chamber_id_seal_file_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_chamber_settings_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_chamber_settings')),
    sa.UniqueConstraint('chamber_id', name=op.f('uq_chamber_settings_chamber_id'))
    )
    op.create_table('dues_rate',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('schedule_id', sa.Uuid(), nullable=False),
    sa.Column('grade_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount >= 0', name=op.f('ck_dues_rate_not_negative')),
    sa.ForeignKeyConstraint(['chamber_id', 'grade_id'], ['grade.chamber_id', 'grade.id'], name=op.f('fk_dues_rate_chamber_id_grade_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'schedule_id'], ['dues_schedule.chamber_id', 'dues_schedule.id'], name=op.f('fk_dues_rate_chamber_id_schedule_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_dues_rate_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_dues_rate')),
    sa.UniqueConstraint('chamber_id', 'schedule_id', 'grade_id', name=op.f('uq_dues_rate_chamber_id_schedule_id_grade_id'))
    )
    op.create_table('enterprise',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('uscc', sa.String(length=18), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('name_normal', sa.String(length=120), nullable=False),
    sa.Column('pinyin_key', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.Column('kind', sa.Enum('private', 'state_owned', 'foreign', 'joint_stock', 'sole_trader', 'institution', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('legal_representative', sa.String(length=80), nullable=False),
    sa.Column('capital', sa.BigInteger(), nullable=False),
    sa.Column('industry', sa.String(length=5), nullable=False),
    sa.Column('region', sa.String(length=6), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('licence_file_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'licence_file_id'], ['stored_file.chamber_id', 'stored_file.id'], name=op.f('fk_enterprise_chamber_id_licence_file_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_enterprise_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_enterprise')),
    sa.UniqueConstraint('chamber_id', 'uscc', name=op.f('uq_enterprise_chamber_id_uscc'))
    )
    with op.batch_alter_table('enterprise', schema=None) as batch_op:
        batch_op.create_index('ix_enterprise_name_normal', ['chamber_id', 'name_normal'], unique=False)
        batch_op.create_index('ix_enterprise_sorted', ['chamber_id', 'pinyin_key', 'id'], unique=False)

    op.create_table('mail',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('to_address', sa.String(length=254), nullable=False),
    sa.Column('to_name', sa.String(length=120), nullable=False),
    sa.Column('template', sa.String(length=80), nullable=False),
    sa.Column('context', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('secret', sa.String(length=80), nullable=True),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('attachment_file_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Enum('queued', 'sent', 'held', 'failed', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id', 'attachment_file_id'], ['stored_file.chamber_id', 'stored_file.id'], name=op.f('fk_mail_chamber_id_attachment_file_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_mail_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_mail'))
    )
    with op.batch_alter_table('mail', schema=None) as batch_op:
        batch_op.create_index('ix_mail_newest', ['chamber_id', 'created_at'], unique=False)

    op.create_table('mailed_link',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('invitation', 'reset', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('word_hash', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id', 'person_id'], ['person.chamber_id', 'person.id'], name=op.f('fk_mailed_link_chamber_id_person_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_mailed_link_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_mailed_link')),
    sa.UniqueConstraint('chamber_id', 'word_hash', name=op.f('uq_mailed_link_chamber_id_word_hash'))
    )
    op.create_table('preview',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=False),
    sa.Column('page', sa.Integer(), nullable=False),
    sa.Column('picture_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'file_id'], ['stored_file.chamber_id', 'stored_file.id'], name=op.f('fk_preview_chamber_id_file_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'picture_id'], ['stored_file.chamber_id', 'stored_file.id'], name='fk_preview_picture'),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_preview_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_preview')),
    sa.UniqueConstraint('chamber_id', 'file_id', 'page', name=op.f('uq_preview_chamber_id_file_id_page'))
    )
    op.create_table('recovery_code',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id', 'person_id'], ['person.chamber_id', 'person.id'], name=op.f('fk_recovery_code_chamber_id_person_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_recovery_code_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_recovery_code'))
    )
    op.create_table('invoice',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('payment_code', sa.String(length=12), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('dues_year', sa.Integer(), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('paid', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('state', sa.Enum('issued', 'partly_paid', 'paid', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('notify_name', sa.String(length=120), nullable=False),
    sa.Column('notify_email', sa.String(length=254), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.CheckConstraint("(state = 'paid') = (paid = amount)", name=op.f('ck_invoice_paid_is_whole')),
    sa.CheckConstraint('paid >= 0 AND paid <= amount', name=op.f('ck_invoice_paid_within_amount')),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_invoice_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_invoice_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_invoice')),
    sa.UniqueConstraint('chamber_id', 'enterprise_id', 'dues_year', name=op.f('uq_invoice_chamber_id_enterprise_id_dues_year')),
    sa.UniqueConstraint('chamber_id', 'number', name=op.f('uq_invoice_chamber_id_number')),
    sa.UniqueConstraint('chamber_id', 'payment_code', name=op.f('uq_invoice_chamber_id_payment_code'))
    )
    with op.batch_alter_table('invoice', schema=None) as batch_op:
        batch_op.create_index('ix_invoice_amount', ['chamber_id', 'amount'], unique=False)
        batch_op.create_index('ix_invoice_state', ['chamber_id', 'state', 'due_on'], unique=False)

    op.create_table('issued_paper',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('dues_notice', 'receipt', 'certificate', 'admission', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('subject_type', sa.String(length=40), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('template_version', sa.Integer(), nullable=False),
    sa.Column('snapshot', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_issued_paper_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_issued_paper_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_issued_paper')),
    sa.UniqueConstraint('chamber_id', 'kind', 'number', name=op.f('uq_issued_paper_chamber_id_kind_number'))
    )
    with op.batch_alter_table('issued_paper', schema=None) as batch_op:
        batch_op.create_index('ix_issued_paper_subject', ['chamber_id', 'subject_type', 'subject_id'], unique=False)

    op.create_table('representation',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('is_member_representative', sa.Boolean(), nullable=False),
    sa.Column('is_dues_contact', sa.Boolean(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_representation_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'person_id'], ['person.chamber_id', 'person.id'], name=op.f('fk_representation_chamber_id_person_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_representation_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_representation'))
    )
    with op.batch_alter_table('representation', schema=None) as batch_op:
        batch_op.create_index('ix_representation_enterprise', ['chamber_id', 'enterprise_id'], unique=False)
        batch_op.create_index('uq_representation_open', ['chamber_id', 'person_id', 'enterprise_id'], unique=True, postgresql_where=sa.text('ended_at IS NULL'), sqlite_where=sa.text('ended_at IS NULL'))

    op.create_table('sign_in',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('word_hash', sa.String(length=64), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('browser', sa.String(length=200), nullable=False),
    sa.Column('second_factor_passed', sa.Boolean(), nullable=False),
    sa.Column('represents_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id', 'person_id'], ['person.chamber_id', 'person.id'], name=op.f('fk_sign_in_chamber_id_person_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'represents_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_sign_in_chamber_id_represents_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_sign_in_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_sign_in')),
    sa.UniqueConstraint('chamber_id', 'word_hash', name=op.f('uq_sign_in_chamber_id_word_hash'))
    )
    op.create_table('allocation',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('invoice_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_allocation_positive')),
    sa.ForeignKeyConstraint(['chamber_id', 'invoice_id'], ['invoice.chamber_id', 'invoice.id'], name=op.f('fk_allocation_chamber_id_invoice_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'payment_id'], ['payment.chamber_id', 'payment.id'], name=op.f('fk_allocation_chamber_id_payment_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_allocation_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_allocation')),
    sa.UniqueConstraint('chamber_id', 'payment_id', 'invoice_id', name=op.f('uq_allocation_chamber_id_payment_id_invoice_id'))
    )
    with op.batch_alter_table('allocation', schema=None) as batch_op:
        batch_op.create_index('ix_allocation_invoice', ['chamber_id', 'invoice_id'], unique=False)

    op.create_table('application',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('form_key', sa.Uuid(), nullable=False),
    sa.Column('word_hash', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('draft', 'in_review', 'awaiting_dues', 'admitted', 'rejected', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=True),
    sa.Column('language', sa.String(length=5), nullable=False),
    sa.Column('uscc', sa.String(length=18), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.Enum('private', 'state_owned', 'foreign', 'joint_stock', 'sole_trader', 'institution', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('legal_representative', sa.String(length=80), nullable=False),
    sa.Column('capital', sa.BigInteger(), nullable=False),
    sa.Column('industry', sa.String(length=5), nullable=False),
    sa.Column('region', sa.String(length=6), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('grade_id', sa.Uuid(), nullable=False),
    sa.Column('contact_name', sa.String(length=80), nullable=False),
    sa.Column('contact_email', sa.String(length=254), nullable=False),
    sa.Column('contact_phone', sa.String(length=40), nullable=False),
    sa.Column('licence_file_id', sa.Uuid(), nullable=True),
    sa.Column('enterprise_id', sa.Uuid(), nullable=True),
    sa.Column('invoice_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state = 'draft' OR (number IS NOT NULL AND enterprise_id IS NOT NULL)", name=op.f('ck_application_submitted_is_numbered')),
    sa.CheckConstraint("state NOT IN ('awaiting_dues', 'admitted') OR invoice_id IS NOT NULL", name=op.f('ck_application_approved_is_invoiced')),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_application_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'grade_id'], ['grade.chamber_id', 'grade.id'], name=op.f('fk_application_chamber_id_grade_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'invoice_id'], ['invoice.chamber_id', 'invoice.id'], name=op.f('fk_application_chamber_id_invoice_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'licence_file_id'], ['stored_file.chamber_id', 'stored_file.id'], name=op.f('fk_application_chamber_id_licence_file_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_application_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_application')),
    sa.UniqueConstraint('chamber_id', 'form_key', name=op.f('uq_application_chamber_id_form_key')),
    sa.UniqueConstraint('chamber_id', 'number', name=op.f('uq_application_chamber_id_number')),
    sa.UniqueConstraint('chamber_id', 'word_hash', name=op.f('uq_application_chamber_id_word_hash'))
    )
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.create_index('ix_application_invoice', ['chamber_id', 'invoice_id'], unique=False)
        batch_op.create_index('ix_application_queue', ['chamber_id', 'state', 'submitted_at'], unique=False)

    op.create_table('filed_paper',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('department_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('author', sa.String(length=120), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('retention', sa.Enum('Y', 'D30', 'D10', name='retention', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('candidate', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('origin_type', sa.String(length=40), nullable=False),
    sa.Column('origin_id', sa.Uuid(), nullable=False),
    sa.Column('paper_id', sa.Uuid(), nullable=False),
    sa.Column('filed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'department_id'], ['department.chamber_id', 'department.id'], name=op.f('fk_filed_paper_chamber_id_department_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'paper_id'], ['issued_paper.chamber_id', 'issued_paper.id'], name=op.f('fk_filed_paper_chamber_id_paper_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_filed_paper_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_filed_paper')),
    sa.UniqueConstraint('chamber_id', 'origin_type', 'origin_id', 'paper_id', name=op.f('uq_filed_paper_chamber_id_origin_type_origin_id_paper_id'))
    )
    with op.batch_alter_table('filed_paper', schema=None) as batch_op:
        batch_op.create_index('ix_filed_paper_tray', ['chamber_id', 'department_id', 'filed_at'], unique=False)

    op.create_table('invoice_line',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('invoice_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('wording', sa.String(length=200), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'invoice_id'], ['invoice.chamber_id', 'invoice.id'], name=op.f('fk_invoice_line_chamber_id_invoice_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_invoice_line_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_invoice_line')),
    sa.UniqueConstraint('chamber_id', 'invoice_id', 'position', name=op.f('uq_invoice_line_chamber_id_invoice_id_position'))
    )
    op.create_table('journal',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('posted_on', sa.Date(), nullable=False),
    sa.Column('posted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('invoice_id', sa.Uuid(), nullable=True),
    sa.Column('payment_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint('(invoice_id IS NULL) <> (payment_id IS NULL)', name=op.f('ck_journal_one_origin')),
    sa.ForeignKeyConstraint(['chamber_id', 'invoice_id'], ['invoice.chamber_id', 'invoice.id'], name=op.f('fk_journal_chamber_id_invoice_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'payment_id'], ['payment.chamber_id', 'payment.id'], name=op.f('fk_journal_chamber_id_payment_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_journal_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_journal'))
    )
    op.create_table('paper_rendering',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('paper_id', sa.Uuid(), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=False),
    sa.Column('rendered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'file_id'], ['stored_file.chamber_id', 'stored_file.id'], name=op.f('fk_paper_rendering_chamber_id_file_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'paper_id'], ['issued_paper.chamber_id', 'issued_paper.id'], name=op.f('fk_paper_rendering_chamber_id_paper_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_paper_rendering_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_paper_rendering')),
    sa.UniqueConstraint('chamber_id', 'paper_id', name=op.f('uq_paper_rendering_chamber_id_paper_id'))
    )
    op.create_table('acknowledgement',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('document_id', sa.Uuid(), nullable=False),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_acknowledgement_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'document_id'], ['required_document.chamber_id', 'required_document.id'], name=op.f('fk_acknowledgement_chamber_id_document_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_acknowledgement_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_acknowledgement')),
    sa.UniqueConstraint('chamber_id', 'application_id', 'document_id', name=op.f('uq_acknowledgement_chamber_id_application_id_document_id'))
    )
    op.create_table('application_step',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'open', 'passed', 'failed', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('department', 'council', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('name_zh', sa.String(length=60), nullable=False),
    sa.Column('name_en', sa.String(length=80), nullable=False),
    sa.Column('department_id', sa.Uuid(), nullable=True),
    sa.Column('quorum_num', sa.Integer(), nullable=False),
    sa.Column('quorum_den', sa.Integer(), nullable=False),
    sa.Column('pass_num', sa.Integer(), nullable=False),
    sa.Column('pass_den', sa.Integer(), nullable=False),
    sa.Column('pass_base', sa.Enum('present', 'entitled', name='pass_base', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('strict', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_application_step_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'department_id'], ['department.chamber_id', 'department.id'], name=op.f('fk_application_step_chamber_id_department_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_application_step_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_application_step')),
    sa.UniqueConstraint('chamber_id', 'application_id', 'position', name=op.f('uq_application_step_chamber_id_application_id_position'))
    )
    with op.batch_alter_table('application_step', schema=None) as batch_op:
        batch_op.create_index('ix_application_step_queue', ['chamber_id', 'state', 'opened_at'], unique=False)

    op.create_table('membership',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('grade_id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=True),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('state', sa.Enum('active', 'lapsed', 'exited', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('joined_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_membership_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_membership_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'grade_id'], ['grade.chamber_id', 'grade.id'], name=op.f('fk_membership_chamber_id_grade_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_membership_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_membership')),
    sa.UniqueConstraint('chamber_id', 'application_id', name=op.f('uq_membership_chamber_id_application_id')),
    sa.UniqueConstraint('chamber_id', 'number', name=op.f('uq_membership_chamber_id_number'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index('uq_membership_open', ['chamber_id', 'enterprise_id'], unique=True, postgresql_where=sa.text("state <> 'exited'"), sqlite_where=sa.text("state <> 'exited'"))

    op.create_table('posting',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('journal_id', sa.Uuid(), nullable=False),
    sa.Column('account', sa.Enum('receivables', 'bank', 'dues_income', 'credit_on_account', name='account', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount <> 0', name=op.f('ck_posting_not_zero')),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_posting_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'journal_id'], ['journal.chamber_id', 'journal.id'], name=op.f('fk_posting_chamber_id_journal_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_posting_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_posting'))
    )
    with op.batch_alter_table('posting', schema=None) as batch_op:
        batch_op.create_index('ix_posting_enterprise', ['chamber_id', 'enterprise_id', 'account'], unique=False)
        batch_op.create_index('ix_posting_journal', ['chamber_id', 'journal_id'], unique=False)

    op.create_table('announcement',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('membership_id', sa.Uuid(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'membership_id'], ['membership.chamber_id', 'membership.id'], name=op.f('fk_announcement_chamber_id_membership_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_announcement_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_announcement')),
    sa.UniqueConstraint('chamber_id', 'membership_id', name=op.f('uq_announcement_chamber_id_membership_id'))
    )
    with op.batch_alter_table('announcement', schema=None) as batch_op:
        batch_op.create_index('ix_announcement_newest', ['chamber_id', 'published_at'], unique=False)

    op.create_table('step_decision',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('step_id', sa.Uuid(), nullable=False),
    sa.Column('approved', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('person_name', sa.String(length=120), nullable=False),
    sa.Column('post_id', sa.Uuid(), nullable=True),
    sa.Column('acting', sa.Boolean(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('meeting_on', sa.Date(), nullable=True),
    sa.Column('entitled', sa.Integer(), nullable=True),
    sa.Column('present', sa.Integer(), nullable=True),
    sa.Column('in_favour', sa.Integer(), nullable=True),
    sa.CheckConstraint("approved = true OR reason <> ''", name=op.f('ck_step_decision_rejection_has_reason')),
    sa.ForeignKeyConstraint(['chamber_id', 'person_id'], ['person.chamber_id', 'person.id'], name=op.f('fk_step_decision_chamber_id_person_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'post_id'], ['appointment.chamber_id', 'appointment.id'], name=op.f('fk_step_decision_chamber_id_post_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'step_id'], ['application_step.chamber_id', 'application_step.id'], name=op.f('fk_step_decision_chamber_id_step_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_step_decision_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_step_decision')),
    sa.UniqueConstraint('chamber_id', 'step_id', name=op.f('uq_step_decision_chamber_id_step_id'))
    )
    dialect = op.get_context().dialect.name
    raise_fences(op.execute, dialect, OWNED)
    refuse_changes(op.execute, dialect, APPEND_ONLY)
