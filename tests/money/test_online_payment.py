"""Paying online: from the mailed link to Stripe's page and back, and what Stripe says in whatever
order, late or never.
"""

import datetime as dt
import itertools
import re
import uuid

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from portal.admission.applications.models import Application, ApplicationState
from portal.jobs.models import Mail
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.ledger.models import Account
from portal.money.ledger.queries import balance, credit_of
from portal.money.online.models import Checkout, CheckoutState, Parked, ParkReason, StripeEvent
from portal.money.online.services.events import Reconciled, reconcile_chamber
from portal.money.online.stripe_gateway import account_of
from portal.money.payments.models import Channel, Payment, PaymentPaper
from portal.operations.verify import verify
from portal.papers.issuing.models import IssuedPaper
from portal.tenancy.actor import SYSTEM
from tests.cast import Browser, House, applicant_of
from tests.house.acts_of_the_roll import HALL
from tests.scenes import invoice_of, pay_through_pages
from tests.stripe_stand_in import Object, Stripe, signed

pytestmark = pytest.mark.stage("three_approved")
KEY, SECRET = "sk_test_jia_1", "whsec_jia_1"
EVENTS = "/billing/stripe/events"


@pytest.fixture
def house(paying_house: House) -> House:
    """甲 takes online payments."""
    answer = paying_house.browser("finance").send(
        "/settings/online-payment", secret_key=KEY, webhook_secret=SECRET
    )
    assert answer.status_code == 302, answer.text
    return paying_house


@pytest.fixture
def invoice(house: House) -> Invoice:
    return invoice_of(house, "jia", applicant_of(house)[1].id)


def link(house: House, invoice: Invoice) -> str:
    return f"/billing/pay/{house.world.sealer.mark('pay', house.jia.id, invoice.id)}"


def press(house: House, invoice: Invoice) -> TestResponse:
    return house.browser().send(f"{link(house, invoice)}/online")


def tell(house: House, event: Object, secret: str = SECRET, slug: str = "jia", age: int = 0) -> int:
    """Delivers an event as Stripe would."""
    body, signature = signed(event, secret, age=age)
    headers = {"Host": f"{slug}.localhost", "Stripe-Signature": signature}
    return (
        house.browser()
        .client.post(EVENTS, data=body, headers=headers, content_type="application/json")
        .status_code
    )


def reconcile(house: House) -> Reconciled:
    """The regular look at whatever has no end yet."""
    world = house.world
    return reconcile_chamber(
        house.doors,
        house.jia.id,
        lambda keys: account_of(world.settings.stripe_url, keys.secret_key, world.sealer),
        actor=SYSTEM,
    )


def state_of(
    house: House, invoice: Invoice
) -> tuple[InvoiceState, list[CheckoutState], int, int, int]:
    """Where the books stand.

    The invoice, its attempts, how many payments, Stripe's clearing account and the credit, in fen.
    """
    with house.doors.chamber(house.jia.id) as session:
        found = session.fetch(Invoice, invoice.id)
        checkouts = session.scalars(
            sa.select(Checkout).where(Checkout.invoice_id == invoice.id).order_by(Checkout.id)
        ).all()
        payments = session.scalar(sa.select(sa.func.count(Payment.id))) or 0
        return (
            found.state,
            [c.state for c in checkouts],
            payments,
            balance(session, Account.STRIPE_CLEARING),
            credit_of(session, found.party_id),
        )


def parked_in(house: House) -> list[Parked]:
    with house.doors.chamber(house.jia.id) as session:
        return list(session.scalars(sa.select(Parked)).all())


DONE = (InvoiceState.PAID, [CheckoutState.PAID], 1, 200_000 - 4_000, 0)


