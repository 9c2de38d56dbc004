"""Reading balances."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from portal.members.enterprises.models import Enterprise
from portal.money.ledger.models import Account, Journal, Posting
from portal.tenancy.session import ChamberSession


def balance(session: ChamberSession, account: Account, enterprise_id: uuid.UUID | None = None) -> int:
    """The balance of an account in fen, debit positive, of one enterprise or of the whole chamber."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Posting.amount), 0)).where(Posting.account == account)
    return int(session.scalar(query.where(Posting.enterprise_id == enterprise_id) if enterprise_id else query) or 0)


def credit_of(session: ChamberSession, enterprise_id: uuid.UUID) -> int:
    """An enterprise's credit on account, in fen."""
    return -balance(session, Account.CREDIT_ON_ACCOUNT, enterprise_id)


def list_credits(session: ChamberSession, limit: int) -> Sequence[tuple[Enterprise, int]]:
    """The enterprises with credit on account, and how much (fen), the largest first."""
    credit = -sa.func.sum(Posting.amount)
    sums = sa.select(Posting.enterprise_id, credit.label("fen")).where(Posting.account == Account.CREDIT_ON_ACCOUNT).group_by(Posting.enterprise_id).having(credit > 0)
    held = sums.order_by(credit.desc(), Posting.enterprise_id).limit(limit).subquery()
    query = sa.select(Enterprise, held.c.fen).join(held, held.c.enterprise_id == Enterprise.id).order_by(held.c.fen.desc(), Enterprise.id)
    return [(enterprise, int(fen)) for enterprise, fen in session.execute(query)]


def list_entries(session: ChamberSession, enterprise_id: uuid.UUID, limit: int = 100) -> Sequence[tuple[Journal, Posting]]:
    """The postings of an enterprise with their entries, newest first."""
    query = sa.select(Journal, Posting).join(Posting, Posting.journal_id == Journal.id).where(Posting.enterprise_id == enterprise_id)
    return [(journal, posting) for journal, posting in session.execute(query.order_by(Journal.id.desc(), Posting.id).limit(limit))]
