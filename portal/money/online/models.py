"""Paying online through the chamber's own Stripe account. Amounts in fen."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.acts import Act
from portal.foundation.database import JSON, Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.money.invoices.models import Invoice
from portal.tenancy.fences import append_only
from portal.tenancy.loose import may_be_gone
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class OnlineAction(Act):
    """Acts on online payment, as the audit names them."""

    KEYS_SET = "stripe_keys.set", N_("Keys for online payment set")
    KEYS_FORGOTTEN = "stripe_keys.forgotten", N_("Keys for online payment forgotten")
    EVENT_RECEIVED = "stripe_event.received", N_("News from Stripe received")
    CHECKOUT_OPENED = "checkout.opened", N_("Online payment begun")
    CHECKOUT_ENDED = "checkout.ended", N_("Online payment ended without money")
    MONEY_PARKED = "parked.parked", N_("Report of Stripe laid before finance")
    PARKED_SETTLED = "parked.settled", N_("Report of Stripe dealt with")


@may_be_gone
class StripeKeys(ChamberOwned, Base):
    """The chamber's keys at Stripe, sealed under the installation's key and never shown again.

    `hint` is what a person tells them by.
    """

    __tablename__ = "stripe_keys"

    secret_key: Mapped[str] = mapped_column(sa.String(500))
    webhook_secret: Mapped[str] = mapped_column(sa.String(500))
    hint: Mapped[str] = mapped_column(sa.String(40))
    livemode: Mapped[bool]
    set_at: Mapped[dt.datetime] = mapped_column(Instant)
    set_by: Mapped[str] = mapped_column(sa.String(120))
    __table_args__ = (sa.UniqueConstraint("chamber_id"),)


class CheckoutState(Labelled):
    """How far an attempt to pay online has come."""

    OPENING = "opening", N_("being opened")
    OPEN = "open", N_("payment page open")
    CONFIRMING = "confirming", N_("confirming")
    PAID = "paid", N_("paid")
    FAILED = "failed", N_("failed")
    EXPIRED = "expired", N_("expired")


CHECKOUT_MOVES: dict[CheckoutState, frozenset[CheckoutState]] = {
    CheckoutState.OPENING: frozenset(
        {
            CheckoutState.OPEN,
            CheckoutState.CONFIRMING,
            CheckoutState.PAID,
            CheckoutState.FAILED,
            CheckoutState.EXPIRED,
        }
    ),
    CheckoutState.OPEN: frozenset(
        {CheckoutState.CONFIRMING, CheckoutState.PAID, CheckoutState.FAILED, CheckoutState.EXPIRED}
    ),
    CheckoutState.CONFIRMING: frozenset({CheckoutState.PAID, CheckoutState.FAILED}),
    CheckoutState.FAILED: frozenset({CheckoutState.PAID}),
    CheckoutState.EXPIRED: frozenset({CheckoutState.PAID}),
    CheckoutState.PAID: frozenset(),
}
UNDER_WAY = (CheckoutState.OPENING, CheckoutState.OPEN, CheckoutState.CONFIRMING)
_STANDING = sa.text("state IN ('opening', 'open', 'confirming')")


class Checkout(ChamberOwned, Base):
    """One attempt to pay an invoice online.

    Its id is Stripe's client_reference_id and idempotency key, so that asking twice charges once.

    One is under way per invoice. `session_id` and `address` are Stripe's session and hosted page;
    `fee` (fen) is what Stripe kept, 0 where it settled in another currency, None as long as Stripe
    has not said.
    """

    __tablename__ = "checkout"

    invoice_id: Mapped[uuid.UUID]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    livemode: Mapped[bool]
    state: Mapped[CheckoutState] = mapped_column(
        choice(CheckoutState, "state"), default=CheckoutState.OPENING
    )
    session_id: Mapped[str | None] = mapped_column(sa.String(120))
    address: Mapped[str] = mapped_column(sa.Text, default="")
    fee: Mapped[int | None] = mapped_column(sa.BigInteger)
    payment_id: Mapped[uuid.UUID | None]
    opened_at: Mapped[dt.datetime] = mapped_column(Instant)
    opened_by: Mapped[str] = mapped_column(sa.String(120))
    expires_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        owned_key("invoice_id", "invoice"),
        owned_key("payment_id", "payment"),
        sa.UniqueConstraint("chamber_id", "session_id"),
        sa.CheckConstraint("amount > 0", name="positive"),
        sa.CheckConstraint("(state = 'paid') = (payment_id IS NOT NULL)", name="paid_has_payment"),
        sa.Index(
            "uq_checkout_under_way",
            "chamber_id",
            "invoice_id",
            unique=True,
            postgresql_where=_STANDING,
            sqlite_where=_STANDING,
        ),
        sa.Index("ix_checkout_invoice", "chamber_id", "invoice_id", "opened_at"),
        sa.Index("ix_checkout_state", "chamber_id", "state", "opened_at"),
    )
    invoice: Mapped[Invoice] = belongs_to("Checkout", "invoice_id", "Invoice", viewonly=True)

    def fits(self, owed: int, now: dt.datetime) -> bool:
        """Whether the attempt still asks for what is owed (fen), and its page is still open."""
        return self.amount == owed and now < self.expires_at


@append_only
class StripeEvent(ChamberOwned, Base):
    """An event that Stripe signed: it only says what to fetch. `event_id` is Stripe's.

    Each is kept once.
    """

    __tablename__ = "stripe_event"

    event_id: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(sa.String(80))
    object_id: Mapped[str] = mapped_column(sa.String(120))
    happened_at: Mapped[dt.datetime] = mapped_column(Instant)
    received_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (sa.UniqueConstraint("chamber_id", "event_id"),)


class ParkReason(Labelled):
    """Why finance has to look at something that Stripe reports."""

    UNKNOWN = "unknown", N_("The portal opened no such payment")
    CHAMBER = "chamber", N_("It is for another chamber")
    AMOUNT = "amount", N_("The amount is another one")
    CURRENCY = "currency", N_("The currency is another one")
    MODE = "mode", N_("A test payment against live keys, or the other way round")
    SESSION = "session", N_("Another payment page than the one the portal opened")
    DISPUTE = "dispute", N_("The payer disputes the payment")
    REFUND = "refund", N_("A refund that the portal did not ask for")


class ParkedState(Labelled):
    """Whether somebody has looked."""

    PARKED = "parked", N_("to be looked at")
    SETTLED = "settled", N_("dealt with")


PARKED_MOVES: dict[ParkedState, frozenset[ParkedState]] = {
    ParkedState.PARKED: frozenset({ParkedState.SETTLED}),
    ParkedState.SETTLED: frozenset({ParkedState.PARKED}),
}


class Parked(ChamberOwned, Base):
    """What Stripe reports and the portal does not book by itself.

    Kept and shown to finance until somebody says what was done.

    Other news of what was dealt with opens it again, and what was said of it stays; `parked_at` is
    when it was laid before finance last. `reference` is Stripe's id of the session, dispute or
    refund; `amount` in the currency's smallest unit, as Stripe says.
    """

    __tablename__ = "parked"

    reason: Mapped[ParkReason] = mapped_column(choice(ParkReason, "reason"))
    reference: Mapped[str] = mapped_column(sa.String(120))
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(10))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    payment_id: Mapped[uuid.UUID | None]
    state: Mapped[ParkedState] = mapped_column(
        choice(ParkedState, "state"), default=ParkedState.PARKED
    )
    parked_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "reason", "reference"),
        owned_key("payment_id", "payment"),
        sa.Index("ix_parked_state", "chamber_id", "state", "parked_at"),
    )
    settlings: Mapped[list["ParkedSettling"]] = has_many(
        "Parked", "ParkedSettling", "parked_id", viewonly=True, order_by="ParkedSettling.id"
    )


@append_only
class ParkedSettling(ChamberOwned, Base):
    """What was done about it, by whom."""

    __tablename__ = "parked_settling"

    parked_id: Mapped[uuid.UUID]
    note: Mapped[str] = mapped_column(sa.String(500))
    settled_at: Mapped[dt.datetime] = mapped_column(Instant)
    settled_by: Mapped[str] = mapped_column(sa.String(120))
    __table_args__ = (
        owned_key("parked_id", "parked"),
        sa.CheckConstraint("note <> ''", name="has_note"),
        sa.Index("ix_parked_settling_parked", "chamber_id", "parked_id"),
    )
