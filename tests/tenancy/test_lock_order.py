"""The recorder of locks itself: it trips, and it knows every table of the written order."""

import pytest
import sqlalchemy as sa

from portal.accounts.models import Person
from portal.foundation.database import Base
from portal.tenancy.chambers import settings_of
from portal.tenancy.counters import hold
from tests.cast import House
from tests.locks import ORDER, Backwards

pytestmark = pytest.mark.both_databases


def test_a_lock_that_goes_backwards_fails_wherever_it_happens(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        one, other = sorted(session.scalars(sa.select(Person)).all(), key=lambda person: person.id)[
            :2
        ]
        settings = settings_of(session)
        session.lock(settings)
        session.lock(one)
        session.lock(other)
        session.lock(settings)
        with pytest.raises(Backwards, match="counter is locked after person"):
            hold(session, "department")
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.lock(other)
        with pytest.raises(Backwards, match="person is locked after person"):
            session.lock(one)


def test_every_table_of_the_written_order_exists() -> None:
    assert set(ORDER) <= set(Base.metadata.tables)
