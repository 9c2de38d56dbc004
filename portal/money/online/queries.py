"""Reading online payments: keys, attempts, signed events, and what was parked."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from portal.foundation.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor, read_instant
from portal.money.online.models import (
    UNDER_WAY,
    Checkout,
    CheckoutState,
    Parked,
    ParkedState,
    ParkReason,
    StripeKeys,
)
from portal.money.payments.models import Channel, Payment, Refund, RefundState
from portal.tenancy.session import ChamberSession


def find_keys(session: ChamberSession) -> StripeKeys | None:
    """The chamber's keys, sealed; None where nobody has set any."""
    return session.scalars(sa.select(StripeKeys)).one_or_none()


def takes_online_payments(session: ChamberSession) -> bool:
    """Whether the chamber has set keys."""
    return session.scalar(sa.select(StripeKeys.id)) is not None


def find_checkout_under_way(session: ChamberSession, invoice_id: uuid.UUID) -> Checkout | None:
    """The attempt on an invoice that has no end yet."""
    return session.scalars(
        sa.select(Checkout).where(Checkout.invoice_id == invoice_id, Checkout.state.in_(UNDER_WAY))
    ).one_or_none()


def find_last_checkout(session: ChamberSession, invoice_id: uuid.UUID) -> Checkout | None:
    """The newest attempt on an invoice."""
    return session.scalars(
        sa.select(Checkout)
        .where(Checkout.invoice_id == invoice_id)
        .order_by(Checkout.opened_at.desc(), Checkout.id.desc())
        .limit(1)
    ).first()


def list_checkouts(session: ChamberSession, invoice_id: uuid.UUID) -> Sequence[Checkout]:
    """All attempts on an invoice, newest first."""
    return session.scalars(
        sa.select(Checkout)
        .where(Checkout.invoice_id == invoice_id)
        .order_by(Checkout.opened_at.desc(), Checkout.id.desc())
    ).all()


def list_under_way(session: ChamberSession) -> Sequence[Checkout]:
    """Every attempt whose end Stripe has to be asked for, oldest first."""
    query = sa.select(Checkout).where(
        Checkout.state.in_((CheckoutState.OPEN, CheckoutState.CONFIRMING)),
        Checkout.session_id.is_not(None),
    )
    return session.scalars(query.order_by(Checkout.opened_at, Checkout.id)).all()


def list_unopened(session: ChamberSession, now: dt.datetime) -> Sequence[Checkout]:
    """Attempts without a page at Stripe that would be closed by now."""
    return session.scalars(
        sa.select(Checkout)
        .where(
            Checkout.state == CheckoutState.OPENING,
            Checkout.session_id.is_(None),
            Checkout.expires_at < now,
        )
        .order_by(Checkout.id)
    ).all()


def list_without_fee(session: ChamberSession, since: dt.datetime) -> Sequence[Checkout]:
    """Paid attempts of which Stripe has not said yet what it kept, oldest first."""
    query = sa.select(Checkout).where(
        Checkout.state == CheckoutState.PAID, Checkout.fee.is_(None), Checkout.opened_at > since
    )
    return session.scalars(query.order_by(Checkout.opened_at, Checkout.id)).all()


def count_under_way(session: ChamberSession) -> int:
    """How many attempts, and refunds that go back through Stripe, have no end yet."""
    attempts = (
        session.scalar(sa.select(sa.func.count(Checkout.id)).where(Checkout.state.in_(UNDER_WAY)))
        or 0
    )
    approved = sa.select(sa.func.count(Refund.id)).where(
        Refund.state.in_([RefundState.APPROVED, RefundState.PENDING]),
        Refund.payment_id.is_not(None),
    )
    return attempts + (session.scalar(approved) or 0)


def find_page_at_stripe(session: ChamberSession) -> str | None:
    """The session of an attempt under way, or of the newest that was paid.

    Only the account that opened it can read it.
    """
    query = sa.select(Checkout.session_id).where(
        Checkout.session_id.is_not(None), Checkout.state.in_([*UNDER_WAY, CheckoutState.PAID])
    )
    return session.scalars(
        query.order_by(Checkout.opened_at.desc(), Checkout.id.desc()).limit(1)
    ).first()


def list_refunds_on_their_way(session: ChamberSession) -> Sequence[Refund]:
    """Refunds through Stripe that have not arrived yet."""
    return session.scalars(
        sa.select(Refund).where(Refund.state == RefundState.PENDING).order_by(Refund.id)
    ).all()


