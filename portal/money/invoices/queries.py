"""Reading invoices, credit notes and slips."""

import contextlib
import datetime as dt
import itertools
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from portal.foundation.errors import InvalidInput
from portal.foundation.money import parse_fen
from portal.foundation.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from portal.foundation.serial_numbers import serial_number
from portal.money.invoices.models import (
    OPEN_STATES,
    Allocation,
    CreditNote,
    Invoice,
    InvoiceLine,
    InvoiceState,
    InvoiceVoid,
    PaymentSlip,
)
from portal.money.invoices.rules import read_payment_code
from portal.money.ledger.models import PARTIES
from portal.tenancy.children import load_children
from portal.tenancy.search_index import few_or_all, first_of_each
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class InvoiceFilter:
    """What narrows a list of invoices. `state` is a state's value, `open` or `overdue`.

    `late_from` and `late_to` are days overdue.

    `further` are conditions of features above, on the invoice.
    """

    words: str = ""
    state: str = ""
    late_from: int | None = None
    late_to: int | None = None
    party_id: uuid.UUID | None = None
    further: tuple[sa.ColumnElement[bool], ...] = ()


def list_invoices(
    session: ChamberSession,
    narrow: InvoiceFilter,
    on: dt.date,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[Invoice]:
    """One page of invoices with their debtors, newest first; one query however many rows.

    `on` is the day by which things are overdue.
    """
    conditions = _conditions(narrow, on)
    after = decode_cursor(cursor, uuid.UUID)
    if after:
        conditions.append(Invoice.id < after[0])
    query = sa.select(Invoice).options(*_debtor())
    query = (
        query.where(
            Invoice.id.in_(
                first_of_each(Invoice.id, _matches(session, narrow.words), conditions, size + 1)
            )
        )
        if narrow.words
        else query.where(*conditions)
    )
    rows = session.scalars(query.order_by(Invoice.id.desc()).limit(size + 1)).all()
    return Page(rows[:size], encode_cursor(str(rows[size - 1].id)) if len(rows) > size else None)


def list_overdue(session: ChamberSession, on: dt.date, limit: int) -> Sequence[Invoice]:
    """What is owed after its last day, the longest overdue first, with the enterprises."""
    query = (
        sa.select(Invoice)
        .options(*_debtor())
        .where(Invoice.state.in_(OPEN_STATES), Invoice.due_on < on)
    )
    return session.scalars(query.order_by(Invoice.due_on, Invoice.id).limit(limit)).all()


def list_open_invoices(session: ChamberSession, party_id: uuid.UUID) -> Sequence[Invoice]:
    """What an enterprise still owes, the oldest first."""
    query = sa.select(Invoice).where(Invoice.party_id == party_id, Invoice.state.in_(OPEN_STATES))
    return session.scalars(query.order_by(Invoice.due_on, Invoice.id)).all()


def list_standing_invoices(
    session: ChamberSession, party_ids: Collection[uuid.UUID]
) -> Sequence[Invoice]:
    """The invoices of some parties that were not taken back, by id."""
    query = sa.select(Invoice).where(
        Invoice.party_id.in_(party_ids),
        Invoice.state.not_in([InvoiceState.VOID, InvoiceState.CREDITED]),
    )
    return session.scalars(query.order_by(Invoice.id)).all()


def find_invoice(session: ChamberSession, id: uuid.UUID) -> Invoice | None:
    """An invoice with its enterprise and lines."""
    query = (
        sa.select(Invoice).options(*_debtor(), selectinload(Invoice.lines)).where(Invoice.id == id)
    )
    return session.scalars(query).one_or_none()


def load_lines(session: ChamberSession, invoices: Sequence[Invoice]) -> None:
    """Reads the lines of some invoices at once."""
    load_children(session, invoices, "lines", InvoiceLine.invoice_id, InvoiceLine.position)


def find_open_invoice_named(session: ChamberSession, words: str) -> Invoice | None:
    """The open invoice of a number or payment code, and of nothing that merely resembles it."""
    code, number = read_payment_code(words), serial_number(words).upper()
    named = (
        sa.or_(Invoice.number == number, Invoice.payment_code == code)
        if code
        else Invoice.number == number
    )
    return session.scalars(
        sa.select(Invoice).options(*_debtor()).where(named, Invoice.state.in_(OPEN_STATES))
    ).one_or_none()


def find_open_invoice(session: ChamberSession, party_id: uuid.UUID) -> Invoice | None:
    """An invoice of which something is owed."""
    return session.scalars(
        sa.select(Invoice)
        .where(Invoice.party_id == party_id, Invoice.state.in_(OPEN_STATES))
        .limit(1)
    ).first()


def find_last_invoice(session: ChamberSession, party_id: uuid.UUID) -> Invoice | None:
    """The newest invoice of an enterprise."""
    return session.scalars(
        sa.select(Invoice).where(Invoice.party_id == party_id).order_by(Invoice.id.desc()).limit(1)
    ).first()


def list_credit_notes(session: ChamberSession, invoice_id: uuid.UUID) -> Sequence[CreditNote]:
    """The credit notes of an invoice, oldest first."""
    return session.scalars(
        sa.select(CreditNote).where(CreditNote.invoice_id == invoice_id).order_by(CreditNote.id)
    ).all()


def find_void(session: ChamberSession, invoice_id: uuid.UUID) -> InvoiceVoid | None:
    """Who made an invoice void, and why."""
    return session.scalars(
        sa.select(InvoiceVoid).where(InvoiceVoid.invoice_id == invoice_id)
    ).one_or_none()


def list_slips(session: ChamberSession, invoice_id: uuid.UUID) -> Sequence[PaymentSlip]:
    """The slips that a member uploaded for an invoice, newest first, with their files."""
    return session.scalars(
        sa.select(PaymentSlip)
        .options(joinedload(PaymentSlip.file))
        .where(PaymentSlip.invoice_id == invoice_id)
        .order_by(PaymentSlip.id.desc())
    ).all()


def _debtor() -> tuple[sa.orm.strategy_options._AbstractLoad, ...]:
    return joinedload(Invoice.party), joinedload(Invoice.enterprise)


def _conditions(narrow: InvoiceFilter, on: dt.date) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if narrow.party_id:
        found.append(Invoice.party_id == narrow.party_id)
    if narrow.state in set(InvoiceState):
        found.append(Invoice.state == InvoiceState(narrow.state))
    if narrow.state in {"open", "overdue"} or narrow.late_from:
        found.append(Invoice.state.in_(OPEN_STATES))
    if narrow.state == "overdue" or narrow.late_from:
        found.append(Invoice.due_on <= on - dt.timedelta(days=narrow.late_from or 1))
    if narrow.late_to:
        found.append(Invoice.due_on >= on - dt.timedelta(days=narrow.late_to))
    return [*found, *narrow.further]


def _matches(session: ChamberSession, words: str) -> list[sa.ColumnElement[bool]]:
    """Payment code, number, amount, or the enterprise's name, pinyin initials or USCC."""
    ways: list[sa.ColumnElement[bool]] = [Invoice.number == words.upper()]
    code = read_payment_code(words)
    if code:
        ways.append(Invoice.payment_code == code)
    with contextlib.suppress(InvalidInput):
        ways.append(Invoice.amount == parse_fen(words))
    named = few_or_all(session, PARTIES, words)
    if isinstance(named, sa.Select) or named:
        ways.append(Invoice.party_id.in_(named))
    return ways


AGES = (30, 60, 90)


def credit_in(session: ChamberSession, invoice_id: uuid.UUID) -> int:
    """What credit on account settles of an invoice, in fen.

    Less what credit notes set free of it.
    """
    query = sa.select(sa.func.coalesce(sa.func.sum(Allocation.amount), 0))
    return max(
        0,
        int(
            session.scalar(
                query.where(Allocation.invoice_id == invoice_id, Allocation.payment_id.is_(None))
            )
            or 0
        ),
    )


def open_amounts(session: ChamberSession, on: dt.date) -> tuple[int, int, int]:
    """Of all open invoices: how many, what is owed, and what of it is overdue on a day (fen)."""
    owed = _owed()
    row = session.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(owed), 0),
            sa.func.coalesce(sa.func.sum(sa.case((Invoice.due_on < on, owed), else_=0)), 0),
        ).where(Invoice.state.in_(OPEN_STATES))
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


