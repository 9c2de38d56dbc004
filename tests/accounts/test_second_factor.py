"""TOTP, recovery codes, and a chamber that requires them."""

import datetime as dt
import re

import pyotp
import pytest
import sqlalchemy as sa

from portal.accounts.queries import find_person_by_email
from portal.desks.chamber_settings.services import change_settings
from portal.jobs.models import Mail
from tests.cast import PASSWORD, Browser, House


def _code(house: House, secret: str) -> str:
    return pyotp.TOTP(secret).at(house.clock.at)


def _switch_on(house: House, browser: Browser) -> tuple[str, list[str]]:
    page = browser.send("/account/second-factor").text
    secret = re.findall(r'class="code">([A-Z2-7]{32})<', page)[0]
    page = browser.send("/account/second-factor", code=_code(house, secret)).text
    return secret, re.findall(r"[0-9a-f]{8}-[0-9a-f]{8}", page)


@pytest.fixture
def secured(house: House) -> tuple[str, list[str]]:
    found = _switch_on(house, house.browser("finance"))
    house.clock.at = house.clock.at + dt.timedelta(minutes=2)
    return found


def test_the_password_alone_opens_nothing(house: House, secured: tuple[str, list[str]]) -> None:
    browser = house.browser()
    answer = browser.send("/sign-in", email="finance@jia.example", password=PASSWORD)
    assert answer.headers["Location"].startswith("/sign-in/code")
    assert browser.get("/my-day").status_code == 302
    assert browser.get("/account").status_code == 302
    assert browser.send("/sign-in/code", code="000000").status_code == 422
    assert browser.send("/sign-in/code", code=_code(house, secured[0])).status_code == 302
    assert browser.get("/my-day").status_code == 200


def test_a_code_counts_once(house: House, secured: tuple[str, list[str]]) -> None:
    code = _code(house, secured[0])
    for expected in (302, 422):
        browser = house.browser()
        browser.send("/sign-in", email="finance@jia.example", password=PASSWORD)
        assert browser.send("/sign-in/code", code=code).status_code == expected


def test_a_recovery_code_opens_once(house: House, secured: tuple[str, list[str]]) -> None:
    assert len(secured[1]) == 10
    for expected in (302, 422):
        browser = house.browser()
        browser.send("/sign-in", email="finance@jia.example", password=PASSWORD)
        assert browser.send("/sign-in/code", code=secured[1][0].upper()).status_code == expected


def test_codes_are_throttled_too(house: House, secured: tuple[str, list[str]]) -> None:
    browser = house.browser()
    browser.send("/sign-in", email="finance@jia.example", password=PASSWORD)
    for _ in range(10):
        assert browser.send("/sign-in/code", code="000000").status_code == 422
    assert browser.send("/sign-in/code", code=_code(house, secured[0])).status_code == 429


def test_the_secret_is_sealed_at_rest(house: House, secured: tuple[str, list[str]]) -> None:
    with house.doors.chamber(house.jia.id) as session:
        person = find_person_by_email(session, "finance@jia.example")
        assert person is not None
        assert secured[0] not in (person.totp_secret or "")


def test_a_chamber_that_requires_it_lets_staff_do_nothing_before(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        change_settings(
            session, staff_need_second_factor=True, actor=house.actor(session, "secretary")
        )
    browser = house.browser("finance")
    assert browser.get("/my-day").headers["Location"] == "/account/second-factor"
    assert browser.get("/billing/invoices").status_code == 302
    _switch_on(house, browser)
    assert browser.get("/billing/invoices").status_code == 200


@pytest.mark.both_databases
def test_it_can_be_switched_off_again(house: House, secured: tuple[str, list[str]]) -> None:
    browser = house.browser()
    browser.send("/sign-in", email="finance@jia.example", password=PASSWORD)
    browser.send("/sign-in/code", code=_code(house, secured[0]))
    house.clock.at = house.clock.at + dt.timedelta(minutes=1)
    off = "/account/second-factor/off"
    assert browser.send(off).status_code == 422
    assert browser.send(off, old_password=PASSWORD, code="000000").status_code == 422
    assert (
        browser.send(off, old_password="not it at all", code=_code(house, secured[0])).status_code
        == 422
    )
    assert browser.get("/account").text.count("Recovery codes left") == 1, "it is on still"
    assert (
        browser.send(off, old_password=PASSWORD, code=_code(house, secured[0])).status_code == 302
    )
    assert house.browser("finance").get("/my-day").status_code == 200
    with house.doors.chamber(house.jia.id) as session:
        told = session.scalars(
            sa.select(Mail.to_address).where(Mail.template == "accounts/second_factor_off")
        ).all()
    assert told == ["finance@jia.example"]
