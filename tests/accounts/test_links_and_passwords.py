"""Invitations, resets and new passwords."""

import datetime as dt

import pytest

from portal.accounts.passwords import check_new_password, hash_password, verify_password
from portal.accounts.queries import find_person_by_email
from portal.foundation.errors import InvalidInput
from tests.cast import PASSWORD, House
from tests.scenes import word_of_newest_mail

NEW = "another quiet sentence"


def _ask(house: House, email: str = "finance@jia.example") -> str:
    house.browser().send("/password/forgotten", email=email)
    return word_of_newest_mail(house, "jia", "accounts/reset")


def test_a_reset_link_works_once_and_signs_everyone_out(house: House) -> None:
    elsewhere = house.browser("finance")
    word = _ask(house)
    browser = house.browser()
    assert browser.send(f"/link/{word}", password="short").status_code == 422
    assert browser.send(f"/link/{word}", password=NEW).status_code == 302
    assert browser.get(f"/link/{word}").status_code == 404
    assert elsewhere.get("/my-day").status_code == 302
    assert house.browser("finance", password=NEW).get("/my-day").status_code == 200


def test_a_link_dies_after_two_hours_or_when_a_newer_is_sent(house: House) -> None:
    first = _ask(house)
    second = _ask(house)
    assert house.browser().get(f"/link/{first}").status_code == 404
    house.clock.at = house.clock.at + dt.timedelta(hours=2, seconds=1)
    assert house.browser().get(f"/link/{second}").status_code == 404


def test_a_link_of_one_chamber_is_none_in_another(house: House) -> None:
    assert house.browser(slug="yi").get(f"/link/{_ask(house)}").status_code == 404


def test_asking_for_an_unknown_address_says_the_same_and_mails_nobody(house: House) -> None:
    known = house.browser().send("/password/forgotten", email="finance@jia.example")
    unknown = house.browser().send("/password/forgotten", email="nobody@jia.example")
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])


def test_whoever_knows_the_password_changes_it(house: House) -> None:
    browser = house.browser("finance")
    assert browser.send("/account/password", old_password="not it at all", password=NEW).status_code == 422
    assert browser.send("/account/password", old_password=PASSWORD, password=NEW).status_code == 302
    assert browser.get("/my-day").status_code == 302
    assert house.browser("finance", password=NEW).get("/my-day").status_code == 200


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaa", "abababababab", "contact@firm.example", "x" * 201])
def test_an_easy_password_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput):
        check_new_password(password, email="contact@firm.example")


def test_passwords_are_argon2id() -> None:
    hashed = hash_password(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(PASSWORD, hashed)
    assert not verify_password(PASSWORD, None)


def test_an_invitation_is_mailed_once_appointed(house: House) -> None:
    answer = house.browser("office").send(
        "/settings/staff/appoint", name="新同事", email="New@JIA.example", rank="clerk", department="HYB", from_on="2026-06-15", until_on="", ceiling=""
    )
    assert answer.status_code == 302
    word = word_of_newest_mail(house, "jia", "accounts/invitation")
    house.browser().send(f"/link/{word}", password=NEW)
    assert house.browser("new", password=NEW).get("/applications").status_code == 200
    with house.doors.chamber(house.jia.id) as session:
        assert find_person_by_email(session, "new@jia.example ") is not None


def test_who_may_read_the_link_of_a_held_mail(house: House) -> None:
    import sqlalchemy as sa

    from portal.jobs.models import Mail

    reset = _ask(house)
    with house.doors.chamber(house.jia.id) as session:
        ids = dict(session.execute(sa.select(Mail.template, Mail.id)).all())
    for who in ("office", "secretary"):
        assert reset not in house.browser(who).get(f"/settings/mails/{ids['accounts/reset']}").text
    invitation = word_of_newest_mail(house, "jia", "accounts/invitation")
    assert invitation in house.browser("secretary").get(f"/settings/mails/{ids['accounts/invitation']}").text
    assert house.browser("membership").get(f"/settings/mails/{ids['accounts/invitation']}").status_code == 403
