"""Reading balances."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from portal.members.enterprises.models import Debtor, Enterprise, Party, as_debtor
from portal.money.ledger.models import Account, Journal, LedgerAccount, Posting
from portal.tenancy.session import ChamberSession


def balance(session: ChamberSession, account: str, party_id: uuid.UUID | None = None) -> int:
    """The balance of an account in fen, debit positive, of one party or of the whole chamber."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Posting.amount), 0)).where(
        Posting.account == account
    )
    return int(
        session.scalar(query.where(Posting.party_id == party_id) if party_id else query) or 0
    )


def credit_of(session: ChamberSession, party_id: uuid.UUID) -> int:
    """A party's credit on account, in fen."""
    return -balance(session, Account.CREDIT_ON_ACCOUNT, party_id)


def list_credits(session: ChamberSession, limit: int) -> Sequence[tuple[Debtor, int]]:
    """Who has credit on account, and how much (fen), the largest first."""
    credit = -sa.func.sum(Posting.amount)
    sums = (
        sa.select(Posting.party_id, credit.label("fen"))
        .where(Posting.account == Account.CREDIT_ON_ACCOUNT)
        .group_by(Posting.party_id)
        .having(credit > 0)
    )
    held = sums.order_by(credit.desc(), Posting.party_id).limit(limit).subquery()
    query = (
        sa.select(Party, Enterprise, held.c.fen)
        .join(held, held.c.party_id == Party.id)
        .outerjoin(Enterprise, Enterprise.id == Party.id)
    )
    return [
        (as_debtor(party, enterprise), int(fen))
        for party, enterprise, fen in session.execute(query.order_by(held.c.fen.desc(), Party.id))
    ]


def list_entries(
    session: ChamberSession, party_id: uuid.UUID, limit: int = 100
) -> Sequence[tuple[Journal, Posting]]:
    """The postings of a party with their entries, newest first."""
    query = (
        sa.select(Journal, Posting)
        .join(Posting, Posting.journal_id == Journal.id)
        .where(Posting.party_id == party_id)
    )
    return [
        (journal, posting)
        for journal, posting in session.execute(
            query.order_by(Journal.id.desc(), Posting.id).limit(limit)
        )
    ]


def list_accounts(session: ChamberSession) -> Sequence[LedgerAccount]:
    """The chart of accounts, by number."""
    return session.scalars(sa.select(LedgerAccount).order_by(LedgerAccount.number)).all()
