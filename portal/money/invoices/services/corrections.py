"""Taking an invoice back: void before anything was paid, a credit note after.

A number is never used again.
"""

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa

from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.money import in_capitals, yuan
from portal.foundation.transitions import move
from portal.jobs.news import News
from portal.jobs.outbox import announce
from portal.members.enterprises.queries import find_debtor
from portal.money.invoices.models import (
    INVOICE_MOVES,
    Allocation,
    CreditNote,
    Invoice,
    InvoiceAction,
    InvoiceLine,
    InvoicePaper,
    InvoiceState,
    InvoiceVoid,
)
from portal.money.invoices.policies import may_correct_invoices
from portal.money.invoices.services.hooks import (
    check_taking_back,
    tell_money_moved,
    tell_taken_back,
)
from portal.money.invoices.services.settling import settle_state
from portal.money.ledger.models import Account, Journal, JournalKind
from portal.money.ledger.services import Side, lock_parties, post, take_back
from portal.papers.issuing.queries import list_papers
from portal.papers.issuing.services import issue_paper, void_paper
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.counters import next_number
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def void_invoice(session: ChamberSession, invoice: Invoice, reason: str, *, actor: Actor) -> None:
    """Makes an invoice void of which nothing was paid (one of nothing too).

    Its entry is taken back, its notice marked void. Announces `invoice_void`.

    NotPermitted; InvalidInput without a reason; Refused once something was paid (a credit note is
    the way then), or by a feature that minds (check_taking_back); IllegalMove where it is void or
    credited already.
    """
    _guard(actor, invoice.amount, reason)
    lock_parties(session, [invoice.party_id])
    invoice = session.lock(invoice)
    check_taking_back(session, invoice)
    if invoice.paid or invoice.credited:
        raise Refused(N_("Something was paid or credited. Issue a credit note instead."))
    move(invoice, InvoiceState.VOID, INVOICE_MOVES)
    reason = reason.strip()
    _take_entry_back(session, invoice, actor=actor)
    tell_taken_back(session, invoice)
    how = {"reason": reason, "voided_at": session.now(), "voided_by": actor.name}
    session.add(InvoiceVoid(invoice_id=invoice.id, **how))
    tell_money_moved(session, [invoice.party_id], reason, actor=actor)
    _end_notice(session, invoice, reason, actor=actor)
    record(
        session,
        InvoiceAction.INVOICE_VOIDED,
        invoice,
        actor=actor,
        department=FINANCE,
        number=invoice.number,
        amount=invoice.amount,
    )
    announce(session, News.INVOICE_VOID, invoice_id=invoice.id)


def _take_entry_back(session: ChamberSession, invoice: Invoice, *, actor: Actor) -> None:
    raised = sa.select(Journal).where(Journal.kind == JournalKind.INVOICE)
    entry = session.scalars(raised.where(Journal.origin_id == invoice.id)).one_or_none()
    if entry is not None:
        take_back(session, entry, JournalKind.VOID, on=today_of(session), actor=actor)


def issue_credit_note(
    session: ChamberSession,
    invoice: Invoice,
    amount: int,
    reason: str,
    *,
    seen: int | None = None,
    actor: Actor,
) -> CreditNote:
    """Takes back `amount` fen of an invoice.

    What was paid of it becomes credit on account of who owed it.

    NotPermitted; InvalidInput without a reason, above what has not been credited yet, the whole of
    an unpaid one (void is the way), or where not `seen` (fen) but something else is credited by
    now, so that a form sent twice takes back once; IllegalMove for a void or wholly credited
    invoice. Announces `invoice_void` where the whole is taken back.
    """
    _guard(actor, amount, reason)
    lock_parties(session, [invoice.party_id])
    invoice = session.lock(invoice)
    _check_amount(invoice, amount, seen)
    if amount == invoice.amount - invoice.credited:
        check_taking_back(session, invoice)
    reason = reason.strip()
    note = _number_note(session, invoice, amount, reason, actor=actor)
    _post_note(session, invoice, amount, actor=actor)
    if invoice.credited == invoice.amount:
        tell_taken_back(session, invoice)
    _issue_note(session, invoice, note, actor=actor)
    told = {"number": note.number, "invoice": invoice.number, "amount": amount}
    act = InvoiceAction.CREDIT_NOTE_ISSUED
    record(session, act, note, actor=actor, department=FINANCE, **told)
    tell_money_moved(session, [invoice.party_id], reason, actor=actor)
    if invoice.credited == invoice.amount:
        _end_notice(session, invoice, reason, actor=actor)
        announce(session, News.INVOICE_VOID, invoice_id=invoice.id)
    return note


