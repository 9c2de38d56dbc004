"""Raising invoices: for whatever a chamber asks for."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from portal.audit.record import record
from portal.foundation.clock import day_in
from portal.foundation.money import in_capitals
from portal.jobs.news import News
from portal.jobs.outbox import announce
from portal.members.enterprises.models import Enterprise
from portal.money.invoices.models import Invoice, InvoiceAction, InvoiceLine, InvoiceState
from portal.money.invoices.rules import payment_code
from portal.money.invoices.services.settling import use_credit_if_any
from portal.money.ledger.models import Account, JournalKind
from portal.money.ledger.services import Side, post
from portal.papers.issuing.models import PaperKind
from portal.papers.issuing.services import issue_paper
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.counters import next_number
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class Addressee:
    """Who is told of an invoice, and in which language."""

    name: str
    email: str
    language: str = "zh"


@dataclass(frozen=True)
class Line:
    """A part of what is owed: for what, how it was worked out, how much (fen)."""

    wording: str
    formula: str
    amount: int


def raise_invoice(session: ChamberSession, enterprise: Enterprise, addressee: Addressee, lines: Sequence[Line], *, due_on: dt.date, actor: Actor, **details: str) -> Invoice:
    """Raises an invoice over some lines under the next number, with its entry and its notice.

    Whoever calls has looked at who may; the audit keeps `details`. Credit on account is used at once, under the **locks** of enterprise and invoice.
    Announces `invoice_paid` where nothing is owed, or the credit settles all.
    """
    today = day_in(session.now(), settings_of(session).zone)
    sequence = next_number(session, f"invoice {today.year}")
    amount = sum(line.amount for line in lines)
    invoice = Invoice(
        number=f"JF{today.year}-{sequence:05d}",
        payment_code=payment_code(today.year, sequence),
        enterprise_id=enterprise.id,
        issued_on=today,
        due_on=due_on,
        amount=amount,
        state=InvoiceState.ISSUED if amount else InvoiceState.PAID,
        notify_name=addressee.name,
        notify_email=addressee.email,
        language=addressee.language,
    )
    session.add(invoice)
    session.flush()
    session.add_all(InvoiceLine(invoice_id=invoice.id, position=n, wording=x.wording, formula=x.formula, amount=x.amount) for n, x in enumerate(lines, 1))
    record(session, InvoiceAction.INVOICE_RAISED, invoice, actor=actor, number=invoice.number, amount=amount, **details)
    if not amount:
        announce(session, News.INVOICE_PAID, invoice_id=invoice.id)
        return invoice
    sides = [Side(Account.RECEIVABLES, enterprise.id, amount), Side(Account.DUES_INCOME, enterprise.id, -amount)]
    post(session, JournalKind.INVOICE, sides, on=today, invoice_id=invoice.id, actor=actor)
    credit = use_credit_if_any(session, invoice, today, actor=actor)
    _issue_notice(session, invoice, enterprise, lines, credit, actor=actor)
    return invoice


def _issue_notice(session: ChamberSession, invoice: Invoice, enterprise: Enterprise, lines: Sequence[Line], credit: int, *, actor: Actor) -> None:
    settings = settings_of(session)
    snapshot = {
        "enterprise": enterprise.name,
        "uscc": enterprise.uscc,
        "bank_account_name": settings.bank_account_name,
        "bank_name": settings.bank_name,
        "bank_account_number": settings.bank_account_number,
        "payment_code": invoice.payment_code,
        "issued_on": invoice.issued_on.isoformat(),
        "due_on": invoice.due_on.isoformat(),
        "amount": invoice.amount,
        "credit": credit,
        "to_pay": invoice.amount - credit,
        "capitals": in_capitals(invoice.amount - credit),
        "lines": [{"wording": line.wording, "formula": line.formula, "amount": line.amount} for line in lines],
    }
    issue_paper(session, PaperKind.DUES_NOTICE, invoice, number=invoice.number, enterprise_id=enterprise.id, snapshot=snapshot, actor=actor)
