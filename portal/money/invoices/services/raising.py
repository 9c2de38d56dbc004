"""Raising invoices: for whatever a chamber asks for."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.audit.record import record
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.foundation.money import LARGEST, in_capitals
from portal.jobs.news import News
from portal.jobs.outbox import announce
from portal.members.enterprises.models import Debtor
from portal.money.invoices.models import (
    OPEN_STATES,
    Invoice,
    InvoiceAction,
    InvoiceLine,
    InvoicePaper,
    InvoiceState,
)
from portal.money.invoices.policies import may_raise_invoices
from portal.money.invoices.queries import load_lines
from portal.money.invoices.rules import payment_code
from portal.money.invoices.services.settling import use_credit_if_any
from portal.money.ledger.models import Account, AccountKind, JournalKind
from portal.money.ledger.queries import list_accounts
from portal.money.ledger.services import Side, lock_parties, post
from portal.papers.issuing.services import issue_paper
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import settings_of, today_of
from portal.tenancy.counters import next_number
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class Addressee:
    """Who is told of an invoice, and in which language."""

    name: str
    email: str
    language: str = "zh"


@dataclass(frozen=True)
class Line:
    """A part of what is owed.

    For what, how it was worked out, how much (fen), and the account of income that it feeds.
    """

    wording: str
    formula: str
    amount: int
    account: str = Account.DUES_INCOME


def raise_invoice(
    session: ChamberSession,
    debtor: Debtor,
    addressee: Addressee,
    lines: Sequence[Line],
    *,
    due_on: dt.date,
    twice: bool = False,
    actor: Actor,
) -> Invoice:
    """Asks an enterprise, or somebody outside, for anything but dues.

    Hall rent, sponsorship, services.

    NotPermitted for others than finance; InvalidInput without a line (`lines`), for one without
    wording or amount or with an account that takes no such income (`line n`), for a last day that
    has passed, and where an open invoice of today asks the same, unless it is owed `twice`.
    Announces and **locks** as issue_invoice.
    """
    guard(may_raise_invoices, actor)
    _check_lines(session, lines)
    if due_on < today_of(session):
        raise InvalidInput("due_on", N_("The last day to pay has passed already."))
    lock_parties(session, [debtor.party_id])
    same = None if twice else _same_of_today(session, debtor, lines)
    if same is not None:
        raise InvalidInput(
            "twice",
            N_("%(number)s asks for the same today. Tick this where it is owed once more."),
            number=same.number,
        )
    return issue_invoice(session, debtor, addressee, lines, due_on=due_on, actor=actor)


def _check_lines(session: ChamberSession, lines: Sequence[Line]) -> None:
    income = {a.code for a in list_accounts(session) if a.kind is AccountKind.INCOME}
    if not lines:
        raise InvalidInput("lines", N_("An invoice has at least one line."))
    for number, line in enumerate(lines, 1):
        if not line.wording.strip() or not 0 < line.amount < LARGEST:
            raise InvalidInput(f"line {number}", N_("Each line says what it is for and how much."))
        if line.account not in income - {Account.DUES_INCOME}:
            raise InvalidInput(
                f"line {number}",
                N_("Choose an account of income. Dues are raised on the account of the member."),
            )


def _same_of_today(
    session: ChamberSession, debtor: Debtor, lines: Sequence[Line]
) -> Invoice | None:
    today = today_of(session)
    query = sa.select(Invoice).where(
        Invoice.party_id == debtor.party_id,
        Invoice.issued_on == today,
        Invoice.state.in_(OPEN_STATES),
    )
    found = session.scalars(
        query.where(Invoice.amount == sum(line.amount for line in lines)).order_by(Invoice.id)
    ).all()
    load_lines(session, found)
    wording = "、".join(line.wording for line in lines)
    return next((invoice for invoice in found if invoice.wording == wording), None)


def issue_invoice(
    session: ChamberSession,
    debtor: Debtor,
    addressee: Addressee,
    lines: Sequence[Line],
    *,
    due_on: dt.date,
    actor: Actor,
    **details: str,
) -> Invoice:
    """Issues an invoice over some lines under the next number, with its entry and its notice.

    Whoever calls has looked at who may; the audit keeps `details`. Credit on account is used at
    once, under the **locks** of debtor and invoice. Announces `invoice_paid` where nothing is owed,
    or the credit settles all.
    """
    invoice = _number_invoice(session, debtor, addressee, lines, due_on)
    today, amount = invoice.issued_on, invoice.amount
    record(
        session,
        InvoiceAction.INVOICE_RAISED,
        invoice,
        actor=actor,
        number=invoice.number,
        amount=amount,
        **details,
    )
    if not amount:
        announce(session, News.INVOICE_PAID, invoice_id=invoice.id)
        return invoice
    sides = _sides(debtor, amount, lines)
    post(session, JournalKind.INVOICE, sides, on=today, origin=("invoice", invoice.id), actor=actor)
    credit = use_credit_if_any(session, invoice, today, actor=actor)
    _issue_notice(session, invoice, debtor, lines, credit, actor=actor)
    return invoice


def _sides(debtor: Debtor, amount: int, lines: Sequence[Line]) -> list[Side]:
    """What is owed, and what each account of income has of it."""
    income = Counter[str]()
    for line in lines:
        income[line.account] += line.amount
    owed = Side(Account.RECEIVABLES, debtor.party_id, amount)
    return [owed, *(Side(account, debtor.party_id, -sum_) for account, sum_ in income.items())]


def _number_invoice(
    session: ChamberSession,
    debtor: Debtor,
    addressee: Addressee,
    lines: Sequence[Line],
    due_on: dt.date,
) -> Invoice:
    """The invoice under the next number, with its lines."""
    today = today_of(session)
    sequence = next_number(session, f"invoice {today.year}")
    amount = sum(line.amount for line in lines)
    invoice = Invoice(
        number=f"JF{today.year}-{sequence:05d}",
        payment_code=payment_code(today.year, sequence),
        party_id=debtor.party_id,
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
    session.add_all(
        InvoiceLine(
            invoice_id=invoice.id,
            position=n,
            wording=x.wording,
            formula=x.formula,
            amount=x.amount,
            account=x.account,
        )
        for n, x in enumerate(lines, 1)
    )
    return invoice


def _issue_notice(
    session: ChamberSession,
    invoice: Invoice,
    debtor: Debtor,
    lines: Sequence[Line],
    credit: int,
    *,
    actor: Actor,
) -> None:
    settings = settings_of(session)
    snapshot = {
        "enterprise": debtor.name,
        "uscc": debtor.uscc,
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
        "lines": [
            {"wording": line.wording, "formula": line.formula, "amount": line.amount}
            for line in lines
        ],
    }
    issue_paper(
        session,
        InvoicePaper.DUES_NOTICE,
        invoice,
        number=invoice.number,
        enterprise_id=debtor.enterprise_id,
        snapshot=snapshot,
        actor=actor,
    )
