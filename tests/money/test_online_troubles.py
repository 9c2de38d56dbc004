"""Paying online when things come late, twice, or not at all.

Fees, attempts without a page, news that cannot be applied.
"""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import Application
from portal.foundation.clock import Clock
from portal.members.enterprises.models import Enterprise
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.ledger.models import Account, Journal, JournalKind
from portal.money.ledger.queries import balance
from portal.money.online.models import CheckoutState, Parked, ParkReason
from portal.money.online.queries import find_keys
from portal.money.online.services.parking import park_dispute
from portal.money.online.stripe_gateway import Disputed
from portal.money.payments.models import Channel, Payment
from portal.money.payments.services.recording import Arrival, record_payment
from portal.operations.verify import verify
from portal.tenancy.actor import SYSTEM
from tests.cast import House, applicant_of
from tests.jobs.killing import kill_in_the_middle
from tests.money.test_online_payment import DONE, parked_in, press, reconcile, state_of, tell
from tests.money.test_online_payment import house as house
from tests.money.test_online_payment import invoice as invoice
from tests.scenes import invoice_of, pay_through_pages, seal
from tests.stripe_stand_in import Stripe

pytestmark = pytest.mark.stage("three_approved")


@pytest.mark.both_databases
def test_a_fee_that_stripe_says_later_is_booked_once(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    stripe.fees_come_later = True
    press(house, invoice)
    tell(house, stripe.pay(stripe.sessions()[0]["id"]))
    house.work()
    assert state_of(house, invoice)[3] == 200_000
    assert reconcile(house).asked == 1
    stripe.fees_come_later = False
    assert reconcile(house).asked == 1
    assert reconcile(house).asked == 0
    assert state_of(house, invoice) == DONE


def test_an_attempt_that_stripe_opened_no_page_for_ends_by_itself(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    stripe.down = True
    press(house, invoice)
    assert state_of(house, invoice)[1] == [CheckoutState.OPENING]
    assert house.browser("finance").send("/settings/online-payment/forget").status_code == 409
    stripe.down = False
    house.clock.at += dt.timedelta(minutes=100)
    press(house, invoice)
    assert state_of(house, invoice)[1] == [CheckoutState.EXPIRED, CheckoutState.OPEN], (
        "Stripe takes no page that closes within half an hour"
    )
    stripe.expire(stripe.sessions()[0]["id"])
    reconcile(house)
    stripe.down = True
    press(house, invoice)
    house.clock.at += dt.timedelta(hours=3)
    stripe.down = False
    reconcile(house)
    assert state_of(house, invoice)[1] == [CheckoutState.EXPIRED] * 3
    assert house.browser("finance").send("/settings/online-payment/forget").status_code == 302


def test_who_has_paid_already_and_presses_again_is_told_so(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    press(house, invoice)
    stripe.pay(stripe.sessions()[0]["id"])
    pay_through_pages(house, invoice, "500.00")
    answer = press(house, invoice)
    assert answer.status_code in {303, 409}
    assert state_of(house, invoice)[1][0] is CheckoutState.PAID
    assert state_of(house, invoice)[4] == 50_000


def test_what_cannot_be_applied_does_not_stop_the_rest(house: House, stripe: Stripe) -> None:
    invoices = [invoice_of(house, "jia", applicant_of(house, number)[1].id) for number in (1, 2)]
    for one in invoices:
        press(house, one)
    for session in stripe.sessions():
        stripe.pay(session["id"])
    with house.doors.chamber(house.jia.id, writing=True) as books:
        same = Arrival(
            dt.date(2026, 6, 15),
            100,
            "付款人",
            stripe.sessions()[0]["payment_intent"],
            Channel.ONLINE,
        )
        record_payment(
            books, same, [], surplus_to=books.fetch(Enterprise, invoices[0].party_id), actor=SYSTEM
        )
    assert reconcile(house).unanswered == 1
    assert [state_of(house, one)[1] for one in invoices] == [
        [CheckoutState.OPEN],
        [CheckoutState.PAID],
    ]


@pytest.mark.either_database
def test_a_look_at_stripe_whose_worker_dies_in_the_middle_books_each_payment_once(
    house: House, stripe: Stripe, invoice: Invoice, tmp_path: Path
) -> None:
    invoices = [
        invoice,
        *(invoice_of(house, "jia", applicant_of(house, number)[1].id) for number in (2, 3)),
    ]
    for one in invoices:
        press(house, one)
    for session in stripe.sessions():
        stripe.pay(session["id"])
    with house.doors.chamber(house.jia.id, writing=True) as books:
        for application in books.scalars(sa.select(Application)):
            application.expires_on = dt.date(2099, 12, 31)
    kill_in_the_middle(house, tmp_path / "mark", "payment")
    assert sorted(state_of(house, one)[1] == [CheckoutState.PAID] for one in invoices) == [
        False,
        False,
        True,
    ]
    assert reconcile(house).unanswered == 0
    assert [state_of(house, one)[:2] for one in invoices] == [
        (InvoiceState.PAID, [CheckoutState.PAID])
    ] * 3
    assert state_of(house, invoice)[2] == 3
    seal(house)
    assert [line for line, fault in verify(house.world) if fault] == []


def test_refunds_and_disputes_made_at_stripe_are_found_without_their_events(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    press(house, invoice)
    paid = stripe.sessions()[0]["id"]
    tell(house, stripe.pay(paid))
    house.work()
    refund, dispute = (
        stripe.refund_by_hand(paid)["data"]["object"]["id"],
        stripe.dispute(paid)["data"]["object"]["id"],
    )
    house.clock.at = Clock().now() + dt.timedelta(days=4)
    assert reconcile(house).asked == 2
    assert {(p.reason, p.reference, p.payment_id is None) for p in parked_in(house)} == {
        (ParkReason.REFUND, refund, False),
        (ParkReason.DISPUTE, dispute, False),
    }
    assert reconcile(house).asked == 0
    stripe.find(dispute)[1]["status"] = "lost"
    assert reconcile(house).asked == 1
    for event in stripe.events:
        assert tell(house, event) == 200
    house.work()
    assert len(parked_in(house)) == 2
    stripe.find(refund)[1]["created"] -= 40 * 86_400
    stripe.find(refund)[1]["status"] = "failed"
    assert reconcile(house).asked == 0, (
        "what is older than thirty days is known from its event only"
    )


def test_later_news_of_what_was_dealt_with_comes_up_again(house: House) -> None:
    def say(status: str) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            park_dispute(
                session, Disputed("dp_1", status, 100, "CNY", "pi_1", "fraudulent"), actor=SYSTEM
            )

    say("needs_response")
    (parked,) = parked_in(house)
    assert (
        house.browser("finance")
        .send(f"/billing/online/{parked.id}/settle", note="已提交证据")
        .status_code
        == 302
    )
    say("needs_response")
    assert len(parked_in(house)) == 1
    for _ in range(2):
        say("lost")
    (again,) = parked_in(house)
    assert (again.reference, again.details["status"], again.state.value) == (
        "dp_1",
        "lost",
        "parked",
    )
    finance = house.browser("finance")
    assert "已提交证据" in finance.get("/billing/online?q=dp_1").text
    assert "Nothing matches" in finance.get("/billing/online?q=dp_2").text
    assert finance.send(f"/billing/online/{parked.id}/settle", note="已败诉").status_code == 302
    say("lost")
    page = finance.get("/billing/online?state=settled").text
    assert page.index("已提交证据") < page.index("已败诉")
    assert "Nothing to look at" in finance.get("/billing/online").text


def test_keys_that_cannot_be_opened_stop_nobody(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    press(house, invoice)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        keys = find_keys(session)
        assert keys is not None
        keys.secret_key = "sealed under another key"
    found = reconcile(house)
    assert (found.asked, found.unanswered) == (1, 1)
    house.clock.at += dt.timedelta(hours=3)
    assert press(house, invoice).status_code == 303
    assert state_of(house, invoice)[1] == [CheckoutState.OPEN], (
        "nothing is known, and nothing is lost"
    )


def test_money_is_booked_on_the_day_it_was_paid_however_late_it_is_known(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    """Paid at 23:59 of 30 June in Shanghai, found four days later."""
    stripe.charged_at = int(dt.datetime(2026, 6, 30, 15, 59, 59, tzinfo=dt.UTC).timestamp())
    press(house, invoice)
    stripe.pay(stripe.sessions()[0]["id"])
    house.clock.at = dt.datetime(2026, 7, 4, 4, tzinfo=dt.UTC)
    assert reconcile(house).asked == 1
    with house.doors.chamber(house.jia.id) as session:
        (payment,) = session.scalars(sa.select(Payment)).all()
        posted = set(
            session.scalars(
                sa.select(Journal.posted_on).where(
                    Journal.origin_id == payment.id, Journal.kind == JournalKind.PAYMENT
                )
            )
        )
    assert (payment.received_on, posted) == (dt.date(2026, 6, 30), {dt.date(2026, 6, 30)})


def test_a_payment_is_undone_once_stripe_says_that_its_money_left_again(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    press(house, invoice)
    paid = stripe.sessions()[0]["id"]
    tell(house, stripe.pay(paid))
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        (payment,) = session.scalars(sa.select(Payment)).all()
    finance, page = house.browser("finance"), f"/billing/payments/{payment.id}"
    assert finance.send(f"{page}/undo", reason="x").status_code == 409
    event = stripe.dispute(paid)
    tell(house, event)
    house.work()
    assert "disputes the payment: needs_response" in finance.get(page).text
    assert finance.send(f"{page}/undo", reason="x").status_code == 409, "it is not lost yet"
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.scalars(sa.select(Parked)).one().payment_id = None
    stripe.find(event["data"]["object"]["id"])[1]["status"] = "lost"
    house.clock.at += dt.timedelta(days=1)
    reconcile(house)
    assert "Undo the payment" in finance.get(page).text
    assert finance.send(f"{page}/undo", reason="拒付败诉").status_code == 302
    with house.doors.chamber(house.jia.id) as session:
        found = session.fetch(Invoice, invoice.id)
        assert (found.state, found.open_amount, balance(session, Account.STRIPE_CLEARING)) == (
            InvoiceState.ISSUED,
            200_000,
            -4_000,
        ), "the fee is gone"
    seal(house)
    assert [line for line, fault in verify(house.world) if fault] == []
