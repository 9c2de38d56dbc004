"""A roll of invented members, entered by hand."""

from collections.abc import Callable
from functools import partial

import pytest

from portal.members.enterprises.models import Enterprise
from tests.cast import House
from tests.roll.by_hand import enter_by_hand

Enter = Callable[..., Enterprise]


@pytest.fixture
def enter(house: House) -> Enter:
    """Enters a member of 甲; its contact is named where an e-mail address is given."""
    return partial(enter_by_hand, house)
