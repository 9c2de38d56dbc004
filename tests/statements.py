"""What a house asks of its database."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from tests.cast import House


@contextmanager
def statements_of(house: House) -> Iterator[list[str]]:
    """The statements that are sent meanwhile, but for those that name the chamber."""
    asked: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("SELECT set_config"):
            asked.append(statement)

    sa.event.listen(house.doors.database.engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        sa.event.remove(house.doors.database.engine, "before_cursor_execute", hear)
