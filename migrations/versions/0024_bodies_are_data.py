"""Who decides is data: assembly and council with their rules and the offices that sit there; a council's step names its body."""

import uuid

import sqlalchemy as sa
from alembic import op

from portal.tenancy.fences import lowered_fences, raise_fences

revision = "0024"
down_revision = "0023"
BODIES = (
    ("assembly", "会员大会", "Members' assembly", 1, (1, 2)),
    ("council", "理事会", "Council", 2, (2, 3)),
)
BASES = ("present", "entitled")
STEPS = ("chain_step", "application_step")


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    _create_tables()
    connection = op.get_bind()
    with lowered_fences(connection):
        _open_bodies(connection)
        op.execute(
            "INSERT INTO body_seat (chamber_id, id, body_id, office_id) SELECT office.chamber_id, office.id, body.id, office.id"
            " FROM office JOIN body ON body.chamber_id = office.chamber_id AND body.code = 'council' WHERE office.in_council"
        )
        with op.batch_alter_table("office") as table:
            table.drop_column("in_council")
        for name in STEPS:
            _name_body(name)
    raise_fences(op.execute, dialect, {"body", "body_seat"})


def _create_tables() -> None:
    op.create_table(
        "body",
        *_key("body"),
        sa.Column("code", sa.String(20), nullable=True),
        sa.Column("name_zh", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("quorum_num", "quorum_den", "pass_num", "pass_den")),
        sa.Column("pass_base", sa.Enum(*BASES, name="pass_base", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("strict", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("chamber_id", "code", name=op.f("uq_body_chamber_id_code")),
        sa.UniqueConstraint("chamber_id", "name_zh", name=op.f("uq_body_chamber_id_name_zh")),
        sa.CheckConstraint("0 < quorum_num AND quorum_num <= quorum_den", name=op.f("ck_body_quorum_is_fraction")),
        sa.CheckConstraint("0 < pass_num AND pass_num <= pass_den", name=op.f("ck_body_majority_is_fraction")),
    )
    op.create_table(
        "body_seat",
        *_key("body_seat"),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.UniqueConstraint("chamber_id", "body_id", "office_id", name=op.f("uq_body_seat_chamber_id_body_id_office_id")),
        *(
            sa.ForeignKeyConstraint(["chamber_id", f"{name}_id"], [f"{name}.chamber_id", f"{name}.id"], name=op.f(f"fk_body_seat_chamber_id_{name}_id"))
            for name in ("body", "office")
        ),
    )


def _key(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("chamber_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("chamber_id", "id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["chamber_id"], ["chamber.id"], name=op.f(f"fk_{table}_chamber_id")),
    )


def _open_bodies(connection: sa.Connection) -> None:
    chamber = sa.table("chamber", sa.column("id", sa.Uuid()))
    body = sa.table(
        "body",
        sa.column("chamber_id", sa.Uuid()),
        sa.column("id", sa.Uuid()),
        *map(sa.column, ("code", "name_zh", "name_en", "position", "quorum_num", "quorum_den", "pass_num", "pass_den", "pass_base")),
        sa.column("strict", sa.Boolean()),
    )
    for chamber_id in connection.execute(sa.select(chamber.c.id)).scalars().all():
        for code, name_zh, name_en, position, (pass_num, pass_den) in BODIES:
            names = {"code": code, "name_zh": name_zh, "name_en": name_en, "position": position}
            rule = {"quorum_num": 2, "quorum_den": 3, "pass_num": pass_num, "pass_den": pass_den, "pass_base": "present", "strict": False}
            connection.execute(sa.insert(body).values(chamber_id=chamber_id, id=uuid.uuid4(), **names, **rule))


def _name_body(name: str) -> None:
    """Steps that a council decides are the council's."""
    with op.batch_alter_table(name) as table:
        table.add_column(sa.Column("body_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f(f"fk_{name}_chamber_id_body_id"), "body", ["chamber_id", "body_id"], ["chamber_id", "id"])
    op.execute(
        f"UPDATE {name} SET body_id = (SELECT body.id FROM body WHERE body.chamber_id = {name}.chamber_id AND body.code = 'council')"  # noqa: S608
        " WHERE kind = 'council'"
    )
