"""Raising invoices."""

import datetime as dt
from dataclasses import dataclass

from portal.audit.record import record
from portal.billing.models import Account, BillingAction, Invoice, InvoiceLine, InvoiceState
from portal.billing.queries import find_invoice_of_year, find_rate
from portal.billing.rules import payment_code
from portal.billing.services.ledger import post
from portal.enterprises.models import Enterprise
from portal.filing.models import PaperKind
from portal.filing.services import issue_paper
from portal.foundation.errors import Refused
from portal.foundation.labels import N_
from portal.foundation.money import in_capitals
from portal.jobs.outbox import announce
from portal.membership.models import Grade
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


def raise_dues_invoice(session: ChamberSession, enterprise: Enterprise, grade: Grade, addressee: Addressee, *, on: dt.date, actor: Actor) -> Invoice:
    """Raises the year's dues of an enterprise from the schedule in force on the day `on`; returns the charge of the year where one stands.

    Numbers the invoice, posts receivables against dues income, issues the notice of dues. Refused where no adopted
    schedule has a rate for the grade. An amount of zero is settled at issue and announced as `invoice_paid`.
    """
    known = find_invoice_of_year(session, enterprise.id, on.year)
    if known is not None:
        return known
    found = find_rate(session, grade.id, on)
    if found is None:
        raise Refused(N_("No adopted dues schedule has an amount for “%(grade)s”. Enter and adopt one in the settings first."), grade=grade.name_zh)
    schedule, rate = found
    settings = settings_of(session)
    sequence = next_number(session, f"invoice {on.year}")
    invoice = Invoice(
        number=f"JF{on.year}-{sequence:05d}",
        payment_code=payment_code(on.year, sequence),
        enterprise_id=enterprise.id,
        dues_year=on.year,
        issued_on=on,
        due_on=on + dt.timedelta(days=settings.days_to_pay),
        amount=rate.amount,
        state=InvoiceState.ISSUED if rate.amount else InvoiceState.PAID,
        notify_name=addressee.name,
        notify_email=addressee.email,
        language=addressee.language,
    )
    session.add(invoice)
    session.flush()
    wording = f"{on.year}年度会费（{grade.name_zh}）"
    session.add(InvoiceLine(invoice_id=invoice.id, position=1, wording=wording, amount=rate.amount))
    record(session, BillingAction.INVOICE_RAISED, invoice, actor=actor, number=invoice.number, amount=invoice.amount, schedule=schedule.name)
    _tell(session, invoice, enterprise, [(wording, rate.amount)], actor=actor)
    return invoice


def _tell(session: ChamberSession, invoice: Invoice, enterprise: Enterprise, lines: list[tuple[str, int]], *, actor: Actor) -> None:
    if invoice.amount == 0:
        announce(session, "invoice_paid", invoice_id=invoice.id)
        return
    sides = [(Account.RECEIVABLES, invoice.amount), (Account.DUES_INCOME, -invoice.amount)]
    post(session, sides, enterprise_id=enterprise.id, on=invoice.issued_on, invoice_id=invoice.id, actor=actor)
    issue_paper(
        session,
        PaperKind.DUES_NOTICE,
        invoice,
        number=invoice.number,
        enterprise_id=enterprise.id,
        snapshot={**_bank(session), **_sums(invoice, lines), "enterprise": enterprise.name, "uscc": enterprise.uscc},
        actor=actor,
    )


def _bank(session: ChamberSession) -> dict[str, str]:
    settings = settings_of(session)
    return {"bank_account_name": settings.bank_account_name, "bank_name": settings.bank_name, "bank_account_number": settings.bank_account_number}


def _sums(invoice: Invoice, lines: list[tuple[str, int]]) -> dict[str, object]:
    return {
        "payment_code": invoice.payment_code,
        "issued_on": invoice.issued_on.isoformat(),
        "due_on": invoice.due_on.isoformat(),
        "dues_year": invoice.dues_year,
        "amount": invoice.amount,
        "capitals": in_capitals(invoice.amount),
        "lines": [{"wording": wording, "amount": amount} for wording, amount in lines],
    }
