"""Reading balances."""

import datetime as dt
import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.billing.models import OPEN_STATES, Account, Allocation, Invoice, Journal, Posting
from portal.members.enterprises.models import Enterprise
from portal.tenancy.session import ChamberSession

AGES = (30, 60, 90)


def balance(session: ChamberSession, account: Account, enterprise_id: uuid.UUID | None = None) -> int:
    """The balance of an account in fen, debit positive, of one enterprise or of the whole chamber."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Posting.amount), 0)).where(Posting.account == account)
    return int(session.scalar(query.where(Posting.enterprise_id == enterprise_id) if enterprise_id else query) or 0)


def credit_of(session: ChamberSession, enterprise_id: uuid.UUID) -> int:
    """An enterprise's credit on account, in fen."""
    return -balance(session, Account.CREDIT_ON_ACCOUNT, enterprise_id)


def credit_in(session: ChamberSession, invoice_id: uuid.UUID) -> int:
    """What credit on account settles of an invoice, less what credit notes set free of it, in fen."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Allocation.amount), 0))
    return max(0, int(session.scalar(query.where(Allocation.invoice_id == invoice_id, Allocation.payment_id.is_(None))) or 0))


def list_credits(session: ChamberSession, limit: int) -> Sequence[tuple[Enterprise, int]]:
    """The enterprises with credit on account, and how much (fen), the largest first."""
    credit = -sa.func.sum(Posting.amount)
    sums = sa.select(Posting.enterprise_id, credit.label("fen")).where(Posting.account == Account.CREDIT_ON_ACCOUNT).group_by(Posting.enterprise_id).having(credit > 0)
    held = sums.order_by(credit.desc(), Posting.enterprise_id).limit(limit).subquery()
    query = sa.select(Enterprise, held.c.fen).join(held, held.c.enterprise_id == Enterprise.id).order_by(held.c.fen.desc(), Enterprise.id)
    return [(enterprise, int(fen)) for enterprise, fen in session.execute(query)]


def open_amounts(session: ChamberSession, on: dt.date) -> tuple[int, int, int]:
    """Of all open invoices: how many, what is owed, and what of it is overdue on a day (fen)."""
    owed = _owed()
    row = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(owed), 0), sa.func.coalesce(sa.func.sum(sa.case((Invoice.due_on < on, owed), else_=0)), 0)).where(
            Invoice.state.in_(OPEN_STATES)
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


@dataclass(frozen=True)
class Age:
    """Arrears that are overdue by `from_days` to `to_days` days (no end: None): how many invoices, and what is owed."""

    from_days: int
    to_days: int | None
    count: int
    owed: int


def ageing(session: ChamberSession, on: dt.date) -> list[Age]:
    """The arrears on a day by age: 1–30, 31–60, 61–90 days and more."""
    bounds = [(1, AGES[0]), *((a + 1, b) for a, b in itertools.pairwise(AGES)), (AGES[-1] + 1, None)]
    columns: list[sa.ColumnElement[int]] = []
    for first, last in bounds:
        late = Invoice.due_on <= on - dt.timedelta(days=first)
        inside = late if last is None else sa.and_(late, Invoice.due_on >= on - dt.timedelta(days=last))
        columns += [sa.func.count(sa.case((inside, 1))), sa.func.coalesce(sa.func.sum(sa.case((inside, _owed()), else_=0)), 0)]
    row = session.execute(sa.select(*columns).where(Invoice.state.in_(OPEN_STATES), Invoice.due_on < on)).one()
    return [Age(first, last, int(row[2 * n]), int(row[2 * n + 1])) for n, (first, last) in enumerate(bounds)]


def list_entries(session: ChamberSession, enterprise_id: uuid.UUID, limit: int = 100) -> Sequence[tuple[Journal, Posting]]:
    """The postings of an enterprise with their entries, newest first."""
    query = sa.select(Journal, Posting).join(Posting, Posting.journal_id == Journal.id).where(Posting.enterprise_id == enterprise_id)
    return [(journal, posting) for journal, posting in session.execute(query.order_by(Journal.id.desc(), Posting.id).limit(limit))]


def _owed() -> sa.ColumnElement[int]:
    return Invoice.amount - Invoice.paid - Invoice.credited
