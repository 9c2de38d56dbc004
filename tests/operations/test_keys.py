"""A wrong key is noticed at start, and keys change with nothing dead meanwhile."""

import dataclasses

import pytest
import sqlalchemy as sa
from cryptography.fernet import InvalidToken

from portal.accounts.actions import AccountMail
from portal.accounts.models import Person
from portal.accounts.queries import find_person_by_email
from portal.foundation.ids import new_id
from portal.foundation.secrecy import Sealer, is_sealed
from portal.jobs.models import Mail
from portal.jobs.outbox import send_mail
from portal.money.online.models import StripeKeys
from portal.operations.keys import WrongKey, check_key, keep_canary, seal_everything_anew
from portal.settings import WrongSetting, read_settings
from portal.tenancy.models import Installation
from portal.tenancy.session import Doors
from tests.cast import House

pytestmark = pytest.mark.both_databases
OLD, NEW = "k" * 40, "n" * 40


def _doors(house: House, *keys: str) -> Doors:
    return Doors(house.owner_doors.database, house.clock, Sealer(*keys))


def _seal_one_of_each(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        person = find_person_by_email(session, "finance@jia.example")
        assert person is not None
        person.totp_secret = session.sealer.seal("totp")
        sealed = {
            "secret_key": session.sealer.seal("sk_test_1"),
            "webhook_secret": session.sealer.seal("whsec_1"),
        }
        session.add(
            StripeKeys(hint="x", livemode=False, set_at=session.now(), set_by="x", **sealed)
        )
        send_mail(session, AccountMail.RESET, to="a@b.example", secret="word", person="x")


def _opened(house: House, sealer: Sealer) -> set[str]:
    with house.doors.chamber(house.jia.id) as session:
        keys = session.scalars(sa.select(StripeKeys)).one()
        person = session.scalars(
            sa.select(Person.totp_secret).where(Person.totp_secret.is_not(None))
        ).one()
        word = session.scalars(sa.select(Mail.secret).where(Mail.to_address == "a@b.example")).one()
        return {
            sealer.open(sealed or "")
            for sealed in (person, keys.secret_key, keys.webhook_secret, word)
        }


def test_a_wrong_key_is_noticed_at_start(house: House) -> None:
    check_key(_doors(house, OLD))
    with pytest.raises(WrongKey, match="PORTAL_SECRET_KEYS"):
        check_key(_doors(house, NEW))
    check_key(_doors(house, NEW, OLD))


def test_keys_change_with_nothing_dead_meanwhile(house: House) -> None:
    _seal_one_of_each(house)
    all_of_it = {"totp", "sk_test_1", "whsec_1", "word"}
    mark, thing = Sealer(OLD).mark("pay", house.jia.id, new_id()), house.jia.id
    between = Sealer(NEW, OLD)
    assert _opened(house, between) == all_of_it
    assert between.read_mark("pay", thing, mark) is not None
    assert {slug for slug, _ in seal_everything_anew(_doors(house, NEW, OLD))} == {"jia", "yi"}
    assert _opened(house, Sealer(NEW)) == all_of_it
    check_key(_doors(house, NEW))
    with pytest.raises(InvalidToken):
        _opened(house, Sealer(OLD))
    assert between.read_mark("pay", thing, mark) is not None, "a link in a mail that has left"


def test_words_from_before_they_were_sealed_are_sealed_with_the_canary(house: House) -> None:
    with house.owner_doors.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM installation")
    _seal_one_of_each(house)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.scalars(
            sa.select(Mail).where(Mail.to_address == "a@b.example")
        ).one().secret = "in-clear"
    keep_canary(_doors(house, OLD))
    with house.doors.chamber(house.jia.id) as session:
        sealed = session.scalars(
            sa.select(Mail.secret).where(Mail.to_address == "a@b.example")
        ).one()
        assert sealed is not None
        assert is_sealed(sealed)
        assert session.sealer.open(sealed) == "in-clear"
    with house.doors.platform() as session:
        assert session.scalars(sa.select(Installation)).one().fingerprint == Sealer(OLD).fingerprint


def test_the_order_of_keys_is_a_setting() -> None:
    base = {"PORTAL_DATABASE_URL": "sqlite:///x", "PORTAL_BASE_DOMAIN": "x", "PORTAL_FILES": "x"}
    both = read_settings(
        base | {"PORTAL_SECRET_KEYS": f"{NEW}, {OLD}", "PORTAL_SECRET_KEY": "z" * 40}
    )
    assert (both.secret_key, both.older_secret_keys) == (NEW, (OLD,))
    for wrong in (f"{NEW},short", ",", f"{NEW},,{OLD}"):
        with pytest.raises(WrongSetting):
            read_settings(base | {"PORTAL_SECRET_KEYS": wrong})


def test_a_session_of_before_is_still_signed_in_under_the_new_key(house: House) -> None:
    from portal.app import create_app

    old = house.browser("finance")
    cookie = old.client.get_cookie("huiguan", domain="jia.localhost")
    assert cookie is not None
    settings = dataclasses.replace(house.settings, secret_key=NEW, older_secret_keys=(OLD,))
    client = create_app(settings, clock=house.clock, database=house.doors.database).test_client()
    client.set_cookie("huiguan", cookie.value, domain="jia.localhost")
    assert client.get("/my-day", headers={"Host": "jia.localhost"}).status_code == 200


def test_a_statement_that_fails_tells_no_values(house: House) -> None:
    """Logs hold no parameters: the words of a statement, never what it was about."""
    with (
        pytest.raises(sa.exc.SQLAlchemyError) as failed,
        house.doors.chamber(house.jia.id, writing=True) as session,
    ):
        person = find_person_by_email(session, "finance@jia.example")
        session.add(
            Person(email="finance@jia.example", name="a secret name", created_at=session.now())
        )
        session.flush()
    assert person is not None
    assert "a secret name" not in str(failed.value)
