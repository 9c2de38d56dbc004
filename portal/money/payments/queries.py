"""Reading payments and refunds."""

import contextlib
import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from portal.foundation.errors import InvalidInput
from portal.foundation.money import parse_fen
from portal.foundation.paging import PAGE_SIZE, Page
from portal.foundation.serial_numbers import serial_number
from portal.money.invoices.models import Allocation, Invoice
from portal.money.ledger.models import PARTIES, Account, Journal, JournalKind, Posting
from portal.money.payments.models import Channel, Payment, PaymentUndoing, Refund, RefundState
from portal.tenancy.newest import page_of_newest
from portal.tenancy.search_index import few_or_all
from portal.tenancy.session import ChamberSession

LEAST_OF_A_NUMBER = 4


@dataclass(frozen=True)
class PaymentFilter:
    """What narrows a list of payments.

    Words (payer, serial number or its end, amount, invoice, enterprise), the channel, whether
    undone ones show, and the days of arrival.
    """

    words: str = ""
    channel: str = ""
    undone: bool = True
    from_on: dt.date | None = None
    to_on: dt.date | None = None


def list_payments(
    session: ChamberSession, narrow: PaymentFilter, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[Payment]:
    """One page of payments with what they settled, newest first."""
    query = sa.select(Payment).options(*_whole()).where(*_conditions(session, narrow))
    return page_of_newest(session, query, Payment.id, cursor, size)


def find_payment(session: ChamberSession, id: uuid.UUID) -> Payment | None:
    """A payment with what it settled and who undid it."""
    return session.scalars(
        sa.select(Payment).options(*_whole()).where(Payment.id == id)
    ).one_or_none()


def find_invoice_of_payment(
    session: ChamberSession, payment_id: uuid.UUID, party_id: uuid.UUID | None
) -> Invoice | None:
    """The first invoice of a party that a payment settled; None where all of it lies on account."""
    query = sa.select(Invoice).join(Allocation, Allocation.invoice_id == Invoice.id)
    query = query.where(
        Allocation.payment_id == payment_id, Allocation.amount > 0, Invoice.party_id == party_id
    )
    return session.scalars(query.order_by(Allocation.id).limit(1)).first()


def list_payments_of_reference(
    session: ChamberSession, channel: Channel, reference: str
) -> Sequence[Payment]:
    """The payments that were recorded under a reference, the latest attempt first."""
    query = (
        sa.select(Payment)
        .options(joinedload(Payment.undoing))
        .where(Payment.channel == channel, Payment.reference == reference)
    )
    return session.scalars(query.order_by(Payment.attempt.desc())).all()


def find_payment_entry(session: ChamberSession, payment_id: uuid.UUID) -> Journal:
    """The entry of the ledger with which a payment was posted."""
    return session.scalars(
        sa.select(Journal).where(
            Journal.origin_id == payment_id, Journal.kind == JournalKind.PAYMENT
        )
    ).one()


def credits_of_payment(session: ChamberSession, payment_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """What of a payment became credit on account, by party, in fen."""
    query = (
        sa.select(Posting.party_id, -sa.func.sum(Posting.amount))
        .join(Journal, Journal.id == Posting.journal_id)
        .where(
            Journal.origin_id == payment_id,
            Journal.kind == JournalKind.PAYMENT,
            Posting.account == Account.CREDIT_ON_ACCOUNT,
        )
        .group_by(Posting.party_id)
    )
    return {party_id: int(amount) for party_id, amount in session.execute(query)}


def list_recorders_of(session: ChamberSession, party_id: uuid.UUID) -> set[uuid.UUID]:
    """Who recorded the payments that settled a party's invoices or became its credit.

    Ids of people.
    """
    query = (
        sa.select(Payment.recorded_by_id)
        .join(Journal, Journal.origin_id == Payment.id)
        .join(Posting, Posting.journal_id == Journal.id)
        .where(Posting.party_id == party_id, Payment.recorded_by_id.is_not(None))
        .distinct()
    )
    return {person_id for person_id in session.scalars(query) if person_id}


def page_refunds(
    session: ChamberSession, state: str = "", words: str = "", cursor: str | None = None
) -> Page[Refund]:
    """One page of refunds with their enterprises and steps, newest first.

    By state, and by the enterprise's name, pinyin or USCC.
    """
    query = sa.select(Refund).options(*_of_refund())
    if state in set(RefundState):
        query = query.where(Refund.state == RefundState(state))
    if words:
        named = few_or_all(session, PARTIES, words)
        query = query.where(Refund.party_id.in_([] if named is None else named))
    return page_of_newest(session, query, Refund.id, cursor)


def list_refunds(
    session: ChamberSession,
    state: str = "",
    party_id: uuid.UUID | None = None,
    limit: int = 100,
    *,
    oldest: bool = False,
) -> Sequence[Refund]:
    """Refunds with their enterprises and steps, newest first, or oldest first."""
    query = (
        sa.select(Refund)
        .options(*_of_refund())
        .order_by(Refund.id if oldest else Refund.id.desc())
        .limit(limit)
    )
    if state in set(RefundState):
        query = query.where(Refund.state == RefundState(state))
    if party_id:
        query = query.where(Refund.party_id == party_id)
    return session.scalars(query).all()


def find_refund(session: ChamberSession, id: uuid.UUID) -> Refund | None:
    """A refund with its enterprise and steps."""
    query = sa.select(Refund).options(*_of_refund()).where(Refund.id == id)
    return session.scalars(query).one_or_none()


def _of_refund() -> tuple[sa.orm.strategy_options._AbstractLoad, ...]:
    return joinedload(Refund.party), joinedload(Refund.enterprise), selectinload(Refund.steps)


def _whole() -> tuple[sa.orm.strategy_options._AbstractLoad, ...]:
    invoice = selectinload(Payment.allocations).joinedload(Allocation.invoice)
    return (
        joinedload(Payment.undoing),
        invoice.joinedload(Invoice.party),
        invoice.joinedload(Invoice.enterprise),
    )


def _conditions(session: ChamberSession, narrow: PaymentFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if narrow.channel in set(Channel):
        found.append(Payment.channel == Channel(narrow.channel))
    if not narrow.undone:
        found.append(
            ~sa.select(PaymentUndoing.id).where(PaymentUndoing.payment_id == Payment.id).exists()
        )
    if narrow.from_on:
        found.append(Payment.received_on >= narrow.from_on)
    if narrow.to_on:
        found.append(Payment.received_on <= narrow.to_on)
    if narrow.words:
        found.append(sa.or_(*_matches(session, narrow.words)))
    return found


def _matches(session: ChamberSession, words: str) -> list[sa.ColumnElement[bool]]:
    """The condition that a payment is found by some words.

    The payer, the serial number as the bank prints it or its end, the amount, or the invoice's
    number or enterprise.
    """
    number = serial_number(words)
    ways: list[sa.ColumnElement[bool]] = [Payment.payer.contains(words, autoescape=True)]
    ways += (
        [Payment.reference.endswith(number, autoescape=True)]
        if len(number) >= LEAST_OF_A_NUMBER
        else []
    )
    with contextlib.suppress(InvalidInput):
        ways.append(Payment.amount == parse_fen(words))
    settled = sa.select(Allocation.payment_id).join(Invoice, Invoice.id == Allocation.invoice_id)
    named = few_or_all(session, PARTIES, words)
    whose = [
        Invoice.number == number.upper(),
        *([Invoice.party_id.in_(named)] if isinstance(named, sa.Select) or named else []),
    ]
    return [*ways, Payment.id.in_(settled.where(sa.or_(*whose)))]


def list_settlements(
    session: ChamberSession, invoice_id: uuid.UUID
) -> Sequence[tuple[Allocation, Payment | None]]:
    """What settled an invoice or set it free again, oldest first, each with its payment.

    None where it is credit on account.
    """
    query = sa.select(Allocation, Payment).outerjoin(Payment, Payment.id == Allocation.payment_id)
    return [
        (allocation, payment)
        for allocation, payment in session.execute(
            query.where(Allocation.invoice_id == invoice_id).order_by(Allocation.id)
        )
    ]


def list_refundable(session: ChamberSession, party_id: uuid.UUID) -> list[tuple[Payment, int]]:
    """Online payments of a party, newest first.

    With what of each may still go back the way it came (fen).
    """
    back = (
        sa.select(Refund.payment_id, sa.func.sum(Refund.amount).label("sum"))
        .where(
            Refund.state.not_in([RefundState.DECLINED, RefundState.FAILED]),
            Refund.payment_id.is_not(None),
        )
        .group_by(Refund.payment_id)
        .subquery()
    )
    came = (
        sa.select(Journal.origin_id)
        .join(Posting, Posting.journal_id == Journal.id)
        .where(
            Journal.kind == JournalKind.PAYMENT,
            Posting.account == Account.STRIPE_CLEARING,
            Posting.party_id == party_id,
        )
    )
    query = (
        sa.select(Payment, Payment.amount - sa.func.coalesce(back.c.sum, 0))
        .outerjoin(back, back.c.payment_id == Payment.id)
        .where(
            Payment.id.in_(came),
            ~sa.select(PaymentUndoing.id).where(PaymentUndoing.payment_id == Payment.id).exists(),
        )
    )
    return [
        (payment, int(left))
        for payment, left in session.execute(query.order_by(Payment.id.desc()).limit(20))
        if left > 0
    ]