def find_payment_of_intent(session: ChamberSession, payment_intent: str) -> Payment | None:
    """The payment that was booked for Stripe's payment intent."""
    return session.scalars(
        sa.select(Payment).where(
            Payment.channel == Channel.ONLINE, Payment.reference == payment_intent
        )
    ).one_or_none()


def went_back_at_stripe(session: ChamberSession, payment: Payment) -> bool:
    """Whether Stripe reports that the whole of an online payment left again.

    A dispute that was lost, or a refund made in Stripe's own pages.
    """
    reports = session.scalars(
        sa.select(Parked).where(
            _about(payment), Parked.amount == payment.amount, Parked.currency == payment.currency
        )
    )
    gone = {ParkReason.DISPUTE: "lost", ParkReason.REFUND: "succeeded"}
    return any(report.details.get("status") == gone.get(report.reason) for report in reports)


def list_reports_of(session: ChamberSession, payment: Payment) -> Sequence[Parked]:
    """What Stripe reports about a payment that was booked.

    Disputes, and refunds that the portal did not ask for.
    """
    return session.scalars(
        sa.select(Parked).where(_about(payment)).order_by(Parked.parked_at)
    ).all()


def _about(payment: Payment) -> sa.ColumnElement[bool]:
    """A report may have come before its payment was booked: then it knows Stripe's payment only."""
    return sa.or_(
        Parked.payment_id == payment.id,
        Parked.details["payment_intent"].as_string() == payment.reference,
    )


def has_online_payments(session: ChamberSession) -> bool:
    """Whether any money has come through Stripe."""
    return (
        session.scalar(sa.select(Payment.id).where(Payment.channel == Channel.ONLINE).limit(1))
        is not None
    )


def list_known_intents(session: ChamberSession, intents: Collection[str]) -> set[str]:
    """Those of Stripe's payment intents for which a payment was booked."""
    return set(
        session.scalars(
            sa.select(Payment.reference).where(
                Payment.channel == Channel.ONLINE, Payment.reference.in_(intents)
            )
        )
    )


def list_heard_of(session: ChamberSession, references: Collection[str]) -> set[tuple[str, str]]:
    """Refunds and disputes at Stripe, with the status that was last heard of each.

    By Stripe's ids, of some ids.
    """
    parked = session.execute(
        sa.select(Parked.reference, Parked.details).where(Parked.reference.in_(references))
    )
    said = {
        RefundState.PENDING: "pending",
        RefundState.PAID: "succeeded",
        RefundState.FAILED: "failed",
    }
    ours = session.execute(
        sa.select(Refund.reference, Refund.state).where(Refund.reference.in_(references))
    )
    return {(reference, str(details.get("status"))) for reference, details in parked} | {
        (reference or "", said.get(state, "")) for reference, state in ours
    }


def list_parked(session: ChamberSession, limit: int) -> Sequence[Parked]:
    """What Stripe reported and nobody has looked at, oldest first."""
    query = (
        sa.select(Parked)
        .where(Parked.state == ParkedState.PARKED)
        .order_by(Parked.parked_at, Parked.id)
    )
    return session.scalars(query.limit(limit)).all()


def page_parked(
    session: ChamberSession, state: str, words: str = "", cursor: str | None = None
) -> Page[Parked]:
    """One page of what Stripe reported and nobody booked, newest first.

    Of one state or all, found by Stripe's id or what it says.
    """
    query = (
        sa.select(Parked)
        .options(selectinload(Parked.settlings))
        .order_by(Parked.parked_at.desc(), Parked.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if state in set(ParkedState):
        query = query.where(Parked.state == ParkedState(state))
    if words:
        query = query.where(
            sa.or_(
                Parked.reference == words,
                sa.cast(Parked.details, sa.String).contains(words, autoescape=True),
            )
        )
    after = decode_cursor(cursor, read_instant, uuid.UUID)
    if after:
        at, last = after
        query = query.where(
            sa.or_(Parked.parked_at < at, sa.and_(Parked.parked_at == at, Parked.id < last))
        )
    rows = session.scalars(query).all()
    more = len(rows) > PAGE_SIZE
    return Page(
        rows[:PAGE_SIZE],
        encode_cursor(rows[PAGE_SIZE - 1].parked_at.isoformat(), str(rows[PAGE_SIZE - 1].id))
        if more
        else None,
    )


def count_parked(session: ChamberSession) -> int:
    """How many reports nobody has looked at."""
    return (
        session.scalar(
            sa.select(sa.func.count(Parked.id)).where(Parked.state == ParkedState.PARKED)
        )
        or 0
    )
