"""Online payment through the chamber's own Stripe account: keys, attempts, signed events, what is parked; refunds that go back the way the money came."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.tenancy.fences import raise_fences, refuse_changes

revision = "0010"
down_revision = "0009"

NEW = {"checkout", "parked", "parked_settling", "stripe_event", "stripe_keys"}
APPEND_ONLY = {"parked_settling", "stripe_event"}
CHANGED_APPEND_ONLY = {"journal", "payment", "posting", "refund_step"}
REFUND_STATES = ("requested", "approved", "refund_pending", "paid_back", "declined", "refund_failed")
VALUES = {
    ("payment", "channel"): ("bank_transfer", "cash", "stripe"),
    ("posting", "account"): ("receivables", "bank", "cash", "stripe_clearing", "fees", "dues_income", "credit_on_account", "refunds"),
    ("journal", "kind"): (
        "invoice", "void", "credit_note", "payment", "fee", "undoing", "credit_used", "refund_set_aside", "refund_paid", "refund_declined", "refund_failed",
    ),
    ("refund", "state"): REFUND_STATES,
    ("refund_step", "state"): REFUND_STATES,
}


def upgrade() -> None:
    dialect = op.get_context().dialect.name
    _create()
    for (name, column), values in VALUES.items():
        with op.batch_alter_table(name) as table:
            if name in {"payment", "refund"}:
                table.alter_column("reference", existing_type=sa.String(60), type_=sa.String(120), existing_nullable=name == "refund")
            if name == "refund":
                table.add_column(sa.Column("payment_id", sa.Uuid(), nullable=True))
                table.create_foreign_key("fk_refund_chamber_id_payment_id", "payment", ["chamber_id", "payment_id"], ["chamber_id", "id"])
                table.create_index("ix_refund_payment", ["chamber_id", "payment_id"])
                table.drop_constraint(op.f("ck_refund_paid_has_reference"), type_="check")
                table.create_check_constraint(op.f("ck_refund_paid_has_reference"), "state NOT IN ('paid_back', 'refund_pending') OR reference IS NOT NULL")
            table.drop_constraint(op.f(f"ck_{name}_{column}"), type_="check")
            table.create_check_constraint(op.f(f"ck_{name}_{column}"), f"{column} IN ({', '.join(repr(value) for value in values)})")
    raise_fences(op.execute, dialect, NEW)
    refuse_changes(op.execute, dialect, APPEND_ONLY | CHANGED_APPEND_ONLY)


def _create() -> None:
    op.create_table('stripe_event',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=80), nullable=False),
    sa.Column('object_id', sa.String(length=120), nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_stripe_event_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_stripe_event')),
    sa.UniqueConstraint('chamber_id', 'event_id', name=op.f('uq_stripe_event_chamber_id_event_id'))
    )
    op.create_table('stripe_keys',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('secret_key', sa.String(length=500), nullable=False),
    sa.Column('webhook_secret', sa.String(length=500), nullable=False),
    sa.Column('hint', sa.String(length=40), nullable=False),
    sa.Column('livemode', sa.Boolean(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('set_by', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_stripe_keys_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_stripe_keys')),
    sa.UniqueConstraint('chamber_id', name=op.f('uq_stripe_keys_chamber_id'))
    )
    op.create_table('parked',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('reason', sa.Enum('unknown', 'chamber', 'amount', 'currency', 'mode', 'session', 'dispute', 'refund', name='reason', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reference', sa.String(length=120), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=10), nullable=False),
    sa.Column('details', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Enum('parked', 'settled', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('parked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['chamber_id', 'payment_id'], ['payment.chamber_id', 'payment.id'], name=op.f('fk_parked_chamber_id_payment_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_parked_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_parked')),
    sa.UniqueConstraint('chamber_id', 'reason', 'reference', name=op.f('uq_parked_chamber_id_reason_reference'))
    )
    with op.batch_alter_table('parked') as table:
        table.create_index('ix_parked_state', ['chamber_id', 'state', 'parked_at'], unique=False)

    op.create_table('checkout',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('invoice_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('livemode', sa.Boolean(), nullable=False),
    sa.Column('state', sa.Enum('opening', 'open', 'confirming', 'paid', 'failed', 'expired', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('session_id', sa.String(length=120), nullable=True),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_by', sa.String(length=120), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(state = 'paid') = (payment_id IS NOT NULL)", name=op.f('ck_checkout_paid_has_payment')),
    sa.CheckConstraint('amount > 0', name=op.f('ck_checkout_positive')),
    sa.ForeignKeyConstraint(['chamber_id', 'invoice_id'], ['invoice.chamber_id', 'invoice.id'], name=op.f('fk_checkout_chamber_id_invoice_id')),
    sa.ForeignKeyConstraint(['chamber_id', 'payment_id'], ['payment.chamber_id', 'payment.id'], name=op.f('fk_checkout_chamber_id_payment_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_checkout_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_checkout')),
    sa.UniqueConstraint('chamber_id', 'session_id', name=op.f('uq_checkout_chamber_id_session_id'))
    )
    with op.batch_alter_table('checkout') as table:
        table.create_index('ix_checkout_invoice', ['chamber_id', 'invoice_id', 'opened_at'], unique=False)
        table.create_index('ix_checkout_state', ['chamber_id', 'state', 'opened_at'], unique=False)
        table.create_index('uq_checkout_under_way', ['chamber_id', 'invoice_id'], unique=True, postgresql_where=sa.text("state IN ('opening', 'open', 'confirming')"), sqlite_where=sa.text("state IN ('opening', 'open', 'confirming')"))

    op.create_table('parked_settling',
    sa.Column('chamber_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('parked_id', sa.Uuid(), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_by', sa.String(length=120), nullable=False),
    sa.CheckConstraint("note <> ''", name=op.f('ck_parked_settling_has_note')),
    sa.ForeignKeyConstraint(['chamber_id', 'parked_id'], ['parked.chamber_id', 'parked.id'], name=op.f('fk_parked_settling_chamber_id_parked_id')),
    sa.ForeignKeyConstraint(['chamber_id'], ['chamber.id'], name=op.f('fk_parked_settling_chamber_id')),
    sa.PrimaryKeyConstraint('chamber_id', 'id', name=op.f('pk_parked_settling')),
    sa.UniqueConstraint('chamber_id', 'parked_id', name=op.f('uq_parked_settling_chamber_id_parked_id'))
    )
