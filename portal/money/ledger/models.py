"""The ledger: double entry, only ever added to, every entry balanced. Amounts in fen."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.tenancy.fences import append_only
from portal.tenancy.models import ChamberOwned, owned_key


class Account(Labelled):
    """The accounts of the ledger."""

    RECEIVABLES = "receivables", N_("Receivables")
    BANK = "bank", N_("Bank")
    CASH = "cash", N_("Cash")
    STRIPE_CLEARING = "stripe_clearing", N_("Stripe clearing")
    FEES = "fees", N_("Payment fees")
    DUES_INCOME = "dues_income", N_("Dues income")
    CREDIT_ON_ACCOUNT = "credit_on_account", N_("Credit on account")
    REFUNDS = "refunds", N_("Refunds")


class JournalKind(Labelled):
    """What an entry of the ledger is for."""

    INVOICE = "invoice", N_("Invoice")
    VOID = "void", N_("Invoice void")
    CREDIT_NOTE = "credit_note", N_("Credit note")
    PAYMENT = "payment", N_("Payment")
    FEE = "fee", N_("Fee of an online payment")
    UNDOING = "undoing", N_("Undone")
    CREDIT_USED = "credit_used", N_("Credit used")
    REFUND_SET_ASIDE = "refund_set_aside", N_("Refund set aside")
    REFUND_PAID = "refund_paid", N_("Refund paid back")
    REFUND_DECLINED = "refund_declined", N_("Refund declined")
    REFUND_FAILED = "refund_failed", N_("Refund failed")


@append_only
class Journal(ChamberOwned, Base):
    """One balanced entry and what it came from. An entry that takes another back names it, and does so once."""

    __tablename__ = "journal"

    kind: Mapped[JournalKind] = mapped_column(choice(JournalKind, "kind"))
    posted_on: Mapped[dt.date]
    posted_at: Mapped[dt.datetime] = mapped_column(Instant)
    invoice_id: Mapped[uuid.UUID | None]
    payment_id: Mapped[uuid.UUID | None]
    refund_id: Mapped[uuid.UUID | None]
    reverses_id: Mapped[uuid.UUID | None]
    __table_args__ = (
        owned_key("invoice_id", "invoice"),
        owned_key("payment_id", "payment"),
        owned_key("refund_id", "refund"),
        owned_key("reverses_id", "journal"),
        sa.UniqueConstraint("chamber_id", "reverses_id"),
        sa.CheckConstraint("invoice_id IS NOT NULL OR payment_id IS NOT NULL OR refund_id IS NOT NULL", name="has_origin"),
        sa.Index("ix_journal_payment", "chamber_id", "payment_id"),
        sa.Index("ix_journal_invoice", "chamber_id", "invoice_id"),
    )


@append_only
class Posting(ChamberOwned, Base):
    """One side of an entry: debit positive, credit negative, in fen."""

    __tablename__ = "posting"

    journal_id: Mapped[uuid.UUID]
    account: Mapped[Account] = mapped_column(choice(Account, "account"))
    enterprise_id: Mapped[uuid.UUID]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    __table_args__ = (
        owned_key("journal_id", "journal"),
        owned_key("enterprise_id", "enterprise"),
        sa.CheckConstraint("amount <> 0", name="not_zero"),
        sa.Index("ix_posting_enterprise", "chamber_id", "enterprise_id", "account"),
        sa.Index("ix_posting_journal", "chamber_id", "journal_id"),
    )
