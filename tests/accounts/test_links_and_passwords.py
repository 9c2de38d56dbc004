"""Invitations, resets and new passwords."""

import datetime as dt

import pytest
import sqlalchemy as sa

from portal.accounts.models import LinkKind, Representation
from portal.accounts.passwords import check_new_password, hash_password, verify_password
from portal.accounts.queries import find_person_by_email
from portal.accounts.services.people import make_link
from portal.accounts.services.representing import invite_colleague
from portal.foundation.errors import InvalidInput
from portal.foundation.secrecy import is_sealed
from portal.jobs.models import Mail
from portal.tenancy.actor import SYSTEM, Actor, ActorKind
from portal.tenancy.chambers import settings_of
from portal.tenancy.models import Chamber
from portal.web.mail import write_letter
from tests.cast import PASSWORD, House
from tests.scenes import word_of_newest_mail
from tests.statements import statements_of

NEW = "another quiet sentence"


def _ask(house: House, email: str = "finance@jia.example") -> str:
    house.browser().send("/password/forgotten", email=email)
    house.work()
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
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )


def test_whoever_knows_the_password_changes_it(house: House) -> None:
    browser = house.browser("finance")
    assert (
        browser.send("/account/password", old_password="not it at all", password=NEW).status_code
        == 422
    )
    assert browser.send("/account/password", old_password=PASSWORD, password=NEW).status_code == 302
    assert browser.get("/my-day").status_code == 302
    assert house.browser("finance", password=NEW).get("/my-day").status_code == 200


@pytest.mark.parametrize(
    "password", ["", "short", "aaaaaaaaaaaa", "abababababab", "contact@firm.example", "x" * 201]
)
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
        "/settings/staff/appoint",
        name="新同事",
        email="New@JIA.example",
        rank="clerk",
        department="HYB",
        from_on="2026-06-15",
        until_on="",
        ceiling="",
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
    assert (
        invitation
        in house.browser("secretary").get(f"/settings/mails/{ids['accounts/invitation']}").text
    )
    assert (
        house.browser("membership").get(f"/settings/mails/{ids['accounts/invitation']}").status_code
        == 403
    )


@pytest.mark.both_databases
def test_a_new_password_ends_every_other_way_in(house: House) -> None:
    """An invitation that was never used, and an older link for a password, open nothing once the
    owner has set one.
    """
    with house.doors.chamber(house.jia.id, writing=True) as session:
        person = find_person_by_email(session, "finance@jia.example")
        assert person is not None
        invitation = make_link(session, person, LinkKind.INVITATION, actor=SYSTEM)
    assert house.browser().send(f"/link/{_ask(house)}", password=NEW).status_code == 302
    assert house.browser().get(f"/link/{invitation}").status_code == 404
    reset = _ask(house)
    assert (
        house.browser("finance", password=NEW)
        .send("/account/password", old_password=NEW, password="a third quiet one")
        .status_code
        == 302
    )
    assert house.browser().get(f"/link/{reset}").status_code == 404


@pytest.mark.both_databases
def test_words_of_links_are_sealed_at_rest(house: House) -> None:
    word = _ask(house)
    with house.doors.chamber(house.jia.id) as session:
        kept = session.scalars(sa.select(Mail.secret).where(Mail.secret.is_not(None))).all()
        assert kept
        assert all(is_sealed(sealed) for sealed in kept)
        assert word in {session.sealer.open(sealed) for sealed in kept}


@pytest.mark.both_databases
def test_a_link_is_asked_for_by_the_same_statements_whether_or_not_somebody_is_known(
    house: House,
) -> None:
    """What takes time is done for both: the link itself is made and mailed by the worker."""
    told = []
    house.browser().send("/password/forgotten", email="warm@jia.example")
    for email in ("finance@jia.example", "nobody@jia.example"):
        browser = house.browser()
        browser.token()
        with statements_of(house) as asked:
            assert browser.send("/password/forgotten", email=email).status_code == 302
        told.append([statement.split(" ")[0] + statement[-40:] for statement in asked])
    assert told[0] == told[1] != []


@pytest.mark.stage("one_admitted")
@pytest.mark.both_databases
def test_what_a_contact_typed_greets_nobody_who_has_not_shown_that_the_mailbox_is_theirs(
    house: House,
) -> None:
    """Neither the name nor the inviter's travel, in the invitation, in a link for a forgotten
    password, or when the chamber's own staff invites them later.
    """
    bait = "点击 http://evil.example 领奖"
    with house.doors.chamber(house.jia.id, writing=True) as session:
        owner = session.scalars(sa.select(Representation)).one()
        contact = Actor(ActorKind.CONTACT, bait, owner.person_id, enterprise_id=owner.enterprise_id)
        invite_colleague(
            session, owner.enterprise_id, email="victim@else.example", name=bait, actor=contact
        )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        invite_colleague(
            session,
            owner.enterprise_id,
            email="victim@else.example",
            name="王五",
            actor=house.actor(session, "membership"),
        )
    _ask(house, "victim@else.example")
    with house.doors.chamber(house.jia.id) as session:
        mails = session.scalars(
            sa.select(Mail).where(Mail.to_address == "victim@else.example").order_by(Mail.id)
        ).all()
        chamber = session.scalars(sa.select(Chamber).where(Chamber.id == house.jia.id)).one()
        letters = [
            write_letter(house.world, mail, chamber, settings_of(session), with_word=True)
            for mail in mails
        ]
    assert [mail.to_name for mail in mails] == ["", "王五", ""]
    assert not any(
        "evil" in words
        for letter in letters
        for words in (letter.subject, letter.text, letter.html)
    )
    assert "王五" in letters[1].text