@dataclass(frozen=True)
class Age:
    """Arrears that are overdue by `from_days` to `to_days` days (no end: None).

    How many invoices, and what is owed.
    """

    from_days: int
    to_days: int | None
    count: int
    owed: int


def ageing(session: ChamberSession, on: dt.date) -> list[Age]:
    """The arrears on a day by age: 1–30, 31–60, 61–90 days and more."""
    bounds = [
        (1, AGES[0]),
        *((a + 1, b) for a, b in itertools.pairwise(AGES)),
        (AGES[-1] + 1, None),
    ]
    columns: list[sa.ColumnElement[int]] = []
    for first, last in bounds:
        late = Invoice.due_on <= on - dt.timedelta(days=first)
        inside = (
            late if last is None else sa.and_(late, Invoice.due_on >= on - dt.timedelta(days=last))
        )
        columns += [
            sa.func.count(sa.case((inside, 1))),
            sa.func.coalesce(sa.func.sum(sa.case((inside, _owed()), else_=0)), 0),
        ]
    row = session.execute(
        sa.select(*columns).where(Invoice.state.in_(OPEN_STATES), Invoice.due_on < on)
    ).one()
    return [
        Age(first, last, int(row[2 * n]), int(row[2 * n + 1]))
        for n, (first, last) in enumerate(bounds)
    ]


def _owed() -> sa.ColumnElement[int]:
    return Invoice.amount - Invoice.paid - Invoice.credited