@pytest.mark.both_databases
def test_from_the_mailed_link_to_membership(house: House, stripe: Stripe, invoice: Invoice) -> None:
    payer = house.browser()
    page = payer.get(link(house, invoice))
    assert "¥2,000.00" in page.text
    answer = payer.send(f"{link(house, invoice)}/online")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{link(house, invoice)}?go=1")
    (session,) = stripe.sessions()
    assert f'content="0; url={session["url"]}"' in payer.get(answer.headers["Location"]).text
    assert (session["amount_total"], session["currency"], session["locale"]) == (
        200_000,
        "cny",
        "en",
    )
    event = stripe.pay(session["id"])
    returned = payer.get(f"{link(house, invoice)}?back=1")
    assert "Confirming your payment" in returned.text
    assert state_of(house, invoice)[:3] == (InvoiceState.ISSUED, [CheckoutState.OPEN], 0)
    assert tell(house, event) == 200
    house.work()
    assert state_of(house, invoice) == DONE
    assert "Thank you" in payer.get(f"{link(house, invoice)}?back=1").text
    with house.doors.chamber(house.jia.id) as books:
        payment = books.scalars(sa.select(Payment)).one()
        assert (payment.channel, payment.amount, payment.payer) == (
            Channel.ONLINE,
            200_000,
            "付款人",
        )
        assert balance(books, Account.FEES) == 4_000
        assert (
            books.scalars(
                sa.select(Application.state).where(Application.invoice_id == invoice.id)
            ).one()
            is ApplicationState.ADMITTED
        )


@pytest.mark.both_databases
def test_somebody_outside_pays_online_and_has_the_receipt(house: House, stripe: Stripe) -> None:
    assert house.browser("finance").send("/billing/invoices/raise", **HALL).status_code == 302
    with house.doors.chamber(house.jia.id) as books:
        hall = books.scalars(sa.select(Invoice).order_by(Invoice.id.desc()).limit(1)).one()
    assert "张先生" in house.browser().get(link(house, hall)).text
    assert press(house, hall).status_code == 303
    assert tell(house, stripe.pay(stripe.sessions()[0]["id"])) == 200
    house.work()
    assert state_of(house, hall)[:3] == (InvoiceState.PAID, [CheckoutState.PAID], 1)
    with house.doors.chamber(house.jia.id) as books:
        receipt = books.scalars(
            sa.select(IssuedPaper).where(IssuedPaper.kind == PaymentPaper.RECEIPT)
        ).one()
        assert (receipt.enterprise_id, receipt.snapshot["enterprise"]) == (None, "张先生")
    assert [line for line, fault in verify(house.world) if fault] == []


def test_the_mail_leads_to_the_page(house: House, invoice: Invoice) -> None:
    house.prints = True
    with house.doors.platform(writing=True) as session:
        from portal.jobs.models import Job

        session.execute(
            sa.update(Job).where(Job.task == "render_paper").values(run_at=house.clock.now())
        )
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        mail = session.scalars(
            sa.select(Mail).where(Mail.template == "billing/notice_of_dues").order_by(Mail.id)
        ).first()
    shown = house.browser("office").get(f"/settings/mails/{mail.id}").text
    (found,) = set(re.findall(r"http://jia\.localhost:8000(/billing/pay/[\w.-]+)", shown))
    assert house.browser().get(found).status_code == 200
    assert house.browser(slug="yi").get(found).status_code == 404
    assert found.rsplit("/", 1)[1] not in str(mail.context)


def test_the_receipt_goes_out_by_mail(house: House, stripe: Stripe, invoice: Invoice) -> None:
    house.prints = True
    press(house, invoice)
    tell(house, stripe.pay(stripe.sessions()[0]["id"]))
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        (mail,) = session.scalars(sa.select(Mail).where(Mail.template == "billing/receipt")).all()
    assert (mail.to_address, mail.context["amount"], mail.attachment_file_id is not None) == (
        invoice.notify_email,
        200_000,
        True,
    )
    assert "¥2,000.00" in house.browser("office").get(f"/settings/mails/{mail.id}").text


