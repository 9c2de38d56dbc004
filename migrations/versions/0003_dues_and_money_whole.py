"""Dues by office and term, prorated; voids, credit notes, undone payments, refunds, slips; papers that can be checked and copied."""

import sqlalchemy as sa
from alembic import op

from portal.tenancy.fences import allow_changes, raise_fences, refuse_changes

revision = "0003"
down_revision = "0002"

NEW = {"credit_note", "dues_suspension", "invoice_void", "office", "office_holding", "paper_void", "payment_slip", "payment_undoing", "refund", "refund_step"}
NEW_APPEND_ONLY = {"credit_note", "invoice_void", "paper_void", "payment_undoing", "refund_step"}
CHANGED_APPEND_ONLY = {"allocation", "invoice_line", "issued_paper", "journal", "payment", "posting"}
ENUMS = {
    ("invoice", "state"): ("issued", "partly_paid", "paid", "void", "credited"),
    ("payment", "channel"): ("bank_transfer", "cash"),
    ("posting", "account"): ("receivables", "bank", "cash", "dues_income", "credit_on_account", "refunds"),
    ("issued_paper", "kind"): ("dues_notice", "receipt", "certificate", "admission", "credit_note"),
}
CALENDAR = sa.Enum("calendar", "rolling", name="period", native_enum=False, create_constraint=True, length=40)
PRORATION = sa.Enum("full", "half_year", "monthly", "daily", name="proration", native_enum=False, create_constraint=True, length=40)
KINDS = ("invoice", "void", "credit_note", "payment", "undoing", "credit_used", "refund_set_aside", "refund_paid", "refund_declined")


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    allow_changes(op.execute, dialect, CHANGED_APPEND_ONLY)
    _create()
    _add_columns()
    _fill_in()
    _tighten()
    raise_fences(op.execute, dialect, NEW)
    refuse_changes(op.execute, dialect, NEW_APPEND_ONLY | CHANGED_APPEND_ONLY)


def _add_columns() -> None:
    for table, columns in {
        "allocation": (sa.Column("journal_id", sa.Uuid()),),
        "application": (sa.Column("dues_years", sa.Integer()),),
        "dues_rate": (sa.Column("office_id", sa.Uuid()), sa.Column("years", sa.Integer()), sa.Column("joining_fee", sa.BigInteger())),
        "dues_schedule": (sa.Column("period", sa.String(40)), sa.Column("proration", sa.String(40)), sa.Column("due_month", sa.Integer()), sa.Column("due_day", sa.Integer())),
        "invoice": (sa.Column("covers_from", sa.Date()), sa.Column("covers_until", sa.Date()), sa.Column("credited", sa.BigInteger())),
        "invoice_line": (sa.Column("formula", sa.String(200)),),
        "issued_paper": (sa.Column("copy", sa.Integer()), sa.Column("check_word", sa.String(43))),
        "journal": (sa.Column("kind", sa.String(40)), sa.Column("refund_id", sa.Uuid()), sa.Column("reverses_id", sa.Uuid())),
        "payment": (sa.Column("attempt", sa.Integer()), sa.Column("recorded_by_id", sa.Uuid())),
    }.items():
        for column in columns:
            op.add_column(table, column)


def _fill_in() -> None:
    """What stood before: whole calendar years, full amounts, one entry for each invoice and payment."""
    year = "substr(CAST(dues_year AS VARCHAR), 1, 4)" if op.get_context().dialect.name == "postgresql" else "CAST(dues_year AS TEXT)"
    first, last = (f"{year} || '-01-01'", f"{year} || '-12-31'")
    if op.get_context().dialect.name == "postgresql":
        first, last = f"CAST({first} AS DATE)", f"CAST({last} AS DATE)"
    for statement in (
        "UPDATE allocation SET journal_id = (SELECT j.id FROM journal j WHERE j.chamber_id = allocation.chamber_id AND j.payment_id = allocation.payment_id)",
        "UPDATE dues_rate SET years = 1, joining_fee = 0",
        "UPDATE dues_schedule SET period = 'calendar', proration = 'full'",
        f"UPDATE invoice SET covers_from = {first}, covers_until = {last}, credited = 0",
        "UPDATE invoice_line SET formula = ''",
        "UPDATE issued_paper SET copy = 0",
        "UPDATE journal SET kind = CASE WHEN invoice_id IS NULL THEN 'payment' ELSE 'invoice' END",
        "UPDATE payment SET attempt = 1",
    ):
        op.execute(statement)


