"""Dues schedules, invoices, payments, receipts and the ledger. Amounts in fen."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.enterprises.models import Enterprise
from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.membership.models import Grade
from portal.tenancy.fences import append_only
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class ScheduleState(Labelled):
    """A dues schedule's way (会费标准)."""

    DRAFT = "draft", N_("draft")
    ADOPTED = "adopted", N_("adopted")


SCHEDULE_MOVES: dict[ScheduleState, frozenset[ScheduleState]] = {
    ScheduleState.DRAFT: frozenset({ScheduleState.ADOPTED}),
    ScheduleState.ADOPTED: frozenset(),
}


class DuesSchedule(ChamberOwned, Base):
    """What each grade owes a year, adopted by a resolution of the members' assembly (民发〔2014〕166号). In force from a day until the next one."""

    __tablename__ = "dues_schedule"

    name: Mapped[str] = mapped_column(sa.String(120))
    state: Mapped[ScheduleState] = mapped_column(choice(ScheduleState, "state"), default=ScheduleState.DRAFT)
    in_force_from: Mapped[dt.date]
    resolution: Mapped[str] = mapped_column(sa.String(120), default="")
    adopted_on: Mapped[dt.date | None]
    entitled: Mapped[int | None]
    present: Mapped[int | None]
    in_favour: Mapped[int | None]
    __table_args__ = (sa.CheckConstraint("state = 'draft' OR (adopted_on IS NOT NULL AND resolution <> '')", name="adopted_by_resolution"),)
    rates: Mapped[list["DuesRate"]] = has_many("DuesSchedule", "DuesRate", "schedule_id", viewonly=True)


class DuesRate(ChamberOwned, Base):
    """The fixed amount of one grade a year."""

    __tablename__ = "dues_rate"

    schedule_id: Mapped[uuid.UUID]
    grade_id: Mapped[uuid.UUID]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "schedule_id", "grade_id"),
        owned_key("schedule_id", "dues_schedule"),
        owned_key("grade_id", "grade"),
        sa.CheckConstraint("amount >= 0", name="not_negative"),
    )
    grade: Mapped[Grade] = belongs_to("DuesRate", "grade_id", "Grade", viewonly=True)


class InvoiceState(Labelled):
    """An invoice's way; overdue is derived from the date."""

    ISSUED = "issued", N_("issued")
    PARTLY_PAID = "partly_paid", N_("partly paid")
    PAID = "paid", N_("paid")


INVOICE_MOVES: dict[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.ISSUED: frozenset({InvoiceState.PARTLY_PAID, InvoiceState.PAID}),
    InvoiceState.PARTLY_PAID: frozenset({InvoiceState.PARTLY_PAID, InvoiceState.PAID}),
    InvoiceState.PAID: frozenset(),
}


class Invoice(ChamberOwned, Base):
    """A notice of dues (缴费通知书). `number` is gap-free by chamber and year; `payment_code` is what a payer writes on the transfer."""

    __tablename__ = "invoice"

    number: Mapped[str] = mapped_column(sa.String(20))
    payment_code: Mapped[str] = mapped_column(sa.String(12))
    enterprise_id: Mapped[uuid.UUID]
    dues_year: Mapped[int]
    issued_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    paid: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    state: Mapped[InvoiceState] = mapped_column(choice(InvoiceState, "state"), default=InvoiceState.ISSUED)
    notify_name: Mapped[str] = mapped_column(sa.String(120))
    notify_email: Mapped[str] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(5), default="zh")
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "number"),
        sa.UniqueConstraint("chamber_id", "payment_code"),
        sa.UniqueConstraint("chamber_id", "enterprise_id", "dues_year"),
        owned_key("enterprise_id", "enterprise"),
        sa.CheckConstraint("paid >= 0 AND paid <= amount", name="paid_within_amount"),
        sa.CheckConstraint("(state = 'paid') = (paid = amount)", name="paid_is_whole"),
        sa.Index("ix_invoice_state", "chamber_id", "state", "due_on"),
        sa.Index("ix_invoice_amount", "chamber_id", "amount"),
    )
    enterprise: Mapped[Enterprise] = belongs_to("Invoice", "enterprise_id", "Enterprise", viewonly=True)
    lines: Mapped[list["InvoiceLine"]] = has_many("Invoice", "InvoiceLine", "invoice_id", order_by="InvoiceLine.position", viewonly=True)

    @property
    def open_amount(self) -> int:
        """What is still owed, in fen."""
        return self.amount - self.paid

    def is_overdue(self, on: dt.date) -> bool:
        """Whether something is owed after the last day."""
        return self.open_amount > 0 and on > self.due_on


