"""What the portal says to Stripe, judged by the types that Stripe's own package ships.

Keys, accounts and repeated requests kept apart.
"""

import dataclasses
import datetime as dt

import pytest
import stripe as package
from stripe.params.checkout import SessionCreateParams

from portal.money.online.stripe_gateway import (
    Account,
    Declined,
    Unreachable,
    Wanted,
    expire_session,
    fetch_refund,
    fetch_session,
    open_session,
    send_refund,
)
from tests.stripe_stand_in import Stripe
from tests.stripe_types import faults

WANTED = Wanted(
    "attempt-1",
    "chamber",
    200_000,
    "CNY",
    "JF2026-00001 企业",
    "a@enterprise.example",
    "zh",
    "http://x/?back=1",
    "http://x/",
    dt.datetime(2026, 6, 15, 8, tzinfo=dt.UTC),
)


@pytest.fixture
def account(stripe: Stripe) -> Account:
    return Account(stripe.address, "sk_test_jia_1")


def test_asked_again_it_is_the_same_page(stripe: Stripe, account: Account) -> None:
    first = open_session(account, WANTED)
    assert open_session(account, WANTED).id == first.id
    assert len(stripe.sessions()) == 1
    with pytest.raises(Declined):
        open_session(account, dataclasses.replace(WANTED, amount=1))


def test_another_account_reads_nothing(stripe: Stripe, account: Account) -> None:
    found = open_session(account, WANTED)
    with pytest.raises(Declined) as declined:
        fetch_session(Account(stripe.address, "sk_test_yi_1"), found.id)
    assert declined.value.code == "resource_missing"


def test_nobody_answers() -> None:
    with pytest.raises(Unreachable):
        fetch_session(Account("http://127.0.0.1:1", "sk_test_jia_1"), "cs_1")


def test_a_page_that_is_complete_is_not_expired(stripe: Stripe, account: Account) -> None:
    found = open_session(account, WANTED)
    stripe.pay(found.id)
    assert expire_session(account, found.id).is_paid


def test_a_refund_is_sent_once_and_never_beyond_the_payment(
    stripe: Stripe, account: Account
) -> None:
    found = open_session(account, WANTED)
    stripe.pay(found.id)
    intent = fetch_session(account, found.id).payment_intent
    sent = [
        send_refund(account, reference="r1", chamber="c", payment_intent=intent, amount=150_000)
        for _ in range(2)
    ]
    assert sent[0] == sent[1] == fetch_refund(account, sent[0].id)
    with pytest.raises(Declined):
        send_refund(account, reference="r2", chamber="c", payment_intent=intent, amount=50_001)


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"mode": "payment", "ui_mode": "hosted_page", "line_items": []}, False),
        ({"mode": "paymnt"}, True),
        ({"ui_mode": "hosted"}, True),
        ({"client_ref": "x"}, True),
        ({"expires_at": "soon"}, True),
        (
            {"line_items": [{"quantity": 1, "price_data": {"currency": "cny", "unit_amuont": 1}}]},
            True,
        ),
    ],
)
def test_the_stand_in_refuses_what_stripe_would(asked: dict[str, object], wrong: bool) -> None:
    assert bool(faults(asked, SessionCreateParams)) is wrong


def test_the_stand_in_refuses_what_this_version_took_away(stripe: Stripe, account: Account) -> None:
    client = package.StripeClient(account.secret_key, base_addresses={"api": account.api})
    with pytest.raises(package.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create({"mode": "payment", "payment_method_types": ["card"]})  # type: ignore[typeddict-unknown-key]
    assert refused.value.code == "payment_method_types_no_longer_supported"
