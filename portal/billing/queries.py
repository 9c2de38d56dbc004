"""Reading invoices, payments, schedules and the ledger."""

import contextlib
import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.billing.models import Account, Allocation, DuesRate, DuesSchedule, Invoice, InvoiceState, Payment, Posting, ScheduleState
from portal.billing.rules import read_payment_code
from portal.enterprises.models import Enterprise
from portal.foundation.errors import InvalidInput
from portal.foundation.money import parse_fen
from portal.foundation.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from portal.tenancy.search_index import subjects_matching
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class InvoiceFilter:
    """What narrows a list of invoices."""

    words: str = ""
    state: str = ""
    overdue_on: dt.date | None = None
    enterprise_id: uuid.UUID | None = None


def list_invoices(session: ChamberSession, narrow: InvoiceFilter, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[Invoice]:
    """One page of invoices with their enterprises, newest first; one query however many rows."""
    query = sa.select(Invoice).join(Enterprise, Enterprise.id == Invoice.enterprise_id).options(contains_eager(Invoice.enterprise))
    query = query.where(*_conditions(narrow)).order_by(Invoice.id.desc()).limit(size + 1)
    after = decode_cursor(cursor, 1)
    if after:
        try:
            query = query.where(Invoice.id < uuid.UUID(after[0]))
        except ValueError:
            return Page([], None)
    rows = session.scalars(query).all()
    return Page(rows[:size], encode_cursor(str(rows[size - 1].id)) if len(rows) > size else None)


def list_overdue(session: ChamberSession, on: dt.date, limit: int) -> Sequence[Invoice]:
    """What is owed after its last day, the longest overdue first, with the enterprises."""
    query = sa.select(Invoice).options(joinedload(Invoice.enterprise)).where(Invoice.state != InvoiceState.PAID, Invoice.due_on < on)
    return session.scalars(query.order_by(Invoice.due_on, Invoice.id).limit(limit)).all()


def find_invoice(session: ChamberSession, id: uuid.UUID) -> Invoice | None:
    """An invoice with its enterprise and lines."""
    query = sa.select(Invoice).options(joinedload(Invoice.enterprise), selectinload(Invoice.lines)).where(Invoice.id == id)
    return session.scalars(query).one_or_none()


def find_invoice_of_year(session: ChamberSession, enterprise_id: uuid.UUID, dues_year: int) -> Invoice | None:
    """The charge of an enterprise for one dues year."""
    return session.scalars(sa.select(Invoice).where(Invoice.enterprise_id == enterprise_id, Invoice.dues_year == dues_year)).one_or_none()


def find_payment_by_reference(session: ChamberSession, reference: str) -> Payment | None:
    """The payment that was booked under a bank's serial number."""
    return session.scalars(sa.select(Payment).where(Payment.reference == reference)).one_or_none()


def list_allocations(session: ChamberSession, invoice_id: uuid.UUID) -> Sequence[Allocation]:
    """What settled an invoice, oldest first, with the payments."""
    return session.scalars(sa.select(Allocation).options(joinedload(Allocation.payment)).where(Allocation.invoice_id == invoice_id).order_by(Allocation.id)).all()


def list_schedules(session: ChamberSession) -> Sequence[DuesSchedule]:
    """All dues schedules with their rates, the newest first."""
    query = sa.select(DuesSchedule).options(selectinload(DuesSchedule.rates).joinedload(DuesRate.grade))
    return session.scalars(query.order_by(DuesSchedule.in_force_from.desc(), DuesSchedule.id.desc())).all()


def find_rate(session: ChamberSession, grade_id: uuid.UUID, on: dt.date) -> tuple[DuesSchedule, DuesRate] | None:
    """The schedule in force on a day (the latest adopted one that has begun) and its rate for a grade; None where there is none."""
    in_force = (
        sa.select(DuesSchedule.id)
        .where(DuesSchedule.state == ScheduleState.ADOPTED, DuesSchedule.in_force_from <= on)
        .order_by(DuesSchedule.in_force_from.desc(), DuesSchedule.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(DuesSchedule, DuesRate).join(DuesRate, DuesRate.schedule_id == DuesSchedule.id)
    row = session.execute(query.where(DuesSchedule.id == in_force, DuesRate.grade_id == grade_id)).one_or_none()
    return (row[0], row[1]) if row else None


def balance(session: ChamberSession, account: Account, enterprise_id: uuid.UUID | None = None) -> int:
    """The balance of an account in fen, debit positive, of one enterprise or of the whole chamber."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Posting.amount), 0)).where(Posting.account == account)
    return int(session.scalar(query.where(Posting.enterprise_id == enterprise_id) if enterprise_id else query) or 0)


def open_amounts(session: ChamberSession, on: dt.date) -> tuple[int, int, int]:
    """Of all open invoices: how many, what is owed, and what of it is overdue on a day (fen)."""
    owed = Invoice.amount - Invoice.paid
    row = session.execute(
        sa.select(sa.func.count(Invoice.id), sa.func.coalesce(sa.func.sum(owed), 0), sa.func.coalesce(sa.func.sum(sa.case((Invoice.due_on < on, owed), else_=0)), 0)).where(
            Invoice.state != InvoiceState.PAID
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


def _conditions(narrow: InvoiceFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if narrow.enterprise_id:
        found.append(Invoice.enterprise_id == narrow.enterprise_id)
    if narrow.state in set(InvoiceState):
        found.append(Invoice.state == InvoiceState(narrow.state))
    if narrow.overdue_on:
        found.append(sa.and_(Invoice.state != InvoiceState.PAID, Invoice.due_on < narrow.overdue_on))
    if narrow.words:
        found.append(sa.or_(*_matches(narrow.words)))
    return found


def _matches(words: str) -> list[sa.ColumnElement[bool]]:
    """Payment code, number, amount, or the enterprise's name, pinyin initials or USCC."""
    ways: list[sa.ColumnElement[bool]] = [Invoice.number == words.upper()]
    code = read_payment_code(words)
    if code:
        ways.append(Invoice.payment_code == code)
    with contextlib.suppress(InvalidInput):
        ways.append(Invoice.amount == parse_fen(words))
    named = subjects_matching("enterprise", words)
    if named is not None:
        ways.append(Invoice.enterprise_id.in_(named))
    return ways
