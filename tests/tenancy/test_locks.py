"""Locks hold a row and let others point at it.

Whoever writes a row that merely names an enterprise does not wait for whoever holds the enterprise.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from portal.members.enterprises.models import Enterprise, EnterpriseNote
from tests.cast import House

pytestmark = [
    pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True),
    pytest.mark.stage("five_on_the_roll"),
]


@pytest.fixture(autouse=True)
def nobody_waits_long(house: House) -> Iterator[None]:
    """Whoever waits 0.3 s for a lock is refused, here and in no test after this one."""
    pool = house.doors.database.engine.pool
    sa.event.listen(pool, "checkout", _refuse_to_wait)
    yield
    sa.event.remove(pool, "checkout", _refuse_to_wait)


def _refuse_to_wait(connection: Any, *_: object) -> None:
    connection.execute("SET lock_timeout = '300ms'")


def test_a_lock_lets_others_point_at_the_row(house: House) -> None:
    with (
        house.doors.chamber(house.jia.id, writing=True) as holder,
        house.doors.chamber(house.jia.id, writing=True) as other,
    ):
        held = holder.lock(holder.scalars(sa.select(Enterprise).order_by(Enterprise.id)).first())  # type: ignore[type-var]
        other.add(
            EnterpriseNote(
                enterprise_id=held.id, body="电话联系过", written_by="x", written_at=other.now()
            )
        )
        other.flush()
        with pytest.raises(OperationalError):
            other.lock(other.fetch(Enterprise, held.id))
        other.rollback()


def test_a_lock_that_also_forbids_pointing_would_make_them_wait(house: House) -> None:
    """The negative control: what the portal's lock was before two writers waited for each other."""
    with (
        house.doors.chamber(house.jia.id, writing=True) as holder,
        house.doors.chamber(house.jia.id, writing=True) as other,
    ):
        held = holder.scalars(
            sa.select(Enterprise).order_by(Enterprise.id).limit(1).with_for_update()
        ).one()
        other.add(
            EnterpriseNote(
                enterprise_id=held.id, body="电话联系过", written_by="x", written_at=other.now()
            )
        )
        with pytest.raises(OperationalError):
            other.flush()
        other.rollback()
