"""The keys of the chamber's Stripe account: proved, sealed, never shown again."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.money.online.models import StripeKeys
from tests.cast import House
from tests.stripe_stand_in import Stripe

KEYS = {"secret_key": "sk_test_jia_1", "webhook_secret": "whsec_jia_1"}
PAGE = "/settings/online-payment"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"secret_key": "pk_test_jia"}, "A secret key begins with"),
        ({"secret_key": "sk_test_钥匙钥匙钥匙"}, "A secret key begins with"),
        ({"secret_key": ""}, "Please fill this in"),
        ({"secret_key": "sk_test_" + "x" * 300}, "At most 200"),
        ({"webhook_secret": "secret"}, "A signing secret begins with"),
        ({"secret_key": "sk_test_wrong_one"}, "Stripe does not accept this key"),
    ],
)
def test_wrong_keys_are_not_kept(paying_house: House, fault: dict[str, str], words: str) -> None:
    answer = paying_house.browser("finance").send(PAGE, **(KEYS | fault))
    assert answer.status_code == 422
    assert words in answer.text
    assert "whsec_jia_1" not in answer.text
    with paying_house.doors.chamber(paying_house.jia.id) as session:
        assert session.scalars(sa.select(StripeKeys)).all() == []


def test_they_are_sealed_and_never_shown_again(paying_house: House, tmp_path: Path) -> None:
    office = paying_house.browser("office")
    assert office.send(PAGE, **(KEYS | {"secret_key": "sk_live_jia_7788"})).status_code == 302
    shown = office.get(PAGE).text
    assert "sk_live_…7788" in shown
    assert "sk_live_jia_7788" not in shown
    assert "whsec_jia_1" not in shown
    paying_house.doors.database.dispose()
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("portal.db*"))
    assert b"sk_live_jia_7788" not in raw
    assert b"whsec_jia_1" not in raw
    with paying_house.doors.chamber(paying_house.yi.id) as session:
        assert session.scalars(sa.select(StripeKeys)).all() == []


def test_stripe_down_keeps_nothing(paying_house: House, stripe: Stripe) -> None:
    stripe.down = True
    answer = paying_house.browser("finance").send(PAGE, **KEYS)
    assert answer.status_code == 422
    assert "does not answer" in answer.text


@pytest.mark.stage("three_approved")
def test_keys_are_not_forgotten_while_somebody_pays(paying_house: House, stripe: Stripe) -> None:
    from tests.cast import applicant_of
    from tests.money.test_online_payment import press
    from tests.scenes import invoice_of

    finance = paying_house.browser("finance")
    assert finance.send(PAGE, **KEYS).status_code == 302
    press(paying_house, invoice_of(paying_house, "jia", applicant_of(paying_house)[1].id))
    assert finance.send(f"{PAGE}/forget").status_code == 409
    assert finance.send(PAGE, **(KEYS | {"secret_key": "sk_live_jia_7788"})).status_code == 409
    assert finance.send(PAGE, **(KEYS | {"secret_key": "sk_test_other_one"})).status_code == 409
    assert (
        finance.send(PAGE, **(KEYS | {"secret_key": KEYS["secret_key"] + "_rolled"})).status_code
        == 302
    )
