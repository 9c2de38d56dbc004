"""Invoices: what a party owes, line by line. Amounts in fen."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.acts import Act
from portal.audit.kept import LATER
from portal.files.models import StoredFile
from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.members.enterprises.models import Debtor, Enterprise, Party, as_debtor
from portal.money.ledger.models import AccountCode, account_key
from portal.papers.issuing.models import Keeping, PaperKind
from portal.tenancy.actor import FINANCE, MEMBERSHIP
from portal.tenancy.fences import append_only
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class InvoiceAction(Act):
    """Acts on invoices, as the audit names them."""

    INVOICE_RAISED = "invoice.raised", N_("Invoice raised")
    INVOICE_VOIDED = "invoice.voided", N_("Invoice made void")
    CREDIT_NOTE_ISSUED = "credit_note.issued", N_("Credit note issued")
    CREDIT_USED = "credit.used", N_("Credit used")
    SLIP_UPLOADED = "payment_slip.uploaded", N_("Transfer slip uploaded")
    CREDIT_GIVEN_BACK = "credit.given_back", N_("Credit given back")


class InvoicePaper(PaperKind):
    """Papers of invoices."""

    DUES_NOTICE = "dues_notice", N_("Notice of dues"), Keeping((FINANCE, MEMBERSHIP))
    CREDIT_NOTE = "credit_note", N_("Credit note"), Keeping((FINANCE, MEMBERSHIP))


class InvoiceState(Labelled):
    """An invoice's way; overdue is derived from the date."""

    ISSUED = "issued", N_("issued")
    PARTLY_PAID = "partly_paid", N_("partly paid")
    PAID = "paid", N_("paid")
    VOID = "void", N_("void")
    CREDITED = "credited", N_("credited")


INVOICE_MOVES: dict[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.ISSUED: frozenset(
        {InvoiceState.PARTLY_PAID, InvoiceState.PAID, InvoiceState.VOID, InvoiceState.CREDITED}
    ),
    InvoiceState.PARTLY_PAID: frozenset(
        {InvoiceState.PARTLY_PAID, InvoiceState.PAID, InvoiceState.ISSUED, InvoiceState.CREDITED}
    ),
    InvoiceState.PAID: frozenset(
        {InvoiceState.PARTLY_PAID, InvoiceState.ISSUED, InvoiceState.VOID, InvoiceState.CREDITED}
    ),
    InvoiceState.VOID: frozenset(),
    InvoiceState.CREDITED: frozenset(),
}
OPEN_STATES = (InvoiceState.ISSUED, InvoiceState.PARTLY_PAID)


class Invoice(ChamberOwned, Base):
    """What is asked for (缴费通知书), never edited after issue.

    `number` is gap-free by chamber and year; `payment_code` is what a payer writes on the transfer.

    `paid` and `credited` are the sums of its allocations and credit notes.
    """

    __tablename__ = "invoice"

    number: Mapped[str] = mapped_column(sa.String(20))
    payment_code: Mapped[str] = mapped_column(sa.String(12))
    party_id: Mapped[uuid.UUID]
    issued_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    paid: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    credited: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    state: Mapped[InvoiceState] = mapped_column(
        choice(InvoiceState, "state"), default=InvoiceState.ISSUED
    )
    notify_name: Mapped[str] = mapped_column(sa.String(120))
    notify_email: Mapped[str] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(5), default="zh")
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "number"),
        sa.UniqueConstraint("chamber_id", "payment_code"),
        owned_key("party_id", "party"),
        sa.CheckConstraint(
            "paid >= 0 AND credited >= 0 AND paid + credited <= amount", name="paid_within_amount"
        ),
        sa.CheckConstraint(
            "state IN ('void', 'credited') OR (state = 'paid') = (paid + credited = amount)",
            name="paid_is_whole",
        ),
        sa.Index("ix_invoice_state", "chamber_id", "state", "due_on", "amount", "paid", "credited"),
        sa.Index("ix_invoice_amount", "chamber_id", "amount", "id"),
        sa.Index("ix_invoice_party", "chamber_id", "party_id", "issued_on"),
    )
    party: Mapped[Party] = belongs_to("Invoice", "party_id", "Party", viewonly=True)
    enterprise: Mapped[Enterprise | None] = belongs_to(
        "Invoice", "party_id", "Enterprise", viewonly=True
    )
    lines: Mapped[list["InvoiceLine"]] = has_many(
        "Invoice", "InvoiceLine", "invoice_id", order_by="InvoiceLine.position", viewonly=True
    )

    @property
    def debtor(self) -> Debtor:
        """Who owes it."""
        return as_debtor(self.party, self.enterprise)

    @property
    def open_amount(self) -> int:
        """What is still owed, in fen."""
        return (
            0
            if self.state in {InvoiceState.VOID, InvoiceState.CREDITED}
            else self.amount - self.paid - self.credited
        )

    @property
    def wording(self) -> str:
        """What it is for, as its lines say."""
        return "、".join(line.wording for line in self.lines)

    def is_overdue(self, on: dt.date) -> bool:
        """Whether something is owed after the last day."""
        return self.open_amount > 0 and on > self.due_on


