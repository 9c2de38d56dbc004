"""Accounts are data, whoever owes is a party, a line names its account of income, and an entry names loosely what it came from."""

import uuid

import sqlalchemy as sa
from alembic import op

from portal.tenancy.fences import allow_changes, lowered_fences, raise_fences, refuse_changes

revision = "0023"
down_revision = "0022"
CHART = (
    ("cash", "1001", "现金", "Cash", "asset"),
    ("bank", "1002", "银行存款", "Bank", "asset"),
    ("stripe_clearing", "1009", "其他货币资金", "Stripe clearing", "asset"),
    ("receivables", "1121", "应收账款", "Receivables", "asset"),
    ("credit_on_account", "2203", "预收账款", "Credit on account", "liability"),
    ("refunds", "2209", "其他应付款", "Refunds", "liability"),
    ("donations", "4101", "捐赠收入", "Donations and sponsorship", "income"),
    ("dues_income", "4201", "会费收入", "Dues income", "income"),
    ("services", "4301", "提供服务收入", "Income from services", "income"),
    ("other_income", "4901", "其他收入", "Other income", "income"),
    ("fees", "5201", "管理费用", "Payment fees", "expense"),
)
KINDS_OF_PARTY = ("enterprise", "guest", "sponsor", "tenant")
KINDS_OF_ACCOUNT = ("asset", "liability", "net_assets", "income", "expense")
FILLED_IN = {"posting", "journal", "invoice_line"}
OWNED = (("posting", ("account",)), ("invoice", ("issued_on",)), ("refund", ()))
"""The tables that named an enterprise and name a party now, with what follows it in their index."""


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    _create_tables()
    connection = op.get_bind()
    with lowered_fences(connection):
        _open_accounts(connection)
        op.execute("INSERT INTO party (chamber_id, id, kind, name) SELECT chamber_id, id, 'enterprise', '' FROM enterprise")
        with op.batch_alter_table("enterprise") as table:
            table.create_foreign_key(op.f("fk_enterprise_chamber_id_id"), "party", ["chamber_id", "id"], ["chamber_id", "id"])
        allow_changes(op.execute, dialect, FILLED_IN)
        for name, rest in OWNED:
            _name_party(name, rest)
        with op.batch_alter_table("posting") as table:
            table.drop_constraint(op.f("ck_posting_account"), type_="check")
            table.create_foreign_key(op.f("fk_posting_chamber_id_account"), "account", ["chamber_id", "account"], ["chamber_id", "code"])
        _name_origin()
        _name_account_of_lines()
    raise_fences(op.execute, dialect, {"party", "account"})
    refuse_changes(op.execute, dialect, FILLED_IN)


def _create_tables() -> None:
    op.create_table(
        "party",
        *_key("party"),
        sa.Column("kind", sa.Enum(*KINDS_OF_PARTY, name="kind", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.CheckConstraint("(kind = 'enterprise') = (name = '')", name=op.f("ck_party_outside_has_name")),
    )
    outside = sa.text("name <> ''")
    op.create_index("uq_party_outside", "party", ["chamber_id", "kind", "name"], unique=True, postgresql_where=outside, sqlite_where=outside)
    op.create_table(
        "account",
        *_key("account"),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("name_zh", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(80), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS_OF_ACCOUNT, name="kind", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.UniqueConstraint("chamber_id", "code", name=op.f("uq_account_chamber_id_code")),
        sa.UniqueConstraint("chamber_id", "number", name=op.f("uq_account_chamber_id_number")),
    )


def _key(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("chamber_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("chamber_id", "id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["chamber_id"], ["chamber.id"], name=op.f(f"fk_{table}_chamber_id")),
    )


def _open_accounts(connection: sa.Connection) -> None:
    chamber = sa.table("chamber", sa.column("id", sa.Uuid()))
    names = ("code", "number", "name_zh", "name_en", "kind")
    account = sa.table("account", sa.column("chamber_id", sa.Uuid()), sa.column("id", sa.Uuid()), *map(sa.column, names))
    for chamber_id in connection.execute(sa.select(chamber.c.id)).scalars().all():
        for line in CHART:
            connection.execute(sa.insert(account).values(chamber_id=chamber_id, id=uuid.uuid4(), **dict(zip(names, line, strict=True))))


def _name_party(name: str, rest: tuple[str, ...]) -> None:
    """The enterprise's id is its party's: the column takes the other name, and the key leads to the other table."""
    op.drop_index(f"ix_{name}_enterprise", table_name=name)
    with op.batch_alter_table(name) as table:
        table.drop_constraint(op.f(f"fk_{name}_chamber_id_enterprise_id"), type_="foreignkey")
        table.alter_column("enterprise_id", new_column_name="party_id")
    with op.batch_alter_table(name) as table:
        table.create_foreign_key(op.f(f"fk_{name}_chamber_id_party_id"), "party", ["chamber_id", "party_id"], ["chamber_id", "id"])
    op.create_index(f"ix_{name}_party", name, ["chamber_id", "party_id", *rest])


def _name_origin() -> None:
    """An entry of both a payment and an invoice came from the payment; the invoice stands beside."""
    with op.batch_alter_table("journal") as table:
        table.add_column(sa.Column("origin_type", sa.String(40), nullable=True))
        table.add_column(sa.Column("origin_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("beside_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE journal SET origin_id = coalesce(refund_id, payment_id, invoice_id), origin_type = CASE WHEN refund_id IS NOT NULL THEN 'refund'"
        " WHEN payment_id IS NOT NULL THEN 'payment' ELSE 'invoice' END, beside_id = CASE WHEN payment_id IS NOT NULL THEN invoice_id END"
    )
    op.drop_index("ix_journal_payment", table_name="journal")
    op.drop_index("ix_journal_invoice", table_name="journal")
    with op.batch_alter_table("journal") as table:
        table.drop_constraint(op.f("ck_journal_has_origin"), type_="check")
        for column in ("invoice_id", "payment_id", "refund_id"):
            table.drop_constraint(op.f(f"fk_journal_chamber_id_{column}"), type_="foreignkey")
            table.drop_column(column)
        table.alter_column("origin_type", nullable=False)
        table.alter_column("origin_id", nullable=False)
    op.create_index("ix_journal_origin", "journal", ["chamber_id", "origin_id"])


def _name_account_of_lines() -> None:
    with op.batch_alter_table("invoice_line") as table:
        table.add_column(sa.Column("account", sa.String(40), nullable=False, server_default="dues_income"))
        table.create_foreign_key(op.f("fk_invoice_line_chamber_id_account"), "account", ["chamber_id", "account"], ["chamber_id", "code"])
    with op.batch_alter_table("invoice_line") as table:
        table.alter_column("account", server_default=None)
