"""What an enterprise owes for a period is a charge of its own; an invoice knows no dues.

Two standing charges of one enterprise overlap no more. Those that overlap already are told by number and inherited: they stand outside the rule.
"""

import sqlalchemy as sa
from alembic import op

from portal.tenancy.fences import keep_apart, lowered_fences, raise_fences

revision = "0022"
down_revision = "0021"
STANDING = sa.text("standing")
OF_DUES = ("dues_year", "supplement", "rate_id", "covers_from", "covers_until")
TAKEN_BACK = ("void", "credited")


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    if dialect == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "dues_charge",
        sa.Column("chamber_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("dues_year", sa.Integer(), nullable=False),
        sa.Column("supplement", sa.Integer(), nullable=False),
        sa.Column("rate_id", sa.Uuid(), nullable=True),
        sa.Column("covers_from", sa.Date(), nullable=False),
        sa.Column("covers_until", sa.Date(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("inherited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("chamber_id", "id", name=op.f("pk_dues_charge")),
        sa.ForeignKeyConstraint(["chamber_id"], ["chamber.id"], name=op.f("fk_dues_charge_chamber_id")),
        *(
            sa.ForeignKeyConstraint(
                ["chamber_id", column],
                [f"{table}.chamber_id", f"{table}.id"],
                name=op.f(f"fk_dues_charge_chamber_id_{column}"),
            )
            for column, table in (("enterprise_id", "enterprise"), ("invoice_id", "invoice"), ("rate_id", "dues_rate"))
        ),
        sa.UniqueConstraint("chamber_id", "invoice_id", name=op.f("uq_dues_charge_chamber_id_invoice_id")),
        sa.CheckConstraint("covers_until >= covers_from", name=op.f("ck_dues_charge_covers_in_order")),
    )
    connection = op.get_bind()
    with lowered_fences(connection):
        _move(connection)
        op.create_index("ix_dues_charge_enterprise", "dues_charge", ["chamber_id", "enterprise_id", "covers_from"])
        _inherit(connection)
    op.create_index(
        "uq_dues_charge_standing",
        "dues_charge",
        ["chamber_id", "enterprise_id", "dues_year", "supplement"],
        unique=True,
        postgresql_where=STANDING,
        sqlite_where=STANDING,
    )
    where = "standing AND NOT inherited AND supplement = 0"
    keep_apart(op.execute, dialect, "dues_charge", "enterprise_id", "covers_from", "covers_until", where)
    raise_fences(op.execute, dialect, {"dues_charge"})
    op.drop_index("uq_invoice_standing", table_name="invoice")
    with op.batch_alter_table("invoice") as table:
        table.drop_constraint(op.f("ck_invoice_covers_in_order"), type_="check")
        table.drop_constraint(op.f("fk_invoice_chamber_id_rate_id"), type_="foreignkey")
        for column in OF_DUES:
            table.drop_column(column)


def _move(connection: sa.Connection) -> None:
    """Each invoice so far is one of dues; its charge bears the invoice's id."""
    columns = ("chamber_id", "id", "enterprise_id", *OF_DUES)
    invoice = sa.table("invoice", *(sa.column(name) for name in (*columns, "state")))
    stands = sa.case((invoice.c.state.in_(TAKEN_BACK), sa.false()), else_=sa.true())
    rows = sa.select(*(invoice.c[name] for name in columns), invoice.c.id, stands, sa.false())
    names = [*columns, "invoice_id", "standing", "inherited"]
    connection.execute(sa.insert(sa.table("dues_charge", *map(sa.column, names))).from_select(names, rows))


def _inherit(connection: sa.Connection) -> None:
    """Of charges that overlap, all but the one that was raised first are inherited."""
    kinds = {"chamber_id": sa.Uuid(), "id": sa.Uuid(), "enterprise_id": sa.Uuid(), "inherited": sa.Boolean(), "standing": sa.Boolean()}
    kinds |= {"covers_from": sa.Date(), "covers_until": sa.Date(), "supplement": sa.Integer()}
    charge = sa.table("dues_charge", *(sa.column(name, kind) for name, kind in kinds.items()))
    other = charge.alias()
    invoice = sa.table("invoice", sa.column("chamber_id", sa.Uuid()), sa.column("id", sa.Uuid()), sa.column("number"))
    overlap = sa.and_(
        charge.c.chamber_id == other.c.chamber_id,
        charge.c.enterprise_id == other.c.enterprise_id,
        charge.c.covers_from <= other.c.covers_until,
        charge.c.covers_until >= other.c.covers_from,
        charge.c.id > other.c.id,
        *(side.c.standing & (side.c.supplement == 0) for side in (charge, other)),
    )
    query = sa.select(charge.c.chamber_id, charge.c.id, invoice.c.number, other.c.id.label("earlier")).select_from(charge.join(other, overlap))
    query = query.join(invoice, sa.and_(invoice.c.chamber_id == charge.c.chamber_id, invoice.c.id == charge.c.id))
    outside: set[object] = set()
    for row in connection.execute(query.order_by(charge.c.id, other.c.id)).all():
        if row.earlier in outside or row.id in outside:
            continue
        outside.add(row.id)
        mine = sa.and_(charge.c.chamber_id == row.chamber_id, charge.c.id == row.id)
        connection.execute(sa.update(charge).where(mine).values(inherited=True))
        print(f"{row.number} overlaps an earlier charge of the same enterprise (chamber {row.chamber_id}): kept as inherited")