@append_only
class InvoiceLine(ChamberOwned, Base):
    """What a part of the amount is for, and how it was worked out.

    With the account of income that it feeds. Never edited after issue.
    """

    __tablename__ = "invoice_line"

    invoice_id: Mapped[uuid.UUID]
    position: Mapped[int]
    wording: Mapped[str] = mapped_column(sa.String(200))
    formula: Mapped[str] = mapped_column(sa.String(200), default="")
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    account: Mapped[str] = mapped_column(AccountCode)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "invoice_id", "position"),
        owned_key("invoice_id", "invoice"),
        account_key(),
    )


LATER["invoice_line"] = {"account": 2}


@append_only
class CreditNote(ChamberOwned, Base):
    """Takes back an invoice or a part of it (红字通知).

    `number` is gap-free by chamber and year.
    """

    __tablename__ = "credit_note"

    number: Mapped[str] = mapped_column(sa.String(20))
    invoice_id: Mapped[uuid.UUID]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    reason: Mapped[str] = mapped_column(sa.String(500))
    issued_on: Mapped[dt.date]
    issued_by: Mapped[str] = mapped_column(sa.String(120))
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "number"),
        owned_key("invoice_id", "invoice"),
        sa.CheckConstraint("amount > 0 AND reason <> ''", name="says_what_and_why"),
        sa.Index("ix_credit_note_invoice", "chamber_id", "invoice_id"),
    )


@append_only
class InvoiceVoid(ChamberOwned, Base):
    """Who made an invoice void before anything was paid, when and why."""

    __tablename__ = "invoice_void"

    invoice_id: Mapped[uuid.UUID]
    reason: Mapped[str] = mapped_column(sa.String(500))
    voided_at: Mapped[dt.datetime] = mapped_column(Instant)
    voided_by: Mapped[str] = mapped_column(sa.String(120))
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "invoice_id"),
        owned_key("invoice_id", "invoice"),
        sa.CheckConstraint("reason <> ''", name="has_reason"),
    )


class PaymentSlip(ChamberOwned, Base):
    """A transfer slip (回单) that the member uploaded: evidence, which never settles anything."""

    __tablename__ = "payment_slip"

    invoice_id: Mapped[uuid.UUID]
    file_id: Mapped[uuid.UUID]
    uploaded_at: Mapped[dt.datetime] = mapped_column(Instant)
    uploaded_by: Mapped[str] = mapped_column(sa.String(120))
    __table_args__ = (
        owned_key("invoice_id", "invoice"),
        owned_key("file_id", "stored_file"),
        sa.Index("ix_payment_slip_invoice", "chamber_id", "invoice_id"),
    )
    file: Mapped[StoredFile] = belongs_to("PaymentSlip", "file_id", "StoredFile", viewonly=True)


@append_only
class Allocation(ChamberOwned, Base):
    """The part of an invoice that an entry settles (positive) or sets free again (negative).

    Without a payment it comes from credit on account.
    """

    __tablename__ = "allocation"

    journal_id: Mapped[uuid.UUID]
    payment_id: Mapped[uuid.UUID | None]
    invoice_id: Mapped[uuid.UUID]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "journal_id", "invoice_id"),
        owned_key("journal_id", "journal"),
        owned_key("payment_id", "payment"),
        owned_key("invoice_id", "invoice"),
        sa.CheckConstraint("amount <> 0", name="not_zero"),
        sa.Index("ix_allocation_invoice", "chamber_id", "invoice_id"),
        sa.Index("ix_allocation_payment", "chamber_id", "payment_id"),
    )
    invoice: Mapped[Invoice] = belongs_to("Allocation", "invoice_id", "Invoice", viewonly=True)
