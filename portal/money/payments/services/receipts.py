"""Receipts: one for each enterprise of a payment, and copies marked so."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from portal.audit.record import record
from portal.foundation.money import in_capitals
from portal.members.enterprises.queries import find_debtor
from portal.money.invoices.models import Invoice
from portal.money.invoices.queries import load_lines
from portal.money.ledger.policies import may_see_money
from portal.money.payments.models import Payment, PaymentAction, PaymentPaper
from portal.money.payments.rules import whose
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.queries import list_papers
from portal.papers.issuing.services import issue_copy, issue_paper
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.counters import next_number
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def issue_receipts(
    session: ChamberSession,
    payment: Payment,
    parts: Sequence[tuple[Invoice, int]],
    owner: uuid.UUID,
    surplus: int,
    *,
    actor: Actor,
) -> None:
    """Issues a receipt to each debtor for its part of a payment.

    `owner` of the surplus included. Numbers are gap-free by year.
    """
    owners = list(
        dict.fromkeys([*(invoice.party_id for invoice, _ in parts), *([owner] if surplus else [])])
    )
    for party_id in owners:
        mine = [(invoice, amount) for invoice, amount in parts if invoice.party_id == party_id]
        _issue(session, payment, party_id, mine, surplus if party_id == owner else 0, actor=actor)


def renew_receipts(session: ChamberSession, payment: Payment, *, actor: Actor) -> None:
    """Issues the receipts of a payment anew, where all are void although its money is there.

    Under the next numbers.
    """
    known = [
        paper
        for paper in list_papers(session, [payment.id], PaymentPaper.RECEIPT)
        if not paper.copy
    ]
    if any(paper.void is None for paper in known):
        return
    for paper in {
        whose(paper): paper for paper in sorted(known, key=lambda paper: paper.id)
    }.values():
        _issue_as(session, payment, paper.enterprise_id, paper.snapshot, actor=actor)


def reissue_receipt(session: ChamberSession, receipt: IssuedPaper, *, actor: Actor) -> IssuedPaper:
    """Issues the receipt once more under its own number, marked as a copy.

    NotPermitted for others than finance and the membership department.
    """
    guard(may_see_money, actor)
    copy = issue_copy(session, receipt, actor=actor)
    record(
        session,
        PaymentAction.RECEIPT_REISSUED,
        copy,
        actor=actor,
        department=FINANCE,
        number=copy.number,
        copy=copy.copy,
    )
    return copy


def _issue(
    session: ChamberSession,
    payment: Payment,
    party_id: uuid.UUID,
    parts: Sequence[tuple[Invoice, int]],
    credit: int,
    *,
    actor: Actor,
) -> None:
    debtor = find_debtor(session, party_id)
    amount = sum(part for _, part in parts) + credit
    load_lines(session, [invoice for invoice, _ in parts])
    snapshot = {
        "enterprise": debtor.name,
        "payer": payment.payer,
        "channel": payment.channel.value,
        "received_on": payment.received_on.isoformat(),
        "lines": [
            {"invoice_number": invoice.number, "wording": invoice.wording, "amount": part}
            for invoice, part in parts
        ],
        "amount": amount,
        "credit": credit,
        "capitals": in_capitals(amount),
        "reference": payment.reference,
        "recorded_by": payment.recorded_by,
    }
    _issue_as(
        session,
        payment,
        debtor.enterprise_id,
        snapshot | ({} if debtor.enterprise_id else {"party_id": str(party_id)}),
        actor=actor,
    )


def _issue_as(
    session: ChamberSession,
    payment: Payment,
    enterprise_id: uuid.UUID | None,
    said: Mapping[str, Any],
    *,
    actor: Actor,
) -> None:
    today = today_of(session)
    number = f"SJ{today.year}-{next_number(session, f'receipt {today.year}'):05d}"
    snapshot = {**said, "issued_on": today.isoformat()}
    issue_paper(
        session,
        PaymentPaper.RECEIPT,
        payment,
        number=number,
        enterprise_id=enterprise_id,
        snapshot=snapshot,
        checkable=True,
        actor=actor,
    )
