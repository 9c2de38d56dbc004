"""The ledger: double entry, only ever added to, every entry balanced. Amounts in fen."""

import datetime as dt
import uuid
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.acts import Act
from portal.audit.kept import GONE_COLUMNS, LATER
from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.tenancy.fences import append_only
from portal.tenancy.loose import refers_loosely
from portal.tenancy.models import ChamberOwned, owned_key


class LedgerAction(Act):
    """Acts on the chart of accounts, as the audit names them."""

    ACCOUNT_CHANGED = "account.changed", N_("Account renumbered or renamed")


class Account(StrEnum):
    """The codes of the accounts that the portal posts to by itself."""

    RECEIVABLES = "receivables"
    BANK = "bank"
    CASH = "cash"
    STRIPE_CLEARING = "stripe_clearing"
    FEES = "fees"
    DUES_INCOME = "dues_income"
    CREDIT_ON_ACCOUNT = "credit_on_account"
    REFUNDS = "refunds"


class AccountCode(sa.types.TypeDecorator[str]):
    """A column of account codes; a member of Account is kept as its value."""

    impl = sa.String(40)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else str(value)


class AccountKind(Labelled):
    """What an account stands for in the statements."""

    ASSET = "asset", N_("Assets")
    LIABILITY = "liability", N_("Liabilities")
    NET_ASSETS = "net_assets", N_("Net assets")
    INCOME = "income", N_("Income")
    EXPENSE = "expense", N_("Expenses")


class LedgerAccount(ChamberOwned, Base):
    """An account (会计科目) of the chamber's chart, numbered after 民间非营利组织会计制度.

    Postings name it by its code, which never changes.
    """

    __tablename__ = "account"

    code: Mapped[str] = mapped_column(AccountCode)
    number: Mapped[str] = mapped_column(sa.String(20))
    name_zh: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[AccountKind] = mapped_column(choice(AccountKind, "kind"))
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "code"),
        sa.UniqueConstraint("chamber_id", "number"),
    )


PARTIES = ("enterprise", "party")
"""The types under which whoever owes or pays is searched."""


def account_key(table_column: str = "account") -> sa.ForeignKeyConstraint:
    """The key by which a row names an account of its own chamber."""
    return sa.ForeignKeyConstraint(
        ["chamber_id", table_column], ["account.chamber_id", "account.code"]
    )


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


@refers_loosely("origin")
@append_only
class Journal(ChamberOwned, Base):
    """One balanced entry and what it came from, of any table: the ledger knows nobody above it.

    An entry that takes another back names it, and does so once.

    `beside_id` is the invoice that an entry of a payment sets free beside.
    """

    __tablename__ = "journal"

    kind: Mapped[JournalKind] = mapped_column(choice(JournalKind, "kind"))
    posted_on: Mapped[dt.date]
    posted_at: Mapped[dt.datetime] = mapped_column(Instant)
    origin_type: Mapped[str] = mapped_column(sa.String(40))
    origin_id: Mapped[uuid.UUID]
    beside_id: Mapped[uuid.UUID | None]
    reverses_id: Mapped[uuid.UUID | None]
    __table_args__ = (
        owned_key("reverses_id", "journal"),
        sa.UniqueConstraint("chamber_id", "reverses_id"),
        sa.Index("ix_journal_origin", "chamber_id", "origin_id"),
    )


@append_only
class Posting(ChamberOwned, Base):
    """One side of an entry: debit positive, credit negative, in fen."""

    __tablename__ = "posting"

    journal_id: Mapped[uuid.UUID]
    account: Mapped[str] = mapped_column(AccountCode)
    party_id: Mapped[uuid.UUID]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    __table_args__ = (
        owned_key("journal_id", "journal"),
        owned_key("party_id", "party"),
        account_key(),
        sa.CheckConstraint("amount <> 0", name="not_zero"),
        sa.Index("ix_posting_party", "chamber_id", "party_id", "account"),
        sa.Index("ix_posting_journal", "chamber_id", "journal_id"),
    )


def _earlier_origin(row: Journal) -> dict[str, object]:
    """An entry's columns of origin as its first version kept them, one for each table."""
    known: dict[str, object] = {
        f"{table}_id": row.origin_id if row.origin_type == table else None
        for table in ("invoice", "payment", "refund")
    }
    return known | ({"invoice_id": row.beside_id} if row.beside_id else {})


LATER["journal"] = {"origin_type": 2, "origin_id": 2, "beside_id": 2}
GONE_COLUMNS["journal"] = (1, _earlier_origin)
LATER["posting"] = {"party_id": 2}
GONE_COLUMNS["posting"] = (1, lambda row: {"enterprise_id": row.party_id})
