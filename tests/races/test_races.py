"""Each race keeps its promise with the locks on, and breaks it with the locks off."""

import pytest

from portal.foundation.clock import StandingClock
from portal.settings import Settings
from tests.cast import House
from tests.races.scenes import RACES

pytestmark = pytest.mark.both_databases
MANY = 12


@pytest.mark.parametrize("race", RACES)
def test_it_holds(house: House, race: str) -> None:
    RACES[race](house, MANY)
    assert house.doors.database.locking


@pytest.mark.parametrize("race", RACES)
def test_without_locks_it_does_not_hold(
    settings: Settings, clock: StandingClock, race: str
) -> None:
    house = House(settings, clock, locking=False)
    try:
        with pytest.raises(AssertionError):
            RACES[race](house, MANY)
    finally:
        house.close()
