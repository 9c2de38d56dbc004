"""Every migration, on two chambers full of life, as a plain owner.

No value is lost, and the walls stand again.
"""

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from portal.foundation.database import Database
from portal.operations.schema import FOLDER, check_schema, migrate
from portal.tenancy.fences import lowered_fences, missing_triggers, unfenced_tables
from tests.migrations.populations import changes, populate, reflected, values_of

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.filterwarnings("ignore:Cannot correctly sort tables:sqlalchemy.exc.SAWarning"),
]
REVISIONS = sorted(s.revision for s in ScriptDirectory(str(FOLDER)).walk_revisions())
CHANGED: set[str] = set()
"""Values that a migration changes on purpose, as `table.column`."""


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_no_value_is_lost_on_the_way_from_any_revision(
    above: Database, owner: Database, revision: str
) -> None:
    filled = "0014" if revision >= "0014" else "0001"
    migrate(owner, revision=filled)
    with above.engine.begin() as connection:
        populate(connection, filled)
    migrate(owner, revision=revision)
    with above.engine.connect() as connection:
        before = values_of(connection)
    migrate(owner)
    with above.engine.connect() as connection:
        after = values_of(connection)
        assert changes(before, after) - CHANGED == set()
        assert missing_triggers(connection) == unfenced_tables(connection) == set()
        if above.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            check_schema(above)


def test_a_reaction_that_is_gone_leaves_no_job_in_line(above: Database, owner: Database) -> None:
    """What is done of it stays told; other tasks' jobs stay in line."""
    migrate(owner, revision="0014")
    with above.engine.begin() as connection:
        populate(connection, "0014")
    migrate(owner, revision="0020")
    with above.engine.begin() as connection:
        job = reflected(connection).tables["job"]
        at, gone = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "applications.withhold_certificate"
        same = {
            "args": {},
            "priority": 0,
            "attempts": 0,
            "deaths": 0,
            "progress": 0,
            "total": 0,
            "run_at": at,
            "created_at": at,
        }
        for key, task, state in (
            (1, gone, "ready"),
            (2, gone, "failed"),
            (3, gone, "done"),
            (4, "deliver_mail", "ready"),
        ):
            made = uuid.UUID(int=key)
            connection.execute(
                sa.insert(job).values(
                    id=made.hex if above.is_sqlite else made, task=task, state=state, **same
                )
            )
    migrate(owner)
    with above.engine.connect() as connection:
        job = reflected(connection).tables["job"]
        left = connection.execute(
            sa.select(job.c.task, job.c.state).where(job.c.created_at == at)
        ).all()
    assert sorted(map(tuple, left)) == [(gone, "done"), ("deliver_mail", "ready")]


def test_fences_lowered_within_lowered_ones_stay_down_until_the_outer_end(
    above: Database, owner: Database
) -> None:
    migrate(owner, revision="0001")
    with above.engine.begin() as connection:
        populate(connection, "0001")
    fill_in = "UPDATE person SET phone = 'filled in'"
    with owner.engine.begin() as connection:
        forced = 0 if not owner.is_sqlite else 14
        assert connection.exec_driver_sql(fill_in).rowcount == forced
        with lowered_fences(connection):
            with lowered_fences(connection):
                assert connection.exec_driver_sql(fill_in).rowcount == 14
            assert connection.exec_driver_sql(fill_in).rowcount == 14
        assert connection.exec_driver_sql(fill_in).rowcount == forced
