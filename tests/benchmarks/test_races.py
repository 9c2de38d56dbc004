"""The races of tests/races with a hundred at once.

And what the same hundred do with the locks off.
"""

import time
from collections.abc import Callable

import pytest

from portal.foundation.clock import StandingClock
from portal.settings import Settings
from tests.cast import House
from tests.races.scenes import RACES

pytestmark = [pytest.mark.both_databases, pytest.mark.timeout(600)]


@pytest.mark.parametrize("race", RACES)
def test_a_hundred_at_once(
    house: House, race: str, full: bool, figure: Callable[[str], None]
) -> None:
    if not full:
        pytest.skip("tests/races runs the same with 24 in every run")
    began = time.monotonic()
    RACES[race](house, 100)
    seconds = time.monotonic() - began
    figure(f"100 at once: 0 duplicates, 0 gaps, 0 lost, 0 errors, in {seconds:.1f} s")


@pytest.mark.parametrize("race", RACES)
def test_a_hundred_without_locks(
    settings: Settings, clock: StandingClock, race: str, full: bool, figure: Callable[[str], None]
) -> None:
    if not full:
        pytest.skip("the negative controls run in tests/races")
    house = House(settings, clock, locking=False)
    try:
        with pytest.raises(AssertionError) as broken:
            RACES[race](house, 100)
    finally:
        house.close()
    figure(f"the promise breaks: {str(broken.traceback[-1].statement)[:120]}")
