"""What the schema itself refuses, written past every service and its lock: one of many gets through; without the constraint, all do."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Representation
from portal.members.membership.models import Membership
from portal.money.invoices.models import Invoice
from portal.tenancy.bulk import insert_rows
from portal.tenancy.models import ChamberOwned
from portal.tenancy.session import ChamberSession
from tests.cast import House
from tests.races.crowd import at_once
from tests.scenes import invoice_of

pytestmark = [pytest.mark.both_databases, pytest.mark.stage("one_admitted")]
MANY = 12
Row = Callable[[ChamberSession, int], dict[str, Any]]


def _copy_of(model: type[ChamberOwned], **changes: Callable[[int], object]) -> Row:
    """A row like the one that stands, with other values where the constraint does not look."""

    def make(session: ChamberSession, number: int) -> dict[str, Any]:
        known = session.scalars(sa.select(model).limit(1)).one()
        names = [c.key for c in sa.inspect(model).column_attrs if c.key not in {"id", "chamber_id"}]
        return {name: getattr(known, name) for name in names} | {name: value(number) for name, value in changes.items()}

    return make


CASES: dict[str, tuple[type[ChamberOwned], str, Row]] = {
    "one open membership of an enterprise": (Membership, "uq_membership_open", _copy_of(Membership, number=lambda n: f"{n + 100:06d}", application_id=lambda _: None)),
    "one standing charge of a year": (
        Invoice,
        "uq_invoice_standing",
        _copy_of(Invoice, number=lambda n: f"JF-{n}", payment_code=lambda n: f"C{n}", dues_year=lambda _: 2031),
    ),
    "one open representation": (Representation, "uq_representation_open", _copy_of(Representation, ended_at=lambda _: None)),
}


def _write_all(house: House, case: str) -> tuple[int, int]:
    """How many of many rows got through, and how many the schema refused."""
    model, _, row = CASES[case]
    with house.doors.chamber(house.jia.id, writing=True) as session:
        rows = [row(session, number) for number in range(MANY)]
        standing = session.scalars(sa.select(model)).all() if model is not Invoice else []
    if standing:
        ended = "ended_at" if model is Representation else "state"
        with house.owner_doors.database.engine.begin() as connection:
            value = "CURRENT_TIMESTAMP" if ended == "ended_at" else "'exited'"
            connection.exec_driver_sql(f"UPDATE {model.__tablename__} SET {ended} = {value}")  # type: ignore[attr-defined]

    def write(number: int) -> uuid.UUID:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            insert_rows(session, model, [rows[number]])
        return uuid.uuid4()

    crowd = at_once(MANY, write)
    assert all(isinstance(error, IntegrityError) for error in crowd.errors), crowd.errors
    return len(crowd.got), len(crowd.errors)


@pytest.mark.parametrize("case", CASES)
def test_the_schema_lets_one_through(house: House, case: str) -> None:
    assert invoice_of
    assert _write_all(house, case) == (1, MANY - 1)


@pytest.mark.parametrize("case", CASES)
def test_without_the_constraint_all_get_through(house: House, case: str) -> None:
    with house.owner_doors.database.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP INDEX {CASES[case][1]}")
    assert _write_all(house, case) == (MANY, 0)