def _check_amount(invoice: Invoice, amount: int, seen: int | None) -> None:
    if seen is not None and seen != invoice.credited:
        raise InvalidInput(
            "amount",
            N_(
                "%(amount)s of this invoice have been taken back since this page was opened. "
                "Look again before you repeat it."
            ),
            amount=yuan(invoice.credited - seen),
        )
    left = invoice.amount - invoice.credited
    if not invoice.paid and not invoice.credited and amount == invoice.amount:
        raise InvalidInput("amount", N_("Nothing was paid of this invoice: make it void instead."))
    if invoice.state in {InvoiceState.VOID, InvoiceState.CREDITED} or not 0 < amount <= left:
        raise InvalidInput(
            "amount",
            N_("At most %(amount)s of this invoice can be taken back."),
            amount=yuan(left if invoice.state is not InvoiceState.VOID else 0),
        )


def _number_note(
    session: ChamberSession, invoice: Invoice, amount: int, reason: str, *, actor: Actor
) -> CreditNote:
    today = today_of(session)
    note = CreditNote(
        number=f"HZ{today.year}-{next_number(session, f'credit note {today.year}'):05d}",
        invoice_id=invoice.id,
        amount=amount,
        reason=reason,
        issued_on=today,
        issued_by=actor.name,
    )
    session.add(note)
    return note


def _end_notice(session: ChamberSession, invoice: Invoice, reason: str, *, actor: Actor) -> None:
    for paper in list_papers(session, [invoice.id], InvoicePaper.DUES_NOTICE):
        void_paper(session, paper, reason, actor=actor)


def _guard(actor: Actor, amount: int, reason: str) -> None:
    if not actor.is_system:
        guard(may_correct_invoices, actor, amount)
    if not reason.strip():
        raise InvalidInput("reason", N_("Give the reason. It stands in the books."))


def _post_note(session: ChamberSession, invoice: Invoice, amount: int, *, actor: Actor) -> None:
    """Income down; receivables down as far as something is open.

    What was paid beyond it goes on account.
    """
    today, owner = today_of(session), invoice.party_id
    freed = max(0, amount - invoice.open_amount)
    income = [
        Side(account, owner, part)
        for account, part in take_from_lines(session, invoice, amount).items()
    ]
    sides = [
        *income,
        Side(Account.RECEIVABLES, owner, freed - amount),
        Side(Account.CREDIT_ON_ACCOUNT, owner, -freed),
    ]
    journal = post(
        session,
        JournalKind.CREDIT_NOTE,
        sides,
        on=today,
        origin=("invoice", invoice.id),
        actor=actor,
    )
    if freed:
        session.add(
            Allocation(journal_id=journal.id, payment_id=None, invoice_id=invoice.id, amount=-freed)
        )
    invoice.paid -= freed
    invoice.credited += amount
    if invoice.credited == invoice.amount:
        move(invoice, InvoiceState.CREDITED, INVOICE_MOVES)
    else:
        settle_state(session, invoice)


def take_from_lines(session: ChamberSession, invoice: Invoice, amount: int) -> Mapping[str, int]:
    """What each account of income gives back of `amount` fen.

    From the last line of the invoice upwards; less what earlier notes took.
    """
    lines = session.scalars(
        sa.select(InvoiceLine)
        .where(InvoiceLine.invoice_id == invoice.id)
        .order_by(InvoiceLine.position.desc())
    ).all()
    taken, found = invoice.credited, Counter[str]()
    for line in lines:
        gone = min(taken, line.amount)
        part = min(line.amount - gone, amount)
        taken, amount = taken - gone, amount - part
        found[line.account] += part
    return found


def _issue_note(
    session: ChamberSession, invoice: Invoice, note: CreditNote, *, actor: Actor
) -> None:
    debtor = find_debtor(session, invoice.party_id)
    snapshot = {
        "enterprise": debtor.name,
        "uscc": debtor.uscc,
        "invoice_number": invoice.number,
        "invoice_amount": invoice.amount,
        "amount": note.amount,
        "capitals": in_capitals(note.amount),
        "reason": note.reason,
        "issued_on": note.issued_on.isoformat(),
        "issued_by": note.issued_by,
    }
    session.flush()
    issue_paper(
        session,
        InvoicePaper.CREDIT_NOTE,
        note,
        number=note.number,
        enterprise_id=debtor.enterprise_id,
        snapshot=snapshot,
        actor=actor,
    )
