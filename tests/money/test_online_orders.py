"""What Stripe tells, doubled and in every order, or not at all.

Payments that fail and are tried again, refunds, disputes. The end is always the same.
"""

import itertools
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from portal.members.enterprises.models import Enterprise
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.invoices.services.corrections import issue_credit_note
from portal.money.ledger.models import Account
from portal.money.ledger.queries import balance, credit_of
from portal.money.online.models import Checkout, CheckoutState, Parked
from portal.money.payments.models import Payment, Refund, RefundState
from portal.money.payments.queries import list_refundable
from portal.money.payments.services.refunds import Payee, approve_refund, request_refund
from portal.operations.verify import verify
from tests.cast import House, applicant_of
from tests.money.test_online_payment import house as house
from tests.money.test_online_payment import press, reconcile, tell
from tests.scenes import invoice_of
from tests.stripe_stand_in import Object, Stripe

pytestmark = pytest.mark.stage("three_approved")
History = Callable[[House, Stripe, Invoice], list[Object]]


def failed_then_paid(house: House, stripe: Stripe, invoice: Invoice) -> list[Object]:
    """A slow payment fails; the second try is paid at once."""
    press(house, invoice)
    first = stripe.sessions()[-1]["id"]
    events = [stripe.pay(first, later=True), stripe.confirm(first, well=False)]
    assert reconcile(house).asked == 1
    press(house, invoice)
    return [*events, stripe.pay(stripe.sessions()[-1]["id"])]


def expired_then_paid(house: House, stripe: Stripe, invoice: Invoice) -> list[Object]:
    """Nobody pays in time; the second page is paid by a slow way."""
    press(house, invoice)
    events = [stripe.expire(stripe.sessions()[-1]["id"])]
    assert reconcile(house).asked == 1
    press(house, invoice)
    second = stripe.sessions()[-1]["id"]
    return [*events, stripe.pay(second, later=True), stripe.confirm(second)]


def refunded(
    house: House, stripe: Stripe, invoice: Invoice, end: str = "succeeded"
) -> list[Object]:
    """What was paid is taken back and sent back through Stripe, where it stays on its way for a
    while.
    """
    press(house, invoice)
    paid = stripe.pay(stripe.sessions()[-1]["id"])
    assert reconcile(house).asked == 1
    stripe.refund_status = "pending"
    with house.doors.chamber(house.jia.id, writing=True) as session:
        actor = house.actor(session, "finance")
        issue_credit_note(session, session.fetch(Invoice, invoice.id), 200_000, "多收", actor=actor)
        ((payment, _),) = list_refundable(session, invoice.party_id)
        refund = request_refund(
            session,
            session.fetch(Enterprise, invoice.party_id),
            150_000,
            Payee("", ""),
            "退款",
            payment=payment,
            actor=actor,
        )
        approve_refund(session, refund, actor=house.actor(session, "secretary"))
    house.work()
    created = stripe.events[-1]
    return [paid, created, stripe.end_refund(created["data"]["object"]["id"], end)]


def refund_failed(house: House, stripe: Stripe, invoice: Invoice) -> list[Object]:
    """The same, and the bank gives it back."""
    return refunded(house, stripe, invoice, "failed")


def disputed(house: House, stripe: Stripe, invoice: Invoice) -> list[Object]:
    """The payer disputes what was paid, and wins."""
    press(house, invoice)
    session = stripe.sessions()[-1]["id"]
    paid = stripe.pay(session)
    assert reconcile(house).asked == 1
    opened = stripe.dispute(session)
    return [paid, opened, stripe.decide_dispute(opened["data"]["object"]["id"], "lost")]


ENDS = {
    failed_then_paid: (
        InvoiceState.PAID,
        [CheckoutState.FAILED, CheckoutState.PAID],
        1,
        196_000,
        0,
        [],
        [],
    ),
    expired_then_paid: (
        InvoiceState.PAID,
        [CheckoutState.EXPIRED, CheckoutState.PAID],
        1,
        196_000,
        0,
        [],
        [],
    ),
    refunded: (
        InvoiceState.CREDITED,
        [CheckoutState.PAID],
        1,
        46_000,
        50_000,
        [RefundState.PAID],
        [],
    ),
    refund_failed: (
        InvoiceState.CREDITED,
        [CheckoutState.PAID],
        1,
        196_000,
        200_000,
        [RefundState.FAILED],
        [],
    ),
    disputed: (InvoiceState.PAID, [CheckoutState.PAID], 1, 196_000, 0, [], ["lost"]),
}


@pytest.mark.parametrize("history", ENDS)
def test_every_order_ends_alike(house: House, stripe: Stripe, history: History) -> None:
    """Three enterprises with two orders each, told twice.

    One more is told nothing and found by the regular look.
    """
    orders = list(itertools.permutations(range(3)))
    ends, told = [], 0
    for number in (1, 2, 3):
        invoice = invoice_of(house, "jia", applicant_of(house, number)[1].id)
        events = history(house, stripe, invoice)
        for order in orders[told : told + 2] if number < 3 else ():
            for place in [*order, *order]:
                assert tell(house, events[place]) == 200
            house.work()
        told += 2
        reconcile(house)
        ends.append(_state(house, invoice))
    assert ends == [ENDS[history]] * 3  # type: ignore[index]
    assert [line for line, fault in verify(house.world) if fault] == []


def _state(house: House, invoice: Invoice) -> tuple[object, ...]:
    """The invoice, its attempts, payments, Stripe's clearing account and the credit in fen, its
    refunds, and what was parked of it.
    """
    with house.doors.chamber(house.jia.id) as session:
        owner, found = invoice.party_id, session.fetch(Invoice, invoice.id)
        checkouts = session.scalars(
            sa.select(Checkout).where(Checkout.invoice_id == invoice.id).order_by(Checkout.id)
        ).all()
        mine = [c.payment_id for c in checkouts if c.payment_id]
        payments = session.scalars(sa.select(Payment.id).where(Payment.id.in_(mine))).all()
        refunds = session.scalars(sa.select(Refund.state).where(Refund.party_id == owner)).all()
        parked = [
            p.details["status"]
            for p in session.scalars(sa.select(Parked).where(Parked.payment_id.in_(mine)))
        ]
        clearing = balance(session, Account.STRIPE_CLEARING, owner)
        return (
            found.state,
            [c.state for c in checkouts],
            len(payments),
            clearing,
            credit_of(session, owner),
            list(refunds),
            parked,
        )


def test_every_order_of_a_doubled_slow_payment_ends_alike(house: House, stripe: Stripe) -> None:
    """All six orders of “completed” and “succeeded”, each told twice.

    Two for each of three enterprises.
    """
    orders = sorted(set(itertools.permutations("aabb")))
    for number in (1, 2, 3):
        invoice = invoice_of(house, "jia", applicant_of(house, number)[1].id)
        press(house, invoice)
        session = stripe.sessions()[-1]["id"]
        events = {"a": stripe.pay(session, later=True), "b": stripe.confirm(session)}
        for order in orders[2 * number - 2 : 2 * number]:
            for letter in order:
                assert tell(house, events[letter]) == 200
                house.work()
        assert _state(house, invoice)[:5] == (
            InvoiceState.PAID,
            [CheckoutState.PAID],
            1,
            196_000,
            0,
        )
