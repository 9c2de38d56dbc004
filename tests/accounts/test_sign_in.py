"""Signing in, throttling, and signing out."""

import datetime as dt

import pytest
import sqlalchemy as sa

from portal.accounts.models import SignIn
from tests.cast import PASSWORD, House


def test_a_colleague_signs_in_and_out(house: House) -> None:
    browser = house.browser("finance")
    assert browser.get("/my-day").status_code == 200
    browser.send("/sign-out")
    assert browser.get("/my-day").status_code == 302


@pytest.mark.parametrize(
    "email", ["finance@jia.example", "nobody@jia.example", "finance@yi.example", "' OR 1=1 --"]
)
def test_known_and_unknown_names_get_one_answer(house: House, email: str) -> None:
    answers = [
        house.browser().send("/sign-in", email=e, password="wrong password here")
        for e in (email, "someone@else.example")
    ]
    assert {a.status_code for a in answers} == {422}
    bodies = [
        a.text.replace(e, "").split("<main")[1]
        for a, e in zip(answers, (email.replace("'", "&#39;"), "someone@else.example"), strict=True)
    ]
    import re

    assert len({re.sub(r'value="[^"]*"', "", b) for b in bodies}) == 1


def test_ten_tries_then_five_minutes_of_quiet(house: House) -> None:
    browser = house.browser()
    for _ in range(10):
        assert (
            browser.send("/sign-in", email="finance@jia.example", password="wrong").status_code
            == 422
        )
    assert (
        browser.send("/sign-in", email="finance@jia.example", password=PASSWORD).status_code == 429
    )
    assert (
        browser.send("/sign-in", email="membership@jia.example", password=PASSWORD).status_code
        == 429
    )
    house.clock.at = house.clock.at + dt.timedelta(minutes=5, seconds=1)
    assert (
        browser.send("/sign-in", email="finance@jia.example", password=PASSWORD).status_code == 302
    )


def _guess(house: House, address: str, times: int = 1) -> list[int]:
    """What a stranger at an address is answered who guesses the password of finance."""
    browser = house.browser()
    browser.client.environ_base["REMOTE_ADDR"] = address
    return [
        browser.send("/sign-in", email="finance@jia.example", password="wrong").status_code
        for _ in range(times)
    ]


@pytest.mark.both_databases
def test_strangers_cannot_lock_an_owner_out(house: House) -> None:
    """From as many addresses as they like.

    The browser that signed in before, and the owner's address, are counted apart.
    """
    known = house.browser()
    assert known.send("/sign-in", email="finance@jia.example", password=PASSWORD).status_code == 302
    known.send("/sign-out")
    assert [_guess(house, f"203.0.113.{n}")[0] for n in range(12)] == [422] * 10 + [429] * 2
    known.client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    assert (
        known.send("/sign-in", email="finance@jia.example", password=PASSWORD).status_code == 302
    ), "the browser is known"
    at_home = house.browser()
    assert (
        at_home.send("/sign-in", email="finance@jia.example", password=PASSWORD).status_code == 302
    ), "the address is known"
    elsewhere = house.browser()
    elsewhere.client.environ_base["REMOTE_ADDR"] = "198.51.100.9"
    assert (
        elsewhere.send("/sign-in", email="finance@jia.example", password=PASSWORD).status_code
        == 429
    ), "a stranger, for all the portal knows"


@pytest.mark.both_databases
def test_a_known_browser_guesses_no_more_often_than_others(house: House) -> None:
    known = house.browser()
    assert known.send("/sign-in", email="finance@jia.example", password=PASSWORD).status_code == 302
    known.send("/sign-out")
    told = []
    for n in range(12):
        known.client.environ_base["REMOTE_ADDR"] = f"198.51.100.{n}"
        told.append(
            known.send("/sign-in", email="finance@jia.example", password="wrong").status_code
        )
    assert told == [422] * 10 + [429] * 2


@pytest.mark.both_databases
def test_an_account_called_like_an_address_uses_up_nobodys_tries(house: House) -> None:
    for _ in range(11):
        house.browser().send("/sign-in", email="203.0.113.7", password="wrong")
    house.clock.at += dt.timedelta(minutes=6)
    for address in ("address:203.0.113.7", "reset anywhere:finance@jia.example"):
        for n in range(11):
            browser = house.browser()
            browser.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{n}"
            browser.send("/sign-in", email=address, password="wrong")
    assert _guess(house, "203.0.113.7") == [422]
    assert (
        house.browser().send("/password/forgotten", email="finance@jia.example").status_code == 302
    )


def test_another_chamber_counts_for_itself(house: House) -> None:
    for _ in range(11):
        house.browser().send("/sign-in", email="finance@jia.example", password="wrong")
    assert house.browser("finance", "yi").get("/my-day").status_code == 200


def test_a_cookie_of_one_chamber_opens_nothing_in_another(house: House) -> None:
    browser = house.browser("secretary")
    cookie = browser.client.get_cookie("huiguan", domain="jia.localhost")
    assert cookie is not None
    other = house.browser(slug="yi")
    other.client.set_cookie("huiguan", cookie.value, domain="yi.localhost")
    assert other.get("/my-day").status_code == 302


def test_own_sign_ins_are_listed_and_ended(house: House) -> None:
    here, there = house.browser("finance"), house.browser("finance")
    page = here.get("/account").text
    assert page.count("127.0.0.1") == 2
    with house.doors.chamber(house.jia.id) as session:
        other = session.scalars(sa.select(SignIn.id).order_by(SignIn.id.desc())).first()
    assert here.send(f"/account/sign-ins/{other}/end").status_code == 302
    assert there.get("/my-day").status_code == 302
    assert here.get("/my-day").status_code == 200


def test_a_sign_in_of_somebody_else_is_not_found(house: House) -> None:
    house.browser("finance")
    with house.doors.chamber(house.jia.id) as session:
        theirs = session.scalars(sa.select(SignIn.id)).first()
    assert house.browser("membership").send(f"/account/sign-ins/{theirs}/end").status_code == 404


def test_sign_out_everywhere(house: House) -> None:
    here, there = house.browser("finance"), house.browser("finance")
    here.send("/account/sign-out-everywhere")
    assert here.get("/my-day").status_code == there.get("/my-day").status_code == 302


def test_a_sign_in_ends_after_a_week(house: House) -> None:
    browser = house.browser("finance")
    house.clock.at = house.clock.at + dt.timedelta(days=8)
    assert browser.get("/my-day").status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\t//evil.example",
    ],
)
def test_signing_in_never_leads_elsewhere(house: House, target: str) -> None:
    answer = house.browser().send(
        "/sign-in", email="finance@jia.example", password=PASSWORD, next=target
    )
    assert answer.headers["Location"] == "/start"


def test_signing_in_leads_where_one_wanted_to_go(house: House) -> None:
    answer = house.browser().get("/billing/invoices?q=1")
    assert answer.status_code == 302
    assert "next=" in answer.headers["Location"]
    answer = house.browser().send(
        "/sign-in", email="finance@jia.example", password=PASSWORD, next="/billing/invoices?q=1"
    )
    assert answer.headers["Location"] == "/billing/invoices?q=1"
