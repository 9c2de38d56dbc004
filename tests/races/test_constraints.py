"""What the schema itself refuses, written past every service and its lock.

One of many gets through; without the constraint, all do.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Representation
from portal.members.enterprises.models import Party, PartyKind
from portal.members.membership.models import Membership
from portal.money.dues.models import DuesCharge
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
        return {name: getattr(known, name) for name in names} | {
            name: value(number) for name, value in changes.items()
        }

    return make


def _charge(**changes: Callable[[int], object]) -> Row:
    """A charge with an invoice of its own."""
    invoice = _copy_of(Invoice, number=lambda n: f"JF-{n}", payment_code=lambda n: f"C{n}")
    charge = _copy_of(DuesCharge, **{"covers_until": lambda _: dt.date(2031, 12, 31), **changes})

    def make(session: ChamberSession, number: int) -> dict[str, Any]:
        invoice_id = uuid.uuid4()
        insert_rows(session, Invoice, [{**invoice(session, number), "id": invoice_id}])
        return {**charge(session, number), "invoice_id": invoice_id}

    return make


def _first_of(number: int) -> dt.date:
    return dt.date(2031, 1 + number, 1)


CASES: dict[str, tuple[type[ChamberOwned], str, Row]] = {
    "one open membership of an enterprise": (
        Membership,
        "uq_membership_open",
        _copy_of(Membership, number=lambda n: f"{n + 100:06d}", application_id=lambda _: None),
    ),
    "one standing charge of a year": (
        DuesCharge,
        "uq_dues_charge_standing",
        _charge(dues_year=lambda _: 2031, covers_from=_first_of, covers_until=_first_of),
    ),
    "one standing charge of a period": (
        DuesCharge,
        "dues_charge_apart",
        _charge(dues_year=lambda n: 2031 + n, covers_from=lambda n: dt.date(2031, 1, 1 + n)),
    ),
    "one party of a name outside": (
        Party,
        "uq_party_outside",
        lambda _session, _number: {"kind": PartyKind.TENANT, "name": "张先生"},
    ),
    "one open representation": (
        Representation,
        "uq_representation_open",
        _copy_of(Representation, ended_at=lambda _: None),
    ),
}


def _write_all(house: House, case: str) -> tuple[int, int]:
    """How many of many rows got through, and how many the schema refused."""
    model, _, row = CASES[case]
    with house.doors.chamber(house.jia.id, writing=True) as session:
        rows = [row(session, number) for number in range(MANY)]
        standing = (
            session.scalars(sa.select(model)).all() if model not in {DuesCharge, Party} else []
        )
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
    assert all(
        isinstance(error, IntegrityError) or "deadlock detected" in str(error)
        for error in crowd.errors
    ), crowd.errors
    return len(crowd.got), len(crowd.errors)


@pytest.mark.parametrize("case", CASES)
def test_the_schema_lets_one_through(house: House, case: str) -> None:
    assert invoice_of
    assert _write_all(house, case) == (1, MANY - 1)


def _drop(connection: Connection, name: str) -> None:
    if not name.endswith("_apart"):
        connection.exec_driver_sql(f"DROP INDEX {name}")
    elif connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE dues_charge DROP CONSTRAINT {name}")
    else:
        for verb in ("insert", "update"):
            connection.exec_driver_sql(f"DROP TRIGGER {name}_{verb}")


@pytest.mark.parametrize("case", CASES)
def test_without_the_constraint_all_get_through(house: House, case: str) -> None:
    with house.owner_doors.database.engine.begin() as connection:
        _drop(connection, CASES[case][1])
    assert _write_all(house, case) == (MANY, 0)