def _tighten() -> None:
    _tighten_money()
    with op.batch_alter_table("dues_rate") as table:
        table.alter_column("years", existing_type=sa.Integer(), nullable=False)
        table.alter_column("joining_fee", existing_type=sa.BigInteger(), nullable=False)
        table.alter_column("grade_id", existing_type=sa.Uuid(), nullable=True)
        table.drop_constraint("uq_dues_rate_chamber_id_schedule_id_grade_id", type_="unique")
        table.create_unique_constraint("uq_dues_rate_chamber_id_schedule_id_grade_id_years", ["chamber_id", "schedule_id", "grade_id", "years"])
        table.create_unique_constraint("uq_dues_rate_chamber_id_schedule_id_office_id_years", ["chamber_id", "schedule_id", "office_id", "years"])
        table.create_foreign_key("fk_dues_rate_chamber_id_office_id", "office", ["chamber_id", "office_id"], ["chamber_id", "id"])
        table.drop_constraint(op.f("ck_dues_rate_not_negative"), type_="check")
        table.create_check_constraint(op.f("ck_dues_rate_not_negative"), "amount >= 0 AND joining_fee >= 0")
        table.create_check_constraint(op.f("ck_dues_rate_grade_or_office"), "(grade_id IS NULL) <> (office_id IS NULL)")
        table.create_check_constraint(op.f("ck_dues_rate_years_of_a_term"), "years BETWEEN 1 AND 5")
    with op.batch_alter_table("dues_schedule") as table:
        for name, kind in (("period", CALENDAR), ("proration", PRORATION)):
            table.alter_column(name, existing_type=sa.String(40), nullable=False)
            table.create_check_constraint(op.f(f"ck_dues_schedule_{name}"), _one_of(name, kind.enums))
        table.create_check_constraint(op.f("ck_dues_schedule_due_day_is_whole"), "(due_month IS NULL) = (due_day IS NULL)")
    with op.batch_alter_table("invoice") as table:
        for name, kind in (("covers_from", sa.Date()), ("covers_until", sa.Date()), ("credited", sa.BigInteger())):
            table.alter_column(name, existing_type=kind, nullable=False)
        table.drop_constraint("uq_invoice_chamber_id_enterprise_id_dues_year", type_="unique")
        for name in ("paid_within_amount", "paid_is_whole", "state"):
            table.drop_constraint(op.f(f"ck_invoice_{name}"), type_="check")
        table.create_check_constraint(op.f("ck_invoice_paid_within_amount"), "paid >= 0 AND credited >= 0 AND paid + credited <= amount")
        table.create_check_constraint(op.f("ck_invoice_paid_is_whole"), "state IN ('void', 'credited') OR (state = 'paid') = (paid + credited = amount)")
        table.create_check_constraint(op.f("ck_invoice_covers_in_order"), "covers_until >= covers_from")
        table.create_check_constraint(op.f("ck_invoice_state"), _one_of("state", ENUMS["invoice", "state"]))
        table.create_index("ix_invoice_enterprise", ["chamber_id", "enterprise_id", "issued_on"])
        standing = sa.text("state NOT IN ('void', 'credited')")
        table.create_index("uq_invoice_standing", ["chamber_id", "enterprise_id", "dues_year"], unique=True, postgresql_where=standing, sqlite_where=standing)


