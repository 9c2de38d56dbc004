"""0022: dues stand apart from invoices.

What overlaps already is inherited, and PostgreSQL needs an extension.
"""

import datetime as dt
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from portal.foundation.database import Database
from portal.operations.schema import SchemaFault, migrate
from tests.migrations.populations import populate, reflected

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.filterwarnings("ignore:Cannot correctly sort tables:sqlalchemy.exc.SAWarning"),
]


def _another(connection: Connection, number: str, **changes: Any) -> None:
    """An invoice of dues like the first one, as 0021 kept it."""
    invoice = reflected(connection).tables["invoice"]
    known = dict(
        connection.execute(sa.select(invoice).order_by(invoice.c.id).limit(1)).mappings().one()
    )
    new = uuid.uuid4()
    known |= {
        "id": new if isinstance(known["id"], uuid.UUID) else new.hex,
        "number": number,
        "payment_code": number,
        **changes,
    }
    connection.execute(sa.insert(invoice).values(known))


@pytest.fixture
def at_0021(above: Database, owner: Database) -> Database:
    migrate(owner, revision="0014")
    with above.engine.begin() as connection:
        populate(connection, "0014")
    migrate(owner, revision="0021")
    return owner


def test_charges_that_overlap_already_are_told_and_inherited(
    above: Database, at_0021: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with above.engine.begin() as connection:
        term = {"covers_from": dt.date(2026, 7, 1), "covers_until": dt.date(2027, 6, 30)}
        _another(connection, "JF2026-00090", dues_year=2027, **term)
        _another(
            connection,
            "JF2026-00091",
            dues_year=2028,
            covers_from=dt.date(2027, 7, 1),
            covers_until=dt.date(2028, 6, 30),
        )
        _another(connection, "JF2026-00092", dues_year=2026, supplement=1, **term)
        _another(connection, "JF2026-00093", dues_year=2027, state="void", paid=0, **term)
    migrate(at_0021)
    said = capsys.readouterr().out
    assert [
        number
        for number in ("00090", "00091", "00092", "00093")
        if f"JF2026-{number} overlaps" in said
    ] == ["00090"]
    with above.engine.connect() as connection:
        tables = reflected(connection).tables
        charge, invoice = tables["dues_charge"], tables["invoice"]
        query = sa.select(invoice.c.number, charge.c.standing, charge.c.inherited).join(
            charge, charge.c.invoice_id == invoice.c.id
        )
        kept = {
            number: (bool(stands), bool(inherited))
            for number, stands, inherited in connection.execute(
                query.where(invoice.c.number > "JF2026-0009")
            )
        }
    assert kept == {
        "JF2026-00090": (True, True),
        "JF2026-00091": (True, False),
        "JF2026-00092": (True, False),
        "JF2026-00093": (False, False),
    }


def test_without_the_extension_nothing_is_migrated_and_the_line_is_told(
    above: Database, at_0021: Database
) -> None:
    if above.is_sqlite:
        pytest.skip("SQLite needs none")
    with above.engine.begin() as connection:
        connection.exec_driver_sql("DROP EXTENSION btree_gist")
    with pytest.raises(SchemaFault, match="CREATE EXTENSION btree_gist;"):
        migrate(at_0021)
    with above.engine.connect() as connection:
        assert (
            connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0021"
        )
        assert "dues_charge" not in sa.inspect(connection).get_table_names()
    with above.engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION btree_gist")
    migrate(at_0021)
