"""The migrated schema, the models and the fences say the same, on both databases."""

import ast
import hashlib
import importlib
import inspect

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import portal.app  # noqa: F401
from portal.foundation.database import Base, Database
from portal.operations.schema import FOLDER, check_schema, head_file, migrate
from portal.tenancy.fences import APPEND_ONLY, missing_triggers, owned_tables, unfenced_tables
from tests.cast import House

GLOBAL = {"chamber", "chamber_domain", "installation", "job", "worker_beat"}


@pytest.mark.both_databases
def test_migrations_lead_to_the_models(database_urls: tuple[str, str]) -> None:
    database = Database(database_urls[1])
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert missing_triggers(connection) == set()
        assert unfenced_tables(connection) == set()
    database.dispose()


@pytest.mark.both_databases
def test_checks_are_those_of_the_models(database_urls: tuple[str, str]) -> None:
    database = Database(database_urls[1])
    inspector = sa.inspect(database.engine)
    for table in Base.metadata.sorted_tables:
        wanted = {
            str(c.name) for c in table.constraints if isinstance(c, sa.CheckConstraint) and c.name
        }
        assert {str(c["name"]) for c in inspector.get_check_constraints(table.name)} == wanted, (
            table.name
        )
        for column in table.columns:
            if isinstance(column.type, sa.Enum):
                text = next(
                    c["sqltext"]
                    for c in inspector.get_check_constraints(table.name)
                    if c["name"] == f"ck_{table.name}_{column.type.name}"
                )
                assert all(f"'{value}'" in text for value in column.type.enums), (
                    table.name,
                    column.name,
                )
    database.dispose()


def test_there_is_one_head_and_the_head_file_names_it() -> None:
    script = ScriptDirectory(str(FOLDER))
    heads = script.get_heads()
    assert len(heads) == 1
    newest = script.get_revision(heads[0])
    assert newest is not None
    assert head_file().read_text().strip() == newest.path.rsplit("/", 1)[-1].removesuffix(".py")
    numbers = sorted(path.name[:4] for path in (FOLDER / "versions").glob("*.py"))
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]


def test_a_landed_migration_never_changes() -> None:
    """`migrations/LANDED` is written by `sha256sum` when a migration is made, and its lines are
    never edited.
    """
    listed = dict(
        reversed(line.split("  ")) for line in (FOLDER / "LANDED").read_text().splitlines()
    )
    present = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (FOLDER / "versions").glob("*.py")
    }
    assert present == listed


def test_what_frozen_migrations_import_keeps_its_signature() -> None:
    imported = {
        (node.module, alias.name)
        for path in (FOLDER / "versions").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("portal")
        for alias in node.names
    }
    signatures = {
        f"{module}.{name}{inspect.signature(getattr(importlib.import_module(module or ''), name))}"
        for module, name in imported
    }
    assert signatures == {
        "portal.foundation.ids.new_id() -> uuid.UUID",
        "portal.tenancy.fences.allow_changes(run: collections.abc.Callable[[str], object], "
        "dialect: str, tables: set[str]) -> None",
        "portal.tenancy.fences.keep_apart(run: collections.abc.Callable[[str], object], "
        "dialect: str, table: str, owner: str, first: str, last: str, where: str) -> None",
        "portal.tenancy.fences.lowered_fences(connection: sqlalchemy.engine.base.Connection) "
        "-> collections.abc.Iterator[None]",
        "portal.tenancy.fences.raise_fences(run: collections.abc.Callable[[str], object], "
        "dialect: str, tables: set[str]) -> None",
        "portal.tenancy.fences.refuse_changes(run: collections.abc.Callable[[str], object], "
        "dialect: str, tables: set[str]) -> None",
    }


def test_migrations_stand_alone_from_the_models() -> None:
    for path in (FOLDER / "versions").glob("*.py"):
        text = path.read_text()
        assert "models" not in text
        assert "owned_tables()" not in text


def test_every_table_is_owned_or_global() -> None:
    assert set(Base.metadata.tables) == owned_tables() | GLOBAL


@pytest.mark.parametrize("name", sorted(owned_tables()))
def test_an_owned_table_has_the_walls_shape(name: str) -> None:
    table = Base.metadata.tables[name]
    assert [c.name for c in table.primary_key.columns] == ["chamber_id", "id"]
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            assert next(iter(constraint.columns)).name == "chamber_id", constraint.name
        if (
            isinstance(constraint, sa.ForeignKeyConstraint)
            and constraint.referred_table.name in owned_tables()
        ):
            named = [e.target_fullname.split(".")[1] for e in constraint.elements]
            assert named == [
                "chamber_id",
                "code" if constraint.referred_table.name == "account" else "id",
            ], constraint.name
    for index in table.indexes:
        assert next(iter(index.columns)).name == "chamber_id", index.name


def test_every_relationship_writes_only_its_own_column() -> None:
    for mapper in Base.registry.mappers:
        for relation in mapper.relationships:
            assert (
                "chamber_id" not in {c.name for _, c in relation.synchronize_pairs}
                if not relation.viewonly
                else True
            )


def test_append_only_tables_are_those_that_must_never_change() -> None:
    assert {
        "audit_event",
        "audit_seal",
        "journal",
        "posting",
        "payment",
        "allocation",
        "invoice_line",
        "issued_paper",
        "paper_rendering",
        "credit_note",
        "invoice_void",
        "payment_undoing",
        "paper_void",
        "refund_step",
        "step_decision",
    } <= APPEND_ONLY


@pytest.mark.both_databases
def test_migrating_twice_changes_nothing_and_keeps_two_populated_chambers(house: House) -> None:
    owner = house.owner_doors.database
    before = _rows(house)
    migrate(owner, grant_to=None if owner.is_sqlite else "portal_app")
    check_schema(house.doors.database)
    assert _rows(house) == before


def _rows(house: House) -> dict[str, int]:
    found = {}
    for chamber in (house.jia, house.yi):
        with house.doors.chamber(chamber.id) as session:
            for mapper in Base.registry.mappers:
                if mapper.local_table.name in owned_tables():
                    found[f"{chamber.slug} {mapper.local_table.name}"] = (
                        session.scalar(sa.select(sa.func.count()).select_from(mapper.class_)) or 0
                    )
    return found