@pytest.mark.parametrize("word", ["x", "x" * 43, "é" * 20, "A" * 5_000])
def test_a_word_that_nobody_made_opens_nothing(house: House, word: str) -> None:
    assert house.browser().get(f"/billing/pay/{word}").status_code == 404
    assert house.browser().send(f"/billing/pay/{word}/online").status_code == 404


@pytest.mark.both_databases
@pytest.mark.parametrize("later", [False, True])
def test_events_twice_in_every_order_late_or_lost_end_alike(
    house: House, stripe: Stripe, invoice: Invoice, later: bool
) -> None:
    ends = []
    applicants = [applicant_of(house, number)[1] for number in (1, 2, 3)]
    for number, application in enumerate(applicants):
        mine = invoice_of(house, "jia", application.id)
        press(house, mine)
        session = stripe.sessions()[-1]
        events = [stripe.pay(session["id"], later=later)] + (
            [stripe.confirm(session["id"])] if later else []
        )
        orders = list(itertools.permutations([*events, *events]))
        if number < 2:
            for event in orders[number * (len(orders) - 1)]:
                assert tell(house, event) == 200
                if number:
                    house.work()
            house.work()
        else:
            house.clock.at += dt.timedelta(days=4)
            assert reconcile(house).asked == 1
        found = state_of(house, mine)
        ends.append((*found[:2], found[2] - number, found[3] - number * 196_000, found[4]))
    assert ends == [DONE, DONE, DONE]
    assert stripe.requests.count("POST /v1/checkout/sessions") == 3


@pytest.mark.parametrize("order", sorted(set(itertools.permutations("ccss"))), ids="".join)
@pytest.mark.parametrize("at_once", [True, False])
def test_the_news_of_a_slow_payment_twice_in_every_order(
    house: House, stripe: Stripe, invoice: Invoice, order: tuple[str, ...], at_once: bool
) -> None:
    """c: the page was completed, unpaid; s: the money came.

    The worker reads all of them in the end, or each as it comes.
    """
    press(house, invoice)
    session = stripe.sessions()[0]["id"]
    news = {"c": stripe.pay(session, later=True), "s": stripe.confirm(session)}
    for name in order:
        assert tell(house, news[name]) == 200
        if not at_once:
            house.work()
    house.work()
    assert state_of(house, invoice) == DONE


def test_two_tabs_share_one_page(house: House, stripe: Stripe, invoice: Invoice) -> None:
    one, other = press(house, invoice), press(house, invoice)
    assert one.status_code == other.status_code == 303
    assert len(stripe.sessions()) == 1
    stripe.pay(stripe.sessions()[0]["id"], later=True)
    tell(house, stripe.events[-1])
    house.work()
    third = press(house, invoice)
    assert third.headers["Location"].endswith("?back=1")
    assert "Please do not pay again" in house.browser().get(third.headers["Location"]).text
    assert len(stripe.sessions()) == 1


