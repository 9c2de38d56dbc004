"""A meeting's agenda holds matters: of a kind, about a row of whoever brings it, decided by a rule; it has a body, an hour, a notice."""

import sqlalchemy as sa
from alembic import op

from portal.tenancy.fences import lowered_fences, raise_fences

revision = "0026"
down_revision = "0025"
BASES = ("present", "entitled")
RULE = "quorum_num, quorum_den, pass_num, pass_den, pass_base, strict"


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    _create_matters()
    connection = op.get_bind()
    with lowered_fences(connection):
        _bring_matters()
        _name_body_of_meetings()
        _list_matters()
        with op.batch_alter_table("meeting_attendee") as table:
            table.add_column(sa.Column("enterprise_id", sa.Uuid(), nullable=True))
            _point(table, "meeting_attendee", "enterprise")
    raise_fences(op.execute, dialect, {"matter"})


def _create_matters() -> None:
    op.create_table(
        "matter",
        sa.Column("chamber_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("quorum_num", "quorum_den", "pass_num", "pass_den")),
        sa.Column("pass_base", sa.Enum(*BASES, name="pass_base", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("strict", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("chamber_id", "id", name=op.f("pk_matter")),
        sa.ForeignKeyConstraint(["chamber_id"], ["chamber.id"], name=op.f("fk_matter_chamber_id")),
        sa.ForeignKeyConstraint(["chamber_id", "body_id"], ["body.chamber_id", "body.id"], name=op.f("fk_matter_chamber_id_body_id")),
    )
    op.create_index("ix_matter_subject", "matter", ["chamber_id", "subject_id"])
    op.create_index("ix_matter_waiting", "matter", ["chamber_id", "body_id", "brought_at", "id"])


def _bring_matters() -> None:
    """Each step that has come before the council is a matter, under the step's id."""
    rule = ", ".join(f"application_step.{name}" for name in RULE.split(", "))
    op.execute(
        f"INSERT INTO matter (chamber_id, id, kind, body_id, title, text, subject_type, subject_id, brought_at, {RULE})"  # noqa: S608
        " SELECT application_step.chamber_id, application_step.id, 'admission', application_step.body_id, application.name, '',"
        f" 'application_step', application_step.id, application_step.opened_at, {rule}"
        " FROM application_step JOIN application ON application.chamber_id = application_step.chamber_id"
        " AND application.id = application_step.application_id"
        " WHERE application_step.kind = 'council' AND application_step.opened_at IS NOT NULL"
    )


def _name_body_of_meetings() -> None:
    with op.batch_alter_table("council_meeting") as table:
        table.add_column(sa.Column("body_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("begins_at", sa.Time(), nullable=True))
        table.add_column(sa.Column("notice_sent_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE council_meeting SET body_id = (SELECT body.id FROM body"
        " WHERE body.chamber_id = council_meeting.chamber_id AND body.code = 'council')"
    )
    with op.batch_alter_table("council_meeting") as table:
        table.alter_column("body_id", existing_type=sa.Uuid(), nullable=False)
        _point(table, "council_meeting", "body")


def _list_matters() -> None:
    """A candidate on a list becomes the matter of its step."""
    op.drop_index("ix_meeting_item_step", table_name="meeting_item")
    with op.batch_alter_table("meeting_item") as table:
        for name in ("step", "application"):
            table.drop_constraint(op.f(f"fk_meeting_item_chamber_id_{name}_id"), type_="foreignkey")
        table.drop_constraint(op.f("uq_meeting_item_chamber_id_meeting_id_step_id"), type_="unique")
        table.drop_column("application_id")
        table.alter_column("step_id", new_column_name="matter_id", existing_type=sa.Uuid())
    with op.batch_alter_table("meeting_item") as table:
        table.create_unique_constraint(op.f("uq_meeting_item_chamber_id_meeting_id_matter_id"), ["chamber_id", "meeting_id", "matter_id"])
        _point(table, "meeting_item", "matter")
    op.create_index("ix_meeting_item_matter", "meeting_item", ["chamber_id", "matter_id"])


def _point(table: object, name: str, to: str) -> None:
    columns = ["chamber_id", f"{to}_id"]
    table.create_foreign_key(op.f(f"fk_{name}_chamber_id_{to}_id"), to, columns, ["chamber_id", "id"])  # type: ignore[attr-defined]
