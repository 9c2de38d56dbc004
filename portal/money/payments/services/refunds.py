"""Paying credit on account back: asked for by one, decided by another, and done."""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.money import yuan
from portal.foundation.serial_numbers import serial_number
from portal.foundation.transitions import move
from portal.jobs.news import News
from portal.jobs.outbox import announce, enqueue
from portal.members.enterprises.models import Enterprise, Party
from portal.money.ledger.models import Account, Journal, JournalKind
from portal.money.ledger.queries import credit_of
from portal.money.ledger.services import Side, lock_parties, post, take_back
from portal.money.payments.models import (
    REFUND_MOVES,
    Channel,
    Payment,
    PaymentAction,
    PaymentPaper,
    Refund,
    RefundState,
    RefundStep,
)
from portal.money.payments.policies import (
    may_decide_refund,
    may_record_payment,
    may_withdraw_refund,
)
from portal.money.payments.queries import (
    list_payments_of_reference,
    list_recorders_of,
    list_refundable,
)
from portal.money.payments.services.receipts import renew_receipts
from portal.papers.issuing.queries import list_papers
from portal.papers.issuing.services import void_paper
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class Payee:
    """Whom the money goes back to, and to which bank account."""

    name: str
    account: str


def request_refund(
    session: ChamberSession,
    owner: Enterprise | Party,
    amount: int,
    payee: Payee,
    reason: str,
    *,
    payment: Payment | None = None,
    seen: int | None = None,
    actor: Actor,
) -> Refund:
    """Sets `amount` fen of somebody's credit aside and asks for its payment.

    With a `payment`, back the way that online payment came.

    NotPermitted; InvalidInput above the credit or above what is left of the online payment, without
    a reason or a payee, or where the credit is not any more what whoever asks has `seen` (fen): a
    form sent twice asks once.
    """
    guard(may_record_payment, actor, amount)
    if not reason.strip():
        raise InvalidInput("reason", N_("Give the reason. It stands in the books."))
    lock_parties(session, [owner.id])
    credit = credit_of(session, owner.id)
    _check_credit(amount, credit, seen)
    _check_way(session, owner.id, amount, payee, payment)
    to = {"payee": payee.name, "payee_account": payee.account}
    refund = Refund(party_id=owner.id, amount=amount, reason=reason.strip(), **to)
    refund.payment_id = payment.id if payment else None
    session.add(refund)
    session.flush()
    aside = Side(Account.CREDIT_ON_ACCOUNT, owner.id, amount)
    sides = [aside, Side(Account.REFUNDS, owner.id, -amount)]
    _post(session, refund, JournalKind.REFUND_SET_ASIDE, sides, actor=actor)
    _step(session, refund, PaymentAction.REFUND_REQUESTED, "", actor=actor)
    return refund


def _check_credit(amount: int, credit: int, seen: int | None) -> None:
    there = yuan(max(credit, 0))
    if seen is not None and seen != credit:
        raise InvalidInput(
            "amount",
            N_(
                "The credit has changed since this page was opened: it is %(amount)s now. "
                "Look again before you repeat it."
            ),
            amount=there,
        )
    if not 0 < amount <= credit:
        raise InvalidInput("amount", N_("There are %(amount)s on account."), amount=there)


def approve_refund(session: ChamberSession, refund: Refund, *, actor: Actor) -> None:
    """Lets a refund be transferred.

    One of an online payment is sent through Stripe by the worker.

    NotPermitted for whoever asked for it or recorded money of the enterprise (会计不得兼任出纳);
    IllegalMove where it is decided.
    """
    _may_decide(session, refund, actor)
    refund = session.lock(refund)
    move(refund, RefundState.APPROVED, REFUND_MOVES)
    _step(session, refund, PaymentAction.REFUND_APPROVED, "", actor=actor)
    if refund.payment_id:
        enqueue(session, "send_online_refund", priority=5, refund_id=refund.id)


def decline_refund(session: ChamberSession, refund: Refund, reason: str, *, actor: Actor) -> None:
    """Ends a refund: the money lies on account again.

    Whoever asked for it may, until it is decided; who approved it may, until it is transferred.

    Refuses as approve_refund; InvalidInput without a reason; Refused once Stripe may have it.
    """
    refund = session.lock(refund)
    if not may_withdraw_refund(actor, refund):
        _may_decide(session, refund, actor)
    if not reason.strip():
        raise InvalidInput("reason", N_("Give the reason. It stands in the books."))
    if refund.payment_id and refund.state is not RefundState.REQUESTED:
        raise Refused(N_("This refund is on its way through Stripe, which says when it is done."))
    move(refund, RefundState.DECLINED, REFUND_MOVES)
    entry = session.scalars(
        sa.select(Journal).where(
            Journal.origin_id == refund.id, Journal.kind == JournalKind.REFUND_SET_ASIDE
        )
    ).one()
    take_back(session, entry, JournalKind.REFUND_DECLINED, on=today_of(session), actor=actor)
    _step(session, refund, PaymentAction.REFUND_DECLINED, reason.strip(), actor=actor)


