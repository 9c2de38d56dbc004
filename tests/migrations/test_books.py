"""0023: what the books said before accounts, parties and loose origins, they say after.

The digests of their rows hold.
"""

import datetime as dt
import hashlib
import json
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from portal.audit.kept import digest
from portal.foundation.clock import Clock
from portal.foundation.database import Database
from portal.foundation.secrecy import Sealer
from portal.money.invoices.models import InvoiceLine
from portal.money.ledger.models import Journal, LedgerAccount, Posting
from portal.operations.schema import migrate
from portal.tenancy.chambers import every_chamber
from portal.tenancy.session import Doors
from tests.migrations.populations import populate, reflected

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.filterwarnings("ignore:Cannot correctly sort tables:sqlalchemy.exc.SAWarning"),
]
KEPT = {"journal": Journal, "posting": Posting, "invoice_line": InvoiceLine}


@pytest.fixture
def at_0022(above: Database, owner: Database) -> Database:
    """Two populated chambers at 0022, one with an entry of both a payment and an invoice."""
    migrate(owner, revision="0014")
    with above.engine.begin() as connection:
        populate(connection, "0014")
    migrate(owner, revision="0022")
    with above.engine.begin() as connection:
        tables = reflected(connection).tables
        journal, allocation = tables["journal"], tables["allocation"]
        settled = (
            connection.execute(sa.select(allocation).where(allocation.c.payment_id.is_not(None)))
            .mappings()
            .first()
        )
        assert settled is not None
        known = dict(
            connection.execute(sa.select(journal).where(journal.c.id == settled["journal_id"]))
            .mappings()
            .one()
        )
        new = uuid.uuid4() if not above.is_sqlite else uuid.uuid4().hex
        connection.execute(
            sa.insert(journal).values(
                known | {"id": new, "kind": "undoing", "invoice_id": settled["invoice_id"]}
            )
        )
    return owner


def _first_digests(connection: Connection) -> dict[str, str]:
    """The digests of all kept rows of the books, as the first version made them, by id."""
    found = {}
    for name in KEPT:
        for row in connection.execute(sa.select(reflected(connection).tables[name])).mappings():
            said = {
                column: _plain(column, value)
                for column, value in row.items()
                if column not in {"chamber_id", "id"}
            }
            words = json.dumps(
                [name, _plain("id", row["id"]), said], ensure_ascii=False, sort_keys=True
            )
            found[str(_plain("id", row["id"]))] = hashlib.sha256(words.encode()).hexdigest()
    return found


def _plain(name: str, value: Any) -> Any:
    if value is not None and (name == "id" or name.endswith("_id")):
        return str(uuid.UUID(str(value)))
    if isinstance(value, dt.datetime):
        return (
            (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC).isoformat()
        )
    return str(value) if isinstance(value, dt.date) else value


def test_digests_of_the_books_hold_and_each_chamber_has_its_accounts(
    above: Database, at_0022: Database
) -> None:
    with above.engine.connect() as connection:
        before = _first_digests(connection)
    migrate(at_0022)
    after, doors = {}, Doors(above, Clock(), Sealer("k" * 40))
    for chamber in every_chamber(doors):
        with doors.chamber(chamber.id) as session:
            for model in KEPT.values():
                after |= {str(row.id): digest(row, 1) for row in session.scalars(sa.select(model))}
            accounts = {
                account.code: account.number
                for account in session.scalars(sa.select(LedgerAccount))
            }
            assert set(session.scalars(sa.select(Posting.account))) <= set(accounts)
            assert (accounts["dues_income"], accounts["bank"]) == ("4201", "1002")
            assert set(session.scalars(sa.select(InvoiceLine.account))) <= {"dues_income"}
    assert after == before
    with above.engine.connect() as connection:
        journal = reflected(connection).tables["journal"]
        beside = connection.execute(
            sa.select(journal.c.origin_type, journal.c.beside_id).where(journal.c.kind == "undoing")
        ).all()
    assert [(kind, bool(invoice_id)) for kind, invoice_id in beside] == [("payment", True)]
