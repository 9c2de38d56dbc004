"""Money that came online goes back the way it came.

At once, after days on its way, or not at all.
"""

import datetime as dt

import pytest
import sqlalchemy as sa

from portal.money.invoices.models import Invoice
from portal.money.ledger.models import Account
from portal.money.ledger.queries import balance, credit_of
from portal.money.online.models import Parked, ParkReason
from portal.money.online.services.events import settle_refund
from portal.money.online.stripe_gateway import Returned
from portal.money.payments.models import Refund, RefundState
from portal.tenancy.actor import SYSTEM
from tests.cast import House
from tests.money.test_online_payment import house as house
from tests.money.test_online_payment import invoice as invoice
from tests.money.test_online_payment import press, reconcile, tell
from tests.stripe_stand_in import Stripe

pytestmark = [pytest.mark.stage("three_approved"), pytest.mark.both_databases]


@pytest.fixture
def refund(house: House, stripe: Stripe, invoice: Invoice) -> Refund:
    """2,000 yuan that came online, credited, and asked for as a refund the same way."""
    press(house, invoice)
    tell(house, stripe.pay(stripe.sessions()[0]["id"]))
    house.work()
    finance = house.browser("finance")
    assert (
        finance.send(
            f"/billing/invoices/{invoice.id}/credit-note", amount="2000", reason="多收"
        ).status_code
        == 302
    )
    page = f"/billing/accounts/{invoice.party_id}/refund"
    way = finance.get(page).text.split("<option value=")[2].split('"')[1]
    form = {"amount": "1,500.00", "way": way, "reason": "退款", "payee": "", "payee_account": ""}
    assert finance.send(page, **(form | {"amount": "2000.01"})).status_code == 422
    assert finance.send(page, **(form | {"way": "transfer"})).status_code == 422
    assert finance.send(page, **form).status_code == 302
    assert finance.send(page, **(form | {"amount": "500.01"})).status_code == 422
    return refund_in(house)


def refund_in(house: House) -> Refund:
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(sa.select(Refund).options(sa.orm.selectinload(Refund.steps))).one()


def approve(house: House, refund: Refund) -> None:
    assert (
        house.browser("secretary").send(f"/billing/refunds/{refund.id}/approve").status_code == 302
    )
    house.work()


def books(house: House, refund: Refund) -> tuple[RefundState, int, int, int]:
    """The refund's state.

    Refunds to be paid, Stripe's clearing account, and the enterprise's credit, in fen.
    """
    with house.doors.chamber(house.jia.id) as session:
        found = session.fetch(Refund, refund.id)
        return (
            found.state,
            balance(session, Account.REFUNDS),
            balance(session, Account.STRIPE_CLEARING),
            credit_of(session, found.party_id),
        )


def test_at_once(house: House, stripe: Stripe, refund: Refund) -> None:
    assert books(house, refund) == (RefundState.REQUESTED, -150_000, 196_000, 50_000)
    approve(house, refund)
    assert books(house, refund) == (RefundState.PAID, 0, 46_000, 50_000)
    for event in stripe.events:
        tell(house, event)
    house.work()
    assert books(house, refund) == (RefundState.PAID, 0, 46_000, 50_000)
    assert (
        house.browser("finance")
        .send(f"/billing/refunds/{refund.id}/paid", reference="BANK")
        .status_code
        == 409
    )
    assert [step.state for step in refund_in(house).steps] == [
        RefundState.REQUESTED,
        RefundState.APPROVED,
        RefundState.PAID,
    ]


@pytest.mark.parametrize("told", [True, False])
def test_after_days_on_its_way(house: House, stripe: Stripe, refund: Refund, told: bool) -> None:
    stripe.refund_status = "pending"
    approve(house, refund)
    assert books(house, refund) == (RefundState.PENDING, -150_000, 196_000, 50_000)
    page = house.browser("finance").get(f"/billing/refunds/{refund.id}").text
    assert "Stripe pays it back" in page
    assert "the portal itself" in page
    event = stripe.end_refund(refund_in(house).reference or "", "succeeded")
    if told:
        assert tell(house, event) == tell(house, event) == 200
        house.work()
    else:
        house.clock.at += dt.timedelta(days=4)
        assert reconcile(house).asked == 1
    assert books(house, refund) == (RefundState.PAID, 0, 46_000, 50_000)


@pytest.mark.parametrize("first", ["pending", "succeeded"])
def test_it_fails_and_lies_on_account_again(
    house: House, stripe: Stripe, refund: Refund, first: str
) -> None:
    stripe.refund_status = first
    approve(house, refund)
    tell(house, stripe.end_refund(refund_in(house).reference or "", "failed"))
    house.work()
    assert books(house, refund) == (RefundState.FAILED, 0, 196_000, 200_000)


def test_stripe_says_no(house: House, stripe: Stripe, refund: Refund) -> None:
    stripe.refund_by_hand(stripe.sessions()[0]["id"])
    approve(house, refund)
    assert books(house, refund) == (RefundState.FAILED, 0, 196_000, 200_000)
    assert "greater than" in house.browser("finance").get(f"/billing/refunds/{refund.id}").text


def test_stripe_is_down_and_comes_back(house: House, stripe: Stripe, refund: Refund) -> None:
    stripe.down = True
    approve(house, refund)
    assert books(house, refund)[0] is RefundState.APPROVED
    stripe.down = False
    house.clock.at += dt.timedelta(minutes=1)
    house.work()
    assert books(house, refund)[0] is RefundState.PAID


def test_a_refund_made_in_stripes_own_pages_is_parked(
    house: House, stripe: Stripe, refund: Refund
) -> None:
    tell(house, stripe.refund_by_hand(stripe.sessions()[0]["id"]))
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(Parked.reason)).all() == [ParkReason.REFUND]


def test_what_stripe_may_have_is_not_declined(house: House, stripe: Stripe, refund: Refund) -> None:
    stripe.down = True
    approve(house, refund)
    answer = house.browser("secretary").send(
        f"/billing/refunds/{refund.id}/decline", reason="算错了"
    )
    assert (answer.status_code, books(house, refund)[0]) == (409, RefundState.APPROVED)
    assert house.browser("finance").send("/settings/online-payment/forget").status_code == 409, (
        "its end would be lost"
    )
    stripe.down = False
    house.clock.at += dt.timedelta(minutes=1)
    house.work()
    assert books(house, refund) == (RefundState.PAID, 0, 46_000, 50_000)


def test_news_of_a_refund_that_was_declined_is_parked(
    house: House, stripe: Stripe, refund: Refund
) -> None:
    assert (
        house.browser("secretary")
        .send(f"/billing/refunds/{refund.id}/decline", reason="算错了")
        .status_code
        == 302
    )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        settle_refund(
            session,
            Returned("re_x", "succeeded", refund.amount, "CNY", str(refund.id), "pi_x", ""),
            actor=SYSTEM,
        )
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(Parked.reason)).all() == [ParkReason.REFUND]
