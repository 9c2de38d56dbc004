"""`portal digest`, and the upgrade that would change what must stay as it is."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.foundation.database import Database
from portal.operations import schema
from portal.operations.digest import differences, digest, one_hash
from portal.operations.schema import SchemaFault, migrate
from portal.tenancy.fences import allow_changes, lowered_fences
from tests.cast import House
from tests.house.sightseeing import furnish_everything

pytestmark = pytest.mark.both_databases
TAMPERINGS = {
    "balances": "UPDATE posting SET amount = amount + 1 WHERE account = 'bank'",
    "numbers of invoice": "UPDATE invoice SET number = 'JF2026-99999' "
    "WHERE number = 'JF2026-00001'",
    "numbers of resolution": "UPDATE resolution SET number = 'JY2020-9999' "
    "WHERE chamber_id = (SELECT id FROM chamber WHERE slug = 'jia')",
    "check words": "UPDATE issued_paper SET check_word = 'another' WHERE kind = 'receipt'",
    "snapshots": "UPDATE issued_paper SET snapshot = '{}' WHERE kind = 'receipt'",
}
WRONG = """
from alembic import op
from portal.tenancy.fences import allow_changes

revision, down_revision = "9999", "{head}"


def upgrade() -> None:
    allow_changes(op.execute, op.get_context().dialect.name, {{"issued_paper"}})
    op.execute("UPDATE issued_paper SET snapshot = '{{}}'")
"""


@pytest.fixture
def full(house: House) -> House:
    """A chamber with one of everything."""
    furnish_everything(house, "jia")
    return house


@pytest.mark.parametrize("part", TAMPERINGS)
def test_each_change_is_named_by_its_part(full: House, part: str) -> None:
    owner = Database(full.settings.owner_database_url or full.settings.database_url)
    with owner.engine.connect() as connection:
        before = digest(connection)
    with owner.engine.begin() as connection, lowered_fences(connection):
        kept = {"posting", "issued_paper", "resolution"}
        allow_changes(connection.exec_driver_sql, connection.dialect.name, kept)
        assert connection.exec_driver_sql(TAMPERINGS[part]).rowcount
    with owner.engine.connect() as connection:
        after = digest(connection)
    owner.dispose()
    assert differences(before, after) == [f"jia: {part}"]
    assert one_hash(before["jia"]) != one_hash(after["jia"])
    assert before["yi"] == after["yi"]


def test_an_upgrade_that_changes_a_snapshot_is_rolled_back(
    full: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(schema.FOLDER, folder)
    head = schema.head_file().read_text()[:4]
    (folder / "versions" / "9999_wrong.py").write_text(WRONG.format(head=head))
    monkeypatch.setattr(schema, "FOLDER", folder)
    owner = Database(full.settings.owner_database_url or full.settings.database_url)
    with owner.engine.connect() as connection:
        before = digest(connection)
    with pytest.raises(SchemaFault, match="jia: snapshots"):
        migrate(owner)
    with owner.engine.connect() as connection:
        assert digest(connection) == before
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == head
    owner.dispose()
