"""Payments, what they settle, and refunds. Amounts in fen."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.acts import Act
from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.jobs.mail_kinds import MailKind
from portal.members.enterprises.models import Debtor, Enterprise, Party, as_debtor
from portal.money.invoices.models import Allocation
from portal.papers.issuing.models import Keeping, PaperKind
from portal.tenancy.actor import FINANCE, MEMBERSHIP
from portal.tenancy.fences import append_only
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class PaymentAction(Act):
    """Acts on money that came or goes back, as the audit names them."""

    PAYMENT_RECORDED = "payment.recorded", N_("Payment recorded")
    PAYMENT_UNDONE = "payment.undone", N_("Payment undone")
    RECEIPT_REISSUED = "receipt.reissued", N_("Copy of a receipt issued")
    REFUND_REQUESTED = "refund.requested", N_("Refund asked for")
    REFUND_APPROVED = "refund.approved", N_("Refund approved")
    REFUND_DECLINED = "refund.declined", N_("Refund declined")
    REFUND_PAID = "refund.paid", N_("Refund paid back")
    LIST_EXPORTED = "billing.exported", N_("Invoices or payments exported")
    REFUND_SENT = "refund.sent", N_("Refund sent through Stripe")
    REFUND_FAILED = "refund.failed", N_("Refund failed at Stripe")


class PaymentMail(MailKind):
    """Mails about money that arrived."""

    RECEIPT = "billing/receipt", N_("Receipt")
    RECEIPT_VOID = "billing/receipt_void", N_("Receipt void")


class PaymentPaper(PaperKind):
    """Papers of payments."""

    RECEIPT = "receipt", N_("Receipt"), Keeping((FINANCE, MEMBERSHIP))


class Channel(Labelled):
    """How money came."""

    BANK_TRANSFER = "bank_transfer", N_("bank transfer")
    CASH = "cash", N_("cash")
    ONLINE = "stripe", N_("online payment")


@append_only
class Payment(ChamberOwned, Base):
    """Money that arrived (收款); never changed. Unique by channel and reference.

    The bank's serial number, the number in the cash book, or Stripe's id.

    `attempt` counts how often the same money was recorded: a second time only after the first was
    undone.
    """

    __tablename__ = "payment"

    channel: Mapped[Channel] = mapped_column(
        choice(Channel, "channel"), default=Channel.BANK_TRANSFER
    )
    reference: Mapped[str] = mapped_column(sa.String(120))
    attempt: Mapped[int] = mapped_column(default=1)
    received_on: Mapped[dt.date]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    payer: Mapped[str] = mapped_column(sa.String(120))
    recorded_at: Mapped[dt.datetime] = mapped_column(Instant)
    recorded_by: Mapped[str] = mapped_column(sa.String(120))
    recorded_by_id: Mapped[uuid.UUID | None]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "channel", "reference", "attempt"),
        owned_key("recorded_by_id", "person"),
        sa.CheckConstraint("amount > 0", name="positive"),
        sa.Index("ix_payment_received", "chamber_id", "received_on"),
        sa.Index("ix_payment_amount", "chamber_id", "amount"),
    )
    undoing: Mapped["PaymentUndoing | None"] = has_many(
        "Payment", "PaymentUndoing", "payment_id", uselist=False, viewonly=True
    )
    allocations: Mapped[list[Allocation]] = has_many(
        "Payment", "Allocation", "payment_id", order_by="Allocation.id", viewonly=True
    )


@append_only
class PaymentUndoing(ChamberOwned, Base):
    """A payment that was recorded wrongly: who undid it, when and why.

    The same money may then be recorded again.
    """

    __tablename__ = "payment_undoing"

    payment_id: Mapped[uuid.UUID]
    reason: Mapped[str] = mapped_column(sa.String(500))
    undone_at: Mapped[dt.datetime] = mapped_column(Instant)
    undone_by: Mapped[str] = mapped_column(sa.String(120))
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "payment_id"),
        owned_key("payment_id", "payment"),
        sa.CheckConstraint("reason <> ''", name="has_reason"),
    )


class RefundState(Labelled):
    """A refund's way (退款)."""

    REQUESTED = "requested", N_("waiting for approval")
    APPROVED = "approved", N_("approved, to be paid back")
    PENDING = "refund_pending", N_("on its way back")
    PAID = "paid_back", N_("paid back")
    DECLINED = "declined", N_("declined")
    FAILED = "refund_failed", N_("failed: on account again")


REFUND_MOVES: dict[RefundState, frozenset[RefundState]] = {
    RefundState.REQUESTED: frozenset({RefundState.APPROVED, RefundState.DECLINED}),
    RefundState.APPROVED: frozenset(
        {RefundState.PENDING, RefundState.PAID, RefundState.DECLINED, RefundState.FAILED}
    ),
    RefundState.PENDING: frozenset({RefundState.PAID, RefundState.FAILED}),
    RefundState.PAID: frozenset({RefundState.FAILED}),
    RefundState.DECLINED: frozenset(),
    RefundState.FAILED: frozenset(),
}


class Refund(ChamberOwned, Base):
    """Credit on account that goes back to whose it is. Set aside when it is asked for.

    Decided by somebody else; posted as paid with the bank's serial number.

    With a `payment_id` it goes back the way that online payment came; `reference` is then Stripe's
    id of the refund, which may stay on its way for days.
    """

    __tablename__ = "refund"

    party_id: Mapped[uuid.UUID]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    reason: Mapped[str] = mapped_column(sa.String(500))
    payee: Mapped[str] = mapped_column(sa.String(120))
    payee_account: Mapped[str] = mapped_column(sa.String(60))
    state: Mapped[RefundState] = mapped_column(
        choice(RefundState, "state"), default=RefundState.REQUESTED
    )
    reference: Mapped[str | None] = mapped_column(sa.String(120))
    payment_id: Mapped[uuid.UUID | None]
    __table_args__ = (
        owned_key("party_id", "party"),
        owned_key("payment_id", "payment"),
        sa.UniqueConstraint("chamber_id", "reference"),
        sa.CheckConstraint("amount > 0", name="positive"),
        sa.CheckConstraint(
            "state NOT IN ('paid_back', 'refund_pending') OR reference IS NOT NULL",
            name="paid_has_reference",
        ),
        sa.Index("ix_refund_payment", "chamber_id", "payment_id"),
        sa.Index("ix_refund_state", "chamber_id", "state"),
        sa.Index("ix_refund_party", "chamber_id", "party_id"),
    )
    party: Mapped[Party] = belongs_to("Refund", "party_id", "Party", viewonly=True)
    enterprise: Mapped[Enterprise | None] = belongs_to(
        "Refund", "party_id", "Enterprise", viewonly=True
    )
    payment: Mapped[Payment | None] = belongs_to("Refund", "payment_id", "Payment", viewonly=True)
    steps: Mapped[list["RefundStep"]] = has_many(
        "Refund", "RefundStep", "refund_id", order_by="RefundStep.id", viewonly=True
    )

    @property
    def debtor(self) -> Debtor:
        """Whose credit goes back."""
        return as_debtor(self.party, self.enterprise)


@append_only
class RefundStep(ChamberOwned, Base):
    """Who took a refund to a state, and when."""

    __tablename__ = "refund_step"

    refund_id: Mapped[uuid.UUID]
    state: Mapped[RefundState] = mapped_column(choice(RefundState, "state"))
    person_id: Mapped[uuid.UUID | None]
    person_name: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[dt.datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "refund_id", "state"),
        owned_key("refund_id", "refund"),
        owned_key("person_id", "person"),
    )
