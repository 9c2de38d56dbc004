"""The chamber's own questions to applicants with their answers; an older 15-digit number with its reason."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.foundation.ids import new_id
from portal.tenancy.fences import raise_fences

revision = "0007"
down_revision = "0006"

ATTESTED = (
    ("我单位拥护本会章程，自愿遵守", "We accept the chamber's charter and will keep it"),
    ("我单位有加入本会的意愿", "We wish to join the chamber"),
    ("我单位在本行业领域内具有一定影响，无严重失信记录", "We have standing in our trade and no record of serious breach of trust"),
)


def upgrade() -> None:
    _create()
    op.add_column("application", sa.Column("legacy_reason", sa.String(300)))
    op.execute("UPDATE application SET legacy_reason = ''")
    with op.batch_alter_table("application") as table:
        table.alter_column("legacy_reason", existing_type=sa.String(300), nullable=False)
    question = sa.table("question", *(sa.column(name, kind) for name, kind in _COLUMNS))
    for chamber_id in op.get_bind().execute(sa.select(sa.table("chamber", sa.column("id", sa.Uuid())).c.id)).scalars().all():
        for position, (zh, en) in enumerate(ATTESTED, 1):
            words = {"title_zh": zh, "title_en": en, "help_zh": "", "help_en": "", "kind": "attestation", "choices": [], "required": True}
            op.execute(sa.insert(question).values(chamber_id=chamber_id, id=new_id(), position=position, **words))
    raise_fences(op.execute, op.get_context().dialect.name, {"answer", "question"})


_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_COLUMNS = (
    ("chamber_id", sa.Uuid()),
    ("id", sa.Uuid()),
    ("kind", sa.String()),
    ("title_zh", sa.String()),
    ("title_en", sa.String()),
    ("help_zh", sa.String()),
    ("help_en", sa.String()),
    ("choices", _JSON),
    ("required", sa.Boolean()),
    ("position", sa.Integer()),
)


def _create() -> None:
    op.create_table('question',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('attestation', 'text', 'paragraph', 'choice', 'paper', 'referee', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('title_zh', sa.String(length=200), nullable=False),
    sa.Column('title_en', sa.String(length=300), nullable=False),
    sa.Column('help_zh', sa.String(length=300), nullable=False),
    sa.Column('help_en', sa.String(length=300), nullable=False),
    sa.Column('choices', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('required', sa.Boolean(), nullable=False),
    sa.Column('grade_id', sa.Uuid(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("title_zh <> ''", name=op.f('ck_question_has_words')),
    sa.ForeignKeyConstraint(['chamber_id', 'grade_id'], ['grade.chamber_id', 'grade.id'], name=op.f('fk_question_chamber_id_grade_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_question_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_question'))
    )
    op.create_table('answer',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('question_id', sa.Uuid(), nullable=False),
    sa.Column('words', sa.String(length=2000), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id', 'application_id'], ['application.chamber_id', 'application.id'], name=op.f('fk_answer_chamber_id_application_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'file_id'], ['stored_file.chamber_id', 'stored_file.id'], name=op.f('fk_answer_chamber_id_file_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'question_id'], ['question.chamber_id', 'question.id'], name=op.f('fk_answer_chamber_id_question_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_answer_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_answer')),
    sa.UniqueConstraint('chamber_id', 'application_id', 'question_id', name=op.f('uq_answer_chamber_id_application_id_question_id'))
    )