def _tighten_money() -> None:
    with op.batch_alter_table("payment") as table:
        table.alter_column("attempt", existing_type=sa.Integer(), nullable=False)
        table.drop_constraint("uq_payment_chamber_id_channel_reference", type_="unique")
        table.create_unique_constraint("uq_payment_chamber_id_channel_reference_attempt", ["chamber_id", "channel", "reference", "attempt"])
        table.create_foreign_key("fk_payment_chamber_id_recorded_by_id", "person", ["chamber_id", "recorded_by_id"], ["chamber_id", "id"])
        table.drop_constraint(op.f("ck_payment_channel"), type_="check")
        table.create_check_constraint(op.f("ck_payment_channel"), _one_of("channel", ENUMS["payment", "channel"]))
        table.create_index("ix_payment_amount", ["chamber_id", "amount"])
        table.create_index("ix_payment_received", ["chamber_id", "received_on"])
    with op.batch_alter_table("journal") as table:
        table.alter_column("kind", existing_type=sa.String(40), nullable=False)
        table.create_check_constraint(op.f("ck_journal_kind"), _one_of("kind", KINDS))
        table.drop_constraint(op.f("ck_journal_one_origin"), type_="check")
        table.create_check_constraint(op.f("ck_journal_has_origin"), "invoice_id IS NOT NULL OR payment_id IS NOT NULL OR refund_id IS NOT NULL")
        table.create_unique_constraint("uq_journal_chamber_id_reverses_id", ["chamber_id", "reverses_id"])
        table.create_foreign_key("fk_journal_chamber_id_reverses_id", "journal", ["chamber_id", "reverses_id"], ["chamber_id", "id"])
        table.create_foreign_key("fk_journal_chamber_id_refund_id", "refund", ["chamber_id", "refund_id"], ["chamber_id", "id"])
        table.create_index("ix_journal_invoice", ["chamber_id", "invoice_id"])
        table.create_index("ix_journal_payment", ["chamber_id", "payment_id"])
    with op.batch_alter_table("allocation") as table:
        table.alter_column("journal_id", existing_type=sa.Uuid(), nullable=False)
        table.alter_column("payment_id", existing_type=sa.Uuid(), nullable=True)
        table.drop_constraint("uq_allocation_chamber_id_payment_id_invoice_id", type_="unique")
        table.drop_constraint(op.f("ck_allocation_positive"), type_="check")
        table.create_check_constraint(op.f("ck_allocation_not_zero"), "amount <> 0")
        table.create_unique_constraint("uq_allocation_chamber_id_journal_id_invoice_id", ["chamber_id", "journal_id", "invoice_id"])
        table.create_foreign_key("fk_allocation_chamber_id_journal_id", "journal", ["chamber_id", "journal_id"], ["chamber_id", "id"])
        table.create_index("ix_allocation_payment", ["chamber_id", "payment_id"])
    with op.batch_alter_table("posting") as table:
        table.drop_constraint(op.f("ck_posting_account"), type_="check")
        table.create_check_constraint(op.f("ck_posting_account"), _one_of("account", ENUMS["posting", "account"]))
    with op.batch_alter_table("invoice_line") as table:
        table.alter_column("formula", existing_type=sa.String(200), nullable=False)
    with op.batch_alter_table("issued_paper") as table:
        table.alter_column("copy", existing_type=sa.Integer(), nullable=False)
        table.drop_constraint("uq_issued_paper_chamber_id_kind_number", type_="unique")
        table.create_unique_constraint("uq_issued_paper_chamber_id_kind_number_copy", ["chamber_id", "kind", "number", "copy"])
        table.create_index("ix_issued_paper_check_word", ["chamber_id", "check_word"])
        table.drop_constraint(op.f("ck_issued_paper_kind"), type_="check")
        table.create_check_constraint(op.f("ck_issued_paper_kind"), _one_of("kind", ENUMS["issued_paper", "kind"]))


def _one_of(name: str, values: tuple[str, ...]) -> str:
    return f"{name} IN ({', '.join(repr(value) for value in values)})"


