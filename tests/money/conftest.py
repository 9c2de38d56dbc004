"""What tests of online payment stand on.

The stand-in for Stripe, and an installation that asks it.
"""

import dataclasses
from collections.abc import Iterator

import pytest

from portal.foundation.clock import StandingClock
from portal.settings import Settings
from tests.cast import House
from tests.stripe_stand_in import Stripe, stripe_standing_in


@pytest.fixture(scope="session")
def stripe_server() -> Iterator[Stripe]:
    """The stand-in, listening for the whole run."""
    with stripe_standing_in() as server:
        yield server


@pytest.fixture
def stripe(stripe_server: Stripe) -> Stripe:
    """The stand-in with nothing in it."""
    stripe_server.ledgers.clear()
    stripe_server.events.clear()
    stripe_server.requests.clear()
    (
        stripe_server.down,
        stripe_server.refund_status,
        stripe_server.fees_come_later,
        stripe_server.charged_at,
    ) = False, "succeeded", False, 0
    return stripe_server


@pytest.fixture
def paying_house(settings: Settings, clock: StandingClock, stripe: Stripe) -> Iterator[House]:
    """An installation that asks the stand-in instead of Stripe."""
    made = House(dataclasses.replace(settings, stripe_url=stripe.address), clock)
    yield made
    made.close()
