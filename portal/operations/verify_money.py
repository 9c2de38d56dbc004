"""What `portal verify` asks of the books: ledger, credit, sums, charges."""

from collections.abc import Iterator

import sqlalchemy as sa

from portal.members.enterprises.queries import find_debtor
from portal.money.dues.models import DuesCharge
from portal.money.invoices.models import Allocation, CreditNote, Invoice, InvoiceState
from portal.money.ledger.models import Account, Journal, Posting
from portal.money.payments.models import Payment, PaymentUndoing, Refund, RefundState
from portal.tenancy.session import ChamberSession

Finding = tuple[str, bool]


def check_ledger(session: ChamberSession) -> Iterator[Finding]:
    """Whether the books balance, and say what invoices, payments and refunds say."""
    uneven = session.execute(
        sa.select(Posting.journal_id)
        .group_by(Posting.journal_id)
        .having(sa.func.sum(Posting.amount) != 0)
    ).all()
    for (journal,) in uneven:
        yield f"ledger: entry {journal} does not balance", True
    standing = Invoice.state.not_in([InvoiceState.VOID, InvoiceState.CREDITED])
    owed = _sum(session, Invoice.amount - Invoice.paid - Invoice.credited, standing)
    posted = _posted(session, Account.RECEIVABLES)
    yield f"ledger: receivables {posted} fen, open invoices {owed} fen", owed != posted
    undone = sa.select(PaymentUndoing.payment_id)
    received = _sum(session, Payment.amount, Payment.id.not_in(undone)) - _sum(
        session, Refund.amount, Refund.state == RefundState.PAID
    )
    held = sum(
        _posted(session, account)
        for account in (Account.BANK, Account.CASH, Account.STRIPE_CLEARING, Account.FEES)
    )
    yield (
        f"ledger: bank, cash, Stripe and its fees {held} fen, payments less refunds {received} fen",
        received != held,
    )
    aside = _sum(
        session,
        Refund.amount,
        Refund.state.in_([RefundState.REQUESTED, RefundState.APPROVED, RefundState.PENDING]),
    )
    yield (
        f"ledger: refunds set aside {-_posted(session, Account.REFUNDS)} fen, asked for "
        f"{aside} fen",
        aside != -_posted(session, Account.REFUNDS),
    )
    yield from _credit(session)
    yield from _sums_of_invoices(session)
    entries = session.scalar(sa.select(sa.func.count(Journal.id))) or 0
    yield f"ledger: {entries} entries", False


def _credit(session: ChamberSession) -> Iterator[Finding]:
    """Nobody has less than nothing on account."""
    lying = sa.select(Posting.party_id, sa.func.sum(Posting.amount)).where(
        Posting.account == Account.CREDIT_ON_ACCOUNT
    )
    for party_id, amount in session.execute(
        lying.group_by(Posting.party_id).having(sa.func.sum(Posting.amount) > 0)
    ):
        debtor = find_debtor(session, party_id)
        yield f"ledger: {debtor.uscc or debtor.name} has {-amount} fen on account", True


def _sums_of_invoices(session: ChamberSession) -> Iterator[Finding]:
    """`paid` and `credited` of every invoice are the sums of its allocations and credit notes."""
    for column, source in ((Invoice.paid, Allocation), (Invoice.credited, CreditNote)):
        told = (
            sa.select(source.invoice_id, sa.func.sum(source.amount).label("told"))
            .group_by(source.invoice_id)
            .subquery()
        )
        query = (
            sa.select(Invoice.number)
            .outerjoin(told, told.c.invoice_id == Invoice.id)
            .where(column != sa.func.coalesce(told.c.told, 0))
        )
        for number in session.scalars(query):
            yield f"ledger: {number} does not say what was {column.key}", True


def check_charges(session: ChamberSession) -> Iterator[Finding]:
    """A charge of dues stands while its invoice does.

    Those that overlapped before the database kept them apart are told.
    """
    query = sa.select(
        Invoice.number, Invoice.state, DuesCharge.standing, DuesCharge.inherited
    ).join(DuesCharge, DuesCharge.invoice_id == Invoice.id)
    for number, state, standing, inherited in session.execute(query.order_by(Invoice.number)):
        if standing == (state in {InvoiceState.VOID, InvoiceState.CREDITED}):
            yield (
                f"dues: {number} is {state.value}, and its charge "
                f"{'stands' if standing else 'does not stand'}",
                True,
            )
        if standing and inherited:
            yield (
                f"dues: {number} overlaps an earlier charge of the same enterprise, "
                "inherited from before charges were kept apart",
                False,
            )


def _sum(
    session: ChamberSession,
    column: sa.ColumnElement[int] | sa.orm.InstrumentedAttribute[int],
    condition: sa.ColumnElement[bool],
) -> int:
    return int(
        session.scalar(sa.select(sa.func.coalesce(sa.func.sum(column), 0)).where(condition)) or 0
    )


def _posted(session: ChamberSession, account: Account) -> int:
    return _sum(session, Posting.amount, Posting.account == account)