def test_a_browser_that_broke_off_finds_the_same_page(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    stripe.down = True
    payer = house.browser()
    answer = payer.send(f"{link(house, invoice)}/online")
    assert (answer.status_code, answer.headers["Location"]) == (303, link(house, invoice))
    assert "Nothing was charged" in payer.get(answer.headers["Location"]).text
    assert state_of(house, invoice)[1] == [CheckoutState.OPENING]
    stripe.down = False
    assert press(house, invoice).status_code == 303
    assert (len(stripe.sessions()), state_of(house, invoice)[1]) == (1, [CheckoutState.OPEN])


def test_what_is_owed_changed_meanwhile(house: House, stripe: Stripe, invoice: Invoice) -> None:
    press(house, invoice)
    pay_through_pages(house, invoice, "500.00")
    assert press(house, invoice).status_code == 303
    first, second = stripe.sessions()
    assert (first["status"], second["status"], second["amount_total"]) == (
        "expired",
        "open",
        150_000,
    )
    assert state_of(house, invoice)[1] == [CheckoutState.EXPIRED, CheckoutState.OPEN]


def test_paid_another_way_while_the_page_is_open(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    press(house, invoice)
    pay_through_pages(house, invoice)
    assert stripe.sessions()[0]["status"] == "expired"
    assert state_of(house, invoice)[:2] == (InvoiceState.PAID, [CheckoutState.EXPIRED])
    assert press(house, invoice).status_code == 409


@pytest.mark.both_databases
def test_paid_twice_at_the_same_moment_becomes_credit(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    press(house, invoice)
    event = stripe.pay(stripe.sessions()[0]["id"])
    pay_through_pages(house, invoice)
    tell(house, event)
    house.work()
    assert state_of(house, invoice) == (
        InvoiceState.PAID,
        [CheckoutState.PAID],
        2,
        196_000,
        200_000,
    )


def test_a_void_invoice_closes_its_page(house: House, stripe: Stripe, invoice: Invoice) -> None:
    press(house, invoice)
    assert (
        house.browser("finance")
        .send(f"/billing/invoices/{invoice.id}/void", reason="理由")
        .status_code
        == 302
    )
    house.work()
    assert stripe.sessions()[0]["status"] == "expired"


def test_a_slow_way_that_fails_can_be_tried_again(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    press(house, invoice)
    session = stripe.sessions()[0]["id"]
    for event in (stripe.pay(session, later=True), stripe.confirm(session, well=False)):
        tell(house, event)
        house.work()
    assert state_of(house, invoice)[:3] == (InvoiceState.ISSUED, [CheckoutState.FAILED], 0)
    assert "failed" in house.browser().get(f"{link(house, invoice)}?back=1").text
    assert press(house, invoice).status_code == 303
    assert state_of(house, invoice)[1] == [CheckoutState.FAILED, CheckoutState.OPEN]


def test_a_page_that_expires(house: House, stripe: Stripe, invoice: Invoice) -> None:
    press(house, invoice)
    tell(house, stripe.expire(stripe.sessions()[0]["id"]))
    house.work()
    assert state_of(house, invoice)[:3] == (InvoiceState.ISSUED, [CheckoutState.EXPIRED], 0)


@pytest.mark.parametrize(
    "attack",
    [
        "no signature",
        "wrong secret",
        "of yesterday",
        "another chamber",
        "no keys",
        "no event",
        "changed",
    ],
)
def test_what_stripe_did_not_sign_is_refused_and_not_kept(
    house: House, stripe: Stripe, invoice: Invoice, attack: str
) -> None:
    press(house, invoice)
    event = stripe.pay(stripe.sessions()[0]["id"])
    body, signature = signed(
        event,
        SECRET if attack != "wrong secret" else "whsec_other",
        age=86_400 if attack == "of yesterday" else 0,
    )
    if attack == "no event":
        body, signature = signed({"object": "event"}, SECRET)
    headers = {
        "Host": "yi.localhost" if attack in {"another chamber", "no keys"} else "jia.localhost"
    }
    headers |= {} if attack == "no signature" else {"Stripe-Signature": signature}
    answer = house.browser().client.post(
        EVENTS, data=body + (b" " if attack == "changed" else b""), headers=headers
    )
    assert answer.status_code == 400
    for chamber in (house.jia, house.yi):
        with house.doors.chamber(chamber.id) as session:
            assert session.scalars(sa.select(StripeEvent)).all() == []


@pytest.mark.parametrize(
    ("reason", "differing"),
    [
        (ParkReason.CHAMBER, {"metadata": {"chamber": str(uuid.uuid4())}}),
        (ParkReason.CHAMBER, {"metadata": {}}),
        (ParkReason.AMOUNT, {"amount_total": 199_999}),
        (ParkReason.CURRENCY, {"currency": "hkd"}),
        (ParkReason.MODE, {"livemode": True}),
        (ParkReason.UNKNOWN, {"client_reference_id": str(uuid.uuid4())}),
        (ParkReason.UNKNOWN, {"client_reference_id": "order 12", "metadata": {}}),
    ],
)
def test_what_the_portal_did_not_open_is_parked_and_never_booked(
    house: House, stripe: Stripe, invoice: Invoice, reason: ParkReason, differing: Object
) -> None:
    press(house, invoice)
    event = stripe.pay(stripe.sessions()[0]["id"], **differing)
    assert tell(house, event) == tell(house, event) == 200
    house.work()
    (parked,) = parked_in(house)
    assert parked.reason is reason
    assert state_of(house, invoice)[:3] == (InvoiceState.ISSUED, [CheckoutState.OPEN], 0)
    finance = house.browser("finance")
    assert stripe.sessions()[0]["id"] in finance.get("/billing/online").text
    assert stripe.sessions()[0]["id"] in finance.get("/my-day").text
    assert finance.send(f"/billing/online/{parked.id}/settle", note=" ").status_code == 422
    assert finance.send(f"/billing/online/{parked.id}/settle", note="已退回").status_code == 302
    assert finance.send(f"/billing/online/{parked.id}/settle", note="再次").status_code == 409
    assert "已退回" in finance.get("/billing/online?state=settled").text
    assert (
        house.browser("membership")
        .send(f"/billing/online/{parked.id}/settle", note="x")
        .status_code
        == 403
    )


def test_a_dispute_is_laid_before_finance(house: House, stripe: Stripe, invoice: Invoice) -> None:
    press(house, invoice)
    session = stripe.sessions()[0]["id"]
    for event in (stripe.pay(session), stripe.dispute(session)):
        tell(house, event)
        house.work()
    (parked,) = parked_in(house)
    assert (parked.reason, parked.payment_id is not None) == (ParkReason.DISPUTE, True)
    assert state_of(house, invoice) == DONE


def test_news_of_what_the_key_cannot_read_is_parked(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    press(house, invoice)
    event = stripe.pay(stripe.sessions()[0]["id"])
    event["data"]["object"]["id"] = "cs_test_of_another_account"
    tell(house, event)
    house.work()
    assert [p.reason for p in parked_in(house)] == [ParkReason.UNKNOWN]


def test_an_event_while_stripe_is_down_is_read_later(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    press(house, invoice)
    event = stripe.pay(stripe.sessions()[0]["id"])
    stripe.down = True
    tell(house, event)
    house.work()
    assert state_of(house, invoice)[2] == 0
    stripe.down = False
    house.clock.at += dt.timedelta(minutes=1)
    house.work()
    assert state_of(house, invoice) == DONE


def test_other_events_are_not_kept(house: House, stripe: Stripe, invoice: Invoice) -> None:
    press(house, invoice)
    event = stripe.pay(stripe.sessions()[0]["id"]) | {"type": "customer.created"}
    assert tell(house, event) == 200
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(StripeEvent)).all() == []


def test_money_that_arrived_online_is_not_undone(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    press(house, invoice)
    tell(house, stripe.pay(stripe.sessions()[0]["id"]))
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        payment = session.scalars(sa.select(Payment)).one()
    finance = house.browser("finance")
    assert "/undo" not in finance.get(f"/billing/payments/{payment.id}").text
    assert finance.send(f"/billing/payments/{payment.id}/undo", reason="理由").status_code == 409


def contact(house: House) -> Browser:
    return applicant_of(house)[0]


def test_the_enterprise_and_staff_see_each_their_own_way(
    house: House, stripe: Stripe, invoice: Invoice
) -> None:
    page = f"/billing/invoices/{invoice.id}"
    assert f"{link(house, invoice)}/online" in contact(house).get(page).text
    desk = house.browser("finance").get(page).text
    assert "Pay ¥2,000.00 online" not in desk
    assert f"http://jia.localhost:8000{link(house, invoice)}" in desk
    assert house.browser("finance").send("/settings/online-payment/forget").status_code == 302
    assert "online" not in contact(house).get(page).text.replace("online-payment", "")
    assert "Pay ¥" not in house.browser().get(link(house, invoice)).text
    assert press(house, invoice).status_code == 409
