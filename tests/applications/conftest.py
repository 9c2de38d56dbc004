"""The press rests while applications are tested: nothing here looks at a paper."""

import pytest

from tests.cast import House


@pytest.fixture(autouse=True)
def resting_press(house: House) -> None:
    """Papers stay to be made."""
    house.prints = False
