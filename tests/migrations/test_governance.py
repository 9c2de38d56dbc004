"""0024 to 0026: bodies, resolutions and matters out of what stood.

A meeting that was planned before can be held after.
"""

import uuid

import pytest
import sqlalchemy as sa

from portal.foundation.clock import Clock
from portal.foundation.database import Database
from portal.foundation.secrecy import Sealer
from portal.governance.bodies.queries import list_bodies, list_seats
from portal.governance.meetings.models import Meeting
from portal.governance.meetings.queries import describe, find_meeting
from portal.money.dues.models import DuesSchedule
from portal.operations.schema import migrate
from portal.tenancy.chambers import every_chamber
from portal.tenancy.session import Doors
from tests.migrations.populations import populate, reflected

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.filterwarnings("ignore:Cannot correctly sort tables:sqlalchemy.exc.SAWarning"),
]


@pytest.fixture
def at_0023(above: Database, owner: Database) -> Database:
    """Two populated chambers at 0023, whose council has met."""
    migrate(owner, revision="0014")
    with above.engine.begin() as connection:
        populate(connection, "0014")
    migrate(owner, revision="0023")
    return owner


def test_what_stood_before_is_a_body_a_resolution_and_a_matter(
    above: Database, at_0023: Database
) -> None:
    with above.engine.connect() as connection:
        schedule = reflected(connection).tables["dues_schedule"]
        adopted = sa.select(schedule).where(schedule.c.state == "adopted")
        told = {
            uuid.UUID(str(row["id"])): row["resolution"]
            for row in connection.execute(adopted).mappings()
        }
    migrate(at_0023)
    doors = Doors(at_0023, Clock(), Sealer("a secret of this test"))
    meetings = matters = 0
    for chamber in every_chamber(doors):
        with doors.chamber(chamber.id) as session:
            assert [body.code for body in list_bodies(session)] == ["assembly", "council"]
            assert {(s.office.name_zh, s.body_id) for s in list_seats(session)} == {
                ("理事", list_bodies(session)[1].id)
            }
            for schedule in session.scalars(
                sa.select(DuesSchedule).where(DuesSchedule.resolution_id.is_not(None))
            ):
                assert schedule.resolution is not None
                assert schedule.resolution.title == told.pop(schedule.id)
                assert (schedule.resolution.number, schedule.resolution.origin_id) == (
                    None,
                    schedule.id,
                )
            for known in session.scalars(sa.select(Meeting)):
                meetings += 1
                whole = find_meeting(session, known.id)
                assert whole is not None
                listed = describe(session, [item.matter for item in whole.items])
                for item in whole.items:
                    matter = item.matter
                    assert (matter.kind, listed[matter.id].name) == ("admission", matter.title)
                    assert (matter.pass_num, matter.pass_den, matter.body_id) == (
                        2,
                        3,
                        whole.body_id,
                    )
                    matters += 1
    assert (meetings > 0, matters > 0, told) == (True, True, {})