def record_refund_paid(
    session: ChamberSession, refund: Refund, reference: str, *, actor: Actor
) -> None:
    """Posts an approved refund as transferred under the bank's serial number.

    NotPermitted; InvalidInput where the number was used, or is that of money that arrived; Refused
    for one that goes through Stripe; IllegalMove where it is not approved.
    """
    guard(may_record_payment, actor, refund.amount)
    refund, reference = session.lock(refund), serial_number(reference)
    if refund.payment_id:
        raise Refused(N_("This refund goes back through Stripe, which says when it is done."))
    if session.scalars(
        sa.select(Refund.id).where(Refund.reference == reference, Refund.id != refund.id)
    ).first():
        raise InvalidInput(
            "reference", N_("Another refund was transferred under this serial number.")
        )
    if list_payments_of_reference(session, Channel.BANK_TRANSFER, reference):
        raise InvalidInput(
            "reference",
            N_(
                "This is the serial number of money that arrived. Enter that of the transfer "
                "that left."
            ),
        )
    move(refund, RefundState.PAID, REFUND_MOVES)
    refund.reference = reference
    sides = [
        Side(Account.REFUNDS, refund.party_id, refund.amount),
        Side(Account.BANK, refund.party_id, -refund.amount),
    ]
    _post(session, refund, JournalKind.REFUND_PAID, sides, actor=actor)
    _step(session, refund, PaymentAction.REFUND_PAID, reference, actor=actor)


def apply_refund(
    session: ChamberSession, refund: Refund, *, reference: str, status: str, why: str, actor: Actor
) -> None:
    """Brings a refund of an online payment to where Stripe says it is.

    On its way, paid back, or failed and on account again.

    `reference` and `status` are Stripe's. Safe to say again, in any order.

    **Locks** its payment, then the refund: of two that make the payment whole, the second sees the
    first.
    """
    _lock_payment(session, refund)
    refund = session.lock(refund)
    refund.reference = refund.reference or reference
    if status == "succeeded" and refund.state in {RefundState.APPROVED, RefundState.PENDING}:
        move(refund, RefundState.PAID, REFUND_MOVES)
        sides = [
            Side(Account.REFUNDS, refund.party_id, refund.amount),
            Side(Account.STRIPE_CLEARING, refund.party_id, -refund.amount),
        ]
        _post(session, refund, JournalKind.REFUND_PAID, sides, actor=actor)
        _step(session, refund, PaymentAction.REFUND_PAID, reference, actor=actor)
        _void_receipts(session, refund, actor=actor)
    elif status in {"failed", "canceled"}:
        fail_refund(session, refund, why or status, actor=actor)
    elif refund.state is RefundState.APPROVED:
        move(refund, RefundState.PENDING, REFUND_MOVES)
        _step(session, refund, PaymentAction.REFUND_SENT, reference, actor=actor)


def _void_receipts(session: ChamberSession, refund: Refund, *, actor: Actor) -> None:
    """The receipts of an online payment that went back whole no longer hold."""
    payment = session.find(Payment, refund.payment_id)
    gone = sa.select(sa.func.sum(Refund.amount)).where(
        Refund.payment_id == refund.payment_id, Refund.state == RefundState.PAID
    )
    session.flush()
    if payment is not None and session.scalar(gone) == payment.amount:
        for paper in list_papers(session, [payment.id], PaymentPaper.RECEIPT):
            void_paper(session, paper, refund.reason, actor=actor)
        announce(session, News.RECEIPTS_VOID, payment_id=payment.id)


def _lock_payment(session: ChamberSession, refund: Refund) -> Payment | None:
    payment = session.find(Payment, refund.payment_id)
    return session.lock(payment) if payment is not None else None


def fail_refund(session: ChamberSession, refund: Refund, why: str, *, actor: Actor) -> None:
    """Ends a refund that Stripe could not make.

    What was set aside, or even posted as paid, lies on account again.

    Receipts that ended because the money was paid back are issued anew. Nothing where it ended so
    already. **Locks** its payment, then the refund.
    """
    payment = _lock_payment(session, refund)
    refund = session.lock(refund)
    if refund.state not in {RefundState.APPROVED, RefundState.PENDING, RefundState.PAID}:
        return
    if payment is not None and refund.state is RefundState.PAID:
        renew_receipts(session, payment, actor=actor)
    move(refund, RefundState.FAILED, REFUND_MOVES)
    entries = session.scalars(
        sa.select(Journal).where(Journal.origin_id == refund.id).order_by(Journal.id.desc())
    ).all()
    for entry in entries:
        take_back(session, entry, JournalKind.REFUND_FAILED, on=today_of(session), actor=actor)
    _step(session, refund, PaymentAction.REFUND_FAILED, why[:500], actor=actor)


def _check_way(
    session: ChamberSession, party_id: uuid.UUID, amount: int, payee: Payee, payment: Payment | None
) -> None:
    if payment is None:
        for name, value in (("payee", payee.name), ("payee_account", payee.account)):
            if not value.strip():
                raise InvalidInput(name, N_("Please fill this in."))
        return
    left = next(
        (left for known, left in list_refundable(session, party_id) if known.id == payment.id), 0
    )
    if amount > left:
        raise InvalidInput(
            "amount",
            N_("At most %(amount)s of this online payment can still go back."),
            amount=yuan(left),
        )


def _may_decide(session: ChamberSession, refund: Refund, actor: Actor) -> None:
    guard(may_decide_refund, actor, refund, list_recorders_of(session, refund.party_id))


def _post(
    session: ChamberSession, refund: Refund, kind: JournalKind, sides: list[Side], *, actor: Actor
) -> None:
    post(session, kind, sides, on=today_of(session), origin=("refund", refund.id), actor=actor)


def _step(
    session: ChamberSession, refund: Refund, action: PaymentAction, note: str, *, actor: Actor
) -> None:
    session.add(
        RefundStep(
            refund_id=refund.id,
            state=refund.state,
            person_id=actor.person_id,
            person_name=actor.name,
            at=session.now(),
            note=note,
        )
    )
    record(session, action, refund, actor=actor, department=FINANCE, amount=refund.amount)
