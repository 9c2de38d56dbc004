"""`portal verify`: does everything that is kept still fit together?"""

import uuid
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from portal.audit.chain import check_chain
from portal.audit.models import AuditEvent
from portal.billing.models import Account, Allocation, CreditNote, Invoice, InvoiceState, Journal, Payment, PaymentUndoing, Posting, Refund, RefundState
from portal.files.models import StoredFile
from portal.files.queries import BytesChanged, read_file
from portal.files.store import MissingBytes
from portal.filing.models import FiledPaper, IssuedPaper
from portal.foundation.database import Base
from portal.tenancy.chambers import every_chamber
from portal.tenancy.models import Chamber, ChamberOwned, SearchToken
from portal.tenancy.session import ChamberSession
from portal.web.world import World

Finding = tuple[str, bool]
LOOSE = (
    (AuditEvent, "subject_type", "subject_id"),
    (FiledPaper, "origin_type", "origin_id"),
    (IssuedPaper, "subject_type", "subject_id"),
    (SearchToken, "subject_type", "subject_id"),
    (StoredFile, "owner_type", "owner_id"),
)
WITHOUT_ROW = {"application_draft", "application_form", "chain_step", "circular", "saved_view", "stripe_keys", "tag"}
"""Subjects that may be gone: a form that was never sent, a draft of one or of a notice, a chain that was replaced, a view, keys or a tag that nobody wants any more."""


def verify(world: World) -> Iterator[Finding]:
    """One line for each check of each chamber, and whether it is a fault."""
    for chamber in every_chamber(world.doors):
        with world.doors.chamber(chamber.id) as session:
            for words, fault in _check(session, world, chamber):
                yield f"{chamber.slug}: {words}", fault


def _check(session: ChamberSession, world: World, chamber: Chamber) -> Iterator[Finding]:
    chain = check_chain(session)
    yield f"audit: {chain.sealed} events sealed, {chain.unsealed} not yet", False
    if chain.broken_at is not None:
        yield f"audit: the chain is broken at number {chain.broken_at}", True
    yield from _files(session, world, chamber)
    yield from _ledger(session)
    for model, type_column, id_column in LOOSE:
        yield from _loose(session, model, type_column, id_column)


def _files(session: ChamberSession, world: World, chamber: Chamber) -> Iterator[Finding]:
    known = set()
    for row in session.scalars(sa.select(StoredFile)):
        known.add(row.key)
        try:
            read_file(world.store, row)
        except MissingBytes:
            yield f"files: {row.key} has a row and no bytes", True
        except BytesChanged:
            yield f"files: the bytes of {row.key} were changed", True
    for key in world.store.keys(f"{chamber.id}/"):
        if key not in known:
            yield f"files: {key} has bytes and no row", True
    yield f"files: {len(known)} checked", False


def _ledger(session: ChamberSession) -> Iterator[Finding]:
    uneven = session.execute(sa.select(Posting.journal_id).group_by(Posting.journal_id).having(sa.func.sum(Posting.amount) != 0)).all()
    for (journal,) in uneven:
        yield f"ledger: entry {journal} does not balance", True
    standing = Invoice.state.not_in([InvoiceState.VOID, InvoiceState.CREDITED])
    owed = _sum(session, Invoice.amount - Invoice.paid - Invoice.credited, standing)
    posted = _posted(session, Account.RECEIVABLES)
    yield f"ledger: receivables {posted} fen, open invoices {owed} fen", owed != posted
    undone = sa.select(PaymentUndoing.payment_id)
    received = _sum(session, Payment.amount, Payment.id.not_in(undone)) - _sum(session, Refund.amount, Refund.state == RefundState.PAID)
    held = sum(_posted(session, account) for account in (Account.BANK, Account.CASH, Account.STRIPE_CLEARING, Account.FEES))
    yield f"ledger: bank, cash, Stripe and its fees {held} fen, payments less refunds {received} fen", received != held
    yield from _sums_of_invoices(session)
    entries = session.scalar(sa.select(sa.func.count(Journal.id))) or 0
    yield f"ledger: {entries} entries", False


def _sums_of_invoices(session: ChamberSession) -> Iterator[Finding]:
    """`paid` and `credited` of every invoice are the sums of its allocations and credit notes."""
    for column, source in ((Invoice.paid, Allocation), (Invoice.credited, CreditNote)):
        told = sa.select(source.invoice_id, sa.func.sum(source.amount).label("told")).group_by(source.invoice_id).subquery()
        query = sa.select(Invoice.number).outerjoin(told, told.c.invoice_id == Invoice.id).where(column != sa.func.coalesce(told.c.told, 0))
        for number in session.scalars(query):
            yield f"ledger: {number} does not say what was {column.key}", True


def _sum(session: ChamberSession, column: sa.ColumnElement[int] | sa.orm.InstrumentedAttribute[int], condition: sa.ColumnElement[bool]) -> int:
    return int(session.scalar(sa.select(sa.func.coalesce(sa.func.sum(column), 0)).where(condition)) or 0)


def _posted(session: ChamberSession, account: Account) -> int:
    return _sum(session, Posting.amount, Posting.account == account)


def _loose(session: ChamberSession, model: type[ChamberOwned], type_column: str, id_column: str) -> Iterator[Finding]:
    tables = {str(m.local_table.description): m.class_ for m in Base.registry.mappers if issubclass(m.class_, ChamberOwned)}
    kinds = session.scalars(sa.select(getattr(model, type_column)).distinct()).all()
    for kind in kinds:
        if kind in WITHOUT_ROW:
            continue
        if kind not in tables:
            yield f"{model.__name__}: nothing is called {kind}", True
            continue
        target = aliased(tables[kind])
        here: sa.ColumnElement[uuid.UUID] = getattr(model, id_column)
        query = sa.select(sa.func.count()).select_from(model).where(getattr(model, type_column) == kind, ~sa.select(target.id).where(target.id == here).exists())
        lost = session.scalar(query) or 0
        if lost:
            yield f"{model.__name__}: {lost} references to {kind} lead nowhere", True