def _create() -> None:
    op.create_table('dues_suspension',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.Column('resolution', sa.String(length=200), nullable=False),
    sa.CheckConstraint('until_on >= from_on', name=op.f('ck_dues_suspension_in_order')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_dues_suspension_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_dues_suspension'))
    )
    op.create_table('office',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name_zh', sa.String(length=60), nullable=False),
    sa.Column('name_en', sa.String(length=80), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_office_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_office')),
    sa.UniqueConstraint('chamber_id', 'name_zh', name=op.f('uq_office_chamber_id_name_zh'))
    )
    op.create_table('office_holding',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('office_id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('held_by', sa.String(length=80), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.CheckConstraint('until_on IS NULL OR until_on >= from_on', name=op.f('ck_office_holding_in_order')),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_office_holding_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'office_id'], ['office.chamber_id', 'office.id'], name=op.f('fk_office_holding_chamber_id_office_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_office_holding_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_office_holding'))
    )
    with op.batch_alter_table('office_holding', schema=None) as batch_op:
        batch_op.create_index('ix_office_holding_enterprise', ['chamber_id', 'enterprise_id'], unique=False)

    op.create_table('payment_undoing',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_by', sa.String(length=120), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_payment_undoing_has_reason')),
    sa.ForeignKeyConstraint(['chamber_id', 'payment_id'], ['payment.chamber_id', 'payment.id'], name=op.f('fk_payment_undoing_chamber_id_payment_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_payment_undoing_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_payment_undoing')),
    sa.UniqueConstraint('chamber_id', 'payment_id', name=op.f('uq_payment_undoing_chamber_id_payment_id'))
    )
    op.create_table('refund',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('enterprise_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('payee', sa.String(length=120), nullable=False),
    sa.Column('payee_account', sa.String(length=60), nullable=False),
    sa.Column('state', sa.Enum('requested', 'approved', 'paid_back', 'declined', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reference', sa.String(length=60), nullable=True),
    sa.CheckConstraint("(state = 'paid_back') = (reference IS NOT NULL)", name=op.f('ck_refund_paid_has_reference')),
    sa.CheckConstraint('amount > 0', name=op.f('ck_refund_positive')),
    sa.ForeignKeyConstraint(['chamber_id', 'enterprise_id'], ['enterprise.chamber_id', 'enterprise.id'], name=op.f('fk_refund_chamber_id_enterprise_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_refund_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_refund')),
    sa.UniqueConstraint('chamber_id', 'reference', name=op.f('uq_refund_chamber_id_reference'))
    )
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.create_index('ix_refund_enterprise', ['chamber_id', 'enterprise_id'], unique=False)
        batch_op.create_index('ix_refund_state', ['chamber_id', 'state'], unique=False)

    op.create_table('credit_note',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('invoice_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('issued_by', sa.String(length=120), nullable=False),
    sa.CheckConstraint("amount > 0 AND reason <> ''", name=op.f('ck_credit_note_says_what_and_why')),
    sa.ForeignKeyConstraint(['chamber_id', 'invoice_id'], ['invoice.chamber_id', 'invoice.id'], name=op.f('fk_credit_note_chamber_id_invoice_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_credit_note_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_credit_note')),
    sa.UniqueConstraint('chamber_id', 'number', name=op.f('uq_credit_note_chamber_id_number'))
    )
    with op.batch_alter_table('credit_note', schema=None) as batch_op:
        batch_op.create_index('ix_credit_note_invoice', ['chamber_id', 'invoice_id'], unique=False)

    op.create_table('invoice_void',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('invoice_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('voided_by', sa.String(length=120), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_invoice_void_has_reason')),
    sa.ForeignKeyConstraint(['chamber_id', 'invoice_id'], ['invoice.chamber_id', 'invoice.id'], name=op.f('fk_invoice_void_chamber_id_invoice_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_invoice_void_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_invoice_void')),
    sa.UniqueConstraint('chamber_id', 'invoice_id', name=op.f('uq_invoice_void_chamber_id_invoice_id'))
    )
    op.create_table('paper_void',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('paper_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'paper_id'], ['issued_paper.chamber_id', 'issued_paper.id'], name=op.f('fk_paper_void_chamber_id_paper_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_paper_void_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_paper_void')),
    sa.UniqueConstraint('chamber_id', 'paper_id', name=op.f('uq_paper_void_chamber_id_paper_id'))
    )
    op.create_table('payment_slip',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('invoice_id', sa.Uuid(), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('uploaded_by', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'file_id'], ['stored_file.chamber_id', 'stored_file.id'], name=op.f('fk_payment_slip_chamber_id_file_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'invoice_id'], ['invoice.chamber_id', 'invoice.id'], name=op.f('fk_payment_slip_chamber_id_invoice_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_payment_slip_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_payment_slip'))
    )
    with op.batch_alter_table('payment_slip', schema=None) as batch_op:
        batch_op.create_index('ix_payment_slip_invoice', ['chamber_id', 'invoice_id'], unique=False)

    op.create_table('refund_step',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('refund_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Enum('requested', 'approved', 'paid_back', 'declined', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('person_name', sa.String(length=120), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'person_id'], ['person.chamber_id', 'person.id'], name=op.f('fk_refund_step_chamber_id_person_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'refund_id'], ['refund.chamber_id', 'refund.id'], name=op.f('fk_refund_step_chamber_id_refund_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_refund_step_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_refund_step')),
    sa.UniqueConstraint('chamber_id', 'refund_id', 'state', name=op.f('uq_refund_step_chamber_id_refund_id_state'))
    )
