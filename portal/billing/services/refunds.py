"""Paying credit on account back: asked for by one, decided by another, and done."""

from dataclasses import dataclass

import sqlalchemy as sa

from portal.audit.record import record
from portal.billing.models import REFUND_MOVES, Account, BillingAction, Journal, JournalKind, Refund, RefundState, RefundStep
from portal.billing.policies import may_decide_refund, may_record_payments
from portal.billing.queries.ledger import credit_of
from portal.billing.queries.payments import list_recorders_of
from portal.billing.services.ledger import Side, post, take_back
from portal.enterprises.models import Enterprise
from portal.foundation.clock import day_in
from portal.foundation.errors import InvalidInput, NotPermitted
from portal.foundation.labels import N_
from portal.foundation.money import plain
from portal.foundation.transitions import move
from portal.tenancy.actor import FINANCE, Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class Payee:
    """Whom the money goes back to, and to which bank account."""

    name: str
    account: str


def request_refund(session: ChamberSession, enterprise: Enterprise, amount: int, payee: Payee, reason: str, *, actor: Actor) -> Refund:
    """Sets `amount` fen of an enterprise's credit aside and asks for its payment. NotPermitted; InvalidInput above the credit or without a reason."""
    if not may_record_payments(actor):
        raise NotPermitted(N_("Only finance pays money back."))
    if not reason.strip():
        raise InvalidInput("reason", N_("Give the reason. It stands in the books."))
    session.lock(enterprise)
    credit = credit_of(session, enterprise.id)
    if not 0 < amount <= credit:
        raise InvalidInput("amount", N_("The enterprise has %(amount)s on account."), amount=f"¥{plain(max(credit, 0))}")
    refund = Refund(enterprise_id=enterprise.id, amount=amount, reason=reason.strip(), payee=payee.name, payee_account=payee.account)
    session.add(refund)
    session.flush()
    sides = [Side(Account.CREDIT_ON_ACCOUNT, enterprise.id, amount), Side(Account.REFUNDS, enterprise.id, -amount)]
    _post(session, refund, JournalKind.REFUND_SET_ASIDE, sides, actor=actor)
    _step(session, refund, BillingAction.REFUND_REQUESTED, "", actor=actor)
    return refund


def approve_refund(session: ChamberSession, refund: Refund, *, actor: Actor) -> None:
    """Lets a refund be transferred. NotPermitted for whoever asked for it or recorded money of the enterprise (会计不得兼任出纳); IllegalMove where it is decided."""
    _may_decide(session, refund, actor)
    refund = session.lock(refund)
    move(refund, RefundState.APPROVED, REFUND_MOVES)
    _step(session, refund, BillingAction.REFUND_APPROVED, "", actor=actor)


def decline_refund(session: ChamberSession, refund: Refund, reason: str, *, actor: Actor) -> None:
    """Ends a refund: the money lies on account again. Refuses as approve_refund, and InvalidInput without a reason."""
    _may_decide(session, refund, actor)
    if not reason.strip():
        raise InvalidInput("reason", N_("Give the reason. It stands in the books."))
    refund = session.lock(refund)
    move(refund, RefundState.DECLINED, REFUND_MOVES)
    entry = session.scalars(sa.select(Journal).where(Journal.refund_id == refund.id, Journal.kind == JournalKind.REFUND_SET_ASIDE)).one()
    take_back(session, entry, JournalKind.REFUND_DECLINED, on=day_in(session.now(), settings_of(session).zone), actor=actor)
    _step(session, refund, BillingAction.REFUND_DECLINED, reason.strip(), actor=actor)


def record_refund_paid(session: ChamberSession, refund: Refund, reference: str, *, actor: Actor) -> None:
    """Posts an approved refund as transferred under the bank's serial number. NotPermitted; InvalidInput where the number was used; IllegalMove where it is not approved."""
    if not may_record_payments(actor):
        raise NotPermitted(N_("Only finance pays money back."))
    refund = session.lock(refund)
    if session.scalars(sa.select(Refund.id).where(Refund.reference == reference, Refund.id != refund.id)).first():
        raise InvalidInput("reference", N_("Another refund was transferred under this serial number."))
    move(refund, RefundState.PAID, REFUND_MOVES)
    refund.reference = reference
    sides = [Side(Account.REFUNDS, refund.enterprise_id, refund.amount), Side(Account.BANK, refund.enterprise_id, -refund.amount)]
    _post(session, refund, JournalKind.REFUND_PAID, sides, actor=actor)
    _step(session, refund, BillingAction.REFUND_PAID, reference, actor=actor)


def _may_decide(session: ChamberSession, refund: Refund, actor: Actor) -> None:
    if not may_decide_refund(actor, refund, list_recorders_of(session, refund.enterprise_id)):
        raise NotPermitted(N_("A refund is decided by finance's head or the secretary-general, and by nobody who asked for it or recorded the money."))


def _post(session: ChamberSession, refund: Refund, kind: JournalKind, sides: list[Side], *, actor: Actor) -> None:
    post(session, kind, sides, on=day_in(session.now(), settings_of(session).zone), refund_id=refund.id, actor=actor)


def _step(session: ChamberSession, refund: Refund, action: BillingAction, note: str, *, actor: Actor) -> None:
    session.add(RefundStep(refund_id=refund.id, state=refund.state, person_id=actor.person_id, person_name=actor.name, at=session.now(), note=note))
    record(session, action, refund, actor=actor, department=FINANCE, amount=refund.amount)