@append_only
class InvoiceLine(ChamberOwned, Base):
    """What a part of the amount is for. Never edited after issue."""

    __tablename__ = "invoice_line"

    invoice_id: Mapped[uuid.UUID]
    position: Mapped[int]
    wording: Mapped[str] = mapped_column(sa.String(200))
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    __table_args__ = (sa.UniqueConstraint("chamber_id", "invoice_id", "position"), owned_key("invoice_id", "invoice"))


class Channel(Labelled):
    """How money came."""

    BANK_TRANSFER = "bank_transfer", N_("bank transfer")


@append_only
class Payment(ChamberOwned, Base):
    """Money that arrived (收款). Unique by channel and the bank's serial number; never changed."""

    __tablename__ = "payment"

    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"), default=Channel.BANK_TRANSFER)
    reference: Mapped[str] = mapped_column(sa.String(60))
    received_on: Mapped[dt.date]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    payer: Mapped[str] = mapped_column(sa.String(120))
    recorded_at: Mapped[dt.datetime] = mapped_column(Instant)
    recorded_by: Mapped[str] = mapped_column(sa.String(120))
    __table_args__ = (sa.UniqueConstraint("chamber_id", "channel", "reference"), sa.CheckConstraint("amount > 0", name="positive"))


@append_only
class Allocation(ChamberOwned, Base):
    """The part of a payment that settles an invoice."""

    __tablename__ = "allocation"

    payment_id: Mapped[uuid.UUID]
    invoice_id: Mapped[uuid.UUID]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "payment_id", "invoice_id"),
        owned_key("payment_id", "payment"),
        owned_key("invoice_id", "invoice"),
        sa.CheckConstraint("amount > 0", name="positive"),
        sa.Index("ix_allocation_invoice", "chamber_id", "invoice_id"),
    )
    payment: Mapped[Payment] = belongs_to("Allocation", "payment_id", "Payment", viewonly=True)


class Account(Labelled):
    """The accounts of the ledger that this house posts to."""

    RECEIVABLES = "receivables", N_("Receivables")
    BANK = "bank", N_("Bank")
    DUES_INCOME = "dues_income", N_("Dues income")
    CREDIT_ON_ACCOUNT = "credit_on_account", N_("Credit on account")


@append_only
class Journal(ChamberOwned, Base):
    """One balanced entry of the ledger and what it came from (an invoice or a payment)."""

    __tablename__ = "journal"

    posted_on: Mapped[dt.date]
    posted_at: Mapped[dt.datetime] = mapped_column(Instant)
    invoice_id: Mapped[uuid.UUID | None]
    payment_id: Mapped[uuid.UUID | None]
    __table_args__ = (
        owned_key("invoice_id", "invoice"),
        owned_key("payment_id", "payment"),
        sa.CheckConstraint("(invoice_id IS NULL) <> (payment_id IS NULL)", name="one_origin"),
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


class BillingAction(Labelled):
    """Acts on money, as the audit names them."""

    INVOICE_RAISED = "invoice.raised", N_("Invoice raised")
    PAYMENT_RECORDED = "payment.recorded", N_("Payment recorded")
    SCHEDULE_ENTERED = "dues_schedule.entered", N_("Dues schedule entered")
    SCHEDULE_ADOPTED = "dues_schedule.adopted", N_("Dues schedule adopted")
