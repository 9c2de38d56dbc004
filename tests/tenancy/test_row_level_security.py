"""What PostgreSQL itself keeps, asked as the application's role without any of our code between."""

import pytest
import sqlalchemy as sa

from portal.foundation.database import Database
from portal.operations.schema import SchemaFault, check_schema
from portal.tenancy.fences import owned_tables
from tests.cast import House

pytestmark = pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)


def test_without_a_chamber_no_owned_table_shows_a_row(house: House) -> None:
    with house.doors.database.engine.connect() as connection:
        for table in sorted(owned_tables()):
            assert connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar() == 0, (
                table
            )


def test_with_a_chamber_only_its_rows_show(house: House) -> None:
    with house.doors.database.engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT set_config('app.chamber_id', %s, true)", (str(house.jia.id),)
        )
        assert connection.exec_driver_sql(
            "SELECT DISTINCT chamber_id FROM person"
        ).scalars().all() == [house.jia.id]


def test_writing_into_another_chamber_is_refused(house: House) -> None:
    with house.doors.database.engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT set_config('app.chamber_id', %s, true)", (str(house.jia.id),)
        )
        assert (
            connection.exec_driver_sql(
                "UPDATE person SET name = 'x' WHERE chamber_id = %s", (house.yi.id,)
            ).rowcount
            == 0
        )
        with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
            connection.exec_driver_sql(
                "INSERT INTO counter (chamber_id, id, name, value) VALUES (%s, %s, 'x', 1)",
                (house.yi.id, house.yi.id),
            )


def test_the_setting_does_not_outlive_its_transaction(house: House) -> None:
    with house.doors.chamber(house.jia.id) as session:
        session.scalars(sa.select(sa.literal(1)).select_from(type(house.jia))).all()
    for _ in range(12):
        with house.doors.database.engine.connect() as connection:
            assert not connection.exec_driver_sql(
                "SELECT current_setting('app.chamber_id', true)"
            ).scalar()


def test_the_role_may_not_truncate_or_touch_global_names(house: House) -> None:
    with house.doors.database.engine.connect() as connection:
        for statement in (
            "TRUNCATE person",
            "DELETE FROM chamber",
            "ALTER TABLE person DISABLE ROW LEVEL SECURITY",
            "DROP POLICY chamber_only ON person",
        ):
            with pytest.raises(sa.exc.ProgrammingError):
                connection.exec_driver_sql(statement)
            connection.rollback()


def test_serving_is_refused_as_the_owner(house: House) -> None:
    check_schema(house.doors.database)
    owner = Database(house.settings.owner_database_url or "")
    with pytest.raises(SchemaFault, match="superuser"):
        check_schema(owner)
    owner.dispose()


def test_serving_is_refused_where_a_fence_is_down(house: House) -> None:
    with house.owner_doors.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP POLICY chamber_only ON person")
    with pytest.raises(SchemaFault, match="person"):
        check_schema(house.doors.database)
