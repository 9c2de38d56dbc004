"""Whether an enterprise is a member is asked of a day, by an object and by a query alike."""

import datetime as dt

import pytest
import sqlalchemy as sa

from portal.members.membership.models import Membership, MembershipState
from portal.members.membership.queries import count_members
from portal.roll.queries.listing import list_roll
from portal.roll.queries.narrowing import RollFilter
from tests.cast import House

FIRST, LAST = dt.date(2026, 3, 1), dt.date(2026, 9, 30)
DAY = dt.timedelta(days=1)


@pytest.mark.stage("one_admitted")
@pytest.mark.both_databases
@pytest.mark.parametrize("told", [LAST, None])
@pytest.mark.parametrize("state", MembershipState)
def test_the_object_and_the_query_say_the_same_of_every_day(
    house: House, state: MembershipState, told: dt.date | None
) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        member = session.scalars(sa.select(Membership)).one()
        member.joined_on, member.state, member.ended_on, member.lapsed_on = FIRST, state, told, told
    with house.doors.chamber(house.jia.id) as session:
        member = session.scalars(sa.select(Membership)).one()
        for day in (FIRST - DAY, FIRST, LAST - DAY, LAST, LAST + DAY):
            asked = (
                Membership.standing_on(day),
                Membership.ended_by(day),
                Membership.lapsed_by(day),
            )
            found = tuple(
                session.scalars(sa.select(Membership.id).where(one)).first() is not None
                for one in asked
            )
            assert found == (member.stands(day), member.has_ended(day), member.has_lapsed(day)), day
            assert count_members(session, day) == member.stands(day)
            (row,) = list_roll(session, RollFilter(), day).rows
            shown = {
                name
                for name in MembershipState
                if list_roll(session, RollFilter(state=name), day).rows
            }
            assert len(shown) == 1
            assert row.standing.value == {"exited": "left", "lapsed": "lapsed"}.get(
                shown.pop().value, row.standing.value
            )
