"""Fixtures of the whole house.

Both databases, a standing clock, an application, a worker and signed-in browsers.
"""

import os
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa

from portal.foundation.clock import StandingClock
from portal.foundation.database import Database
from portal.foundation.secrecy import Sealer
from portal.operations.keys import keep_canary
from portal.operations.schema import migrate
from portal.settings import Settings
from portal.tenancy.session import Doors
from tests.cast import House
from tests.house.sightseeing import furnish_everything
from tests.locks import start_recording
from tests.stages import STAGES
from tests.templates import (
    NOON,
    as_app,
    copy_database,
    made_once,
    postgres_database,
    settings_on,
    stop_postgres,
)
from tests.templates import postgres_server as postgres_server
from tests.templates import postgres_template as postgres_template

start_recording()
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--figures", action="store_true", help="full benchmarks instead of reduced ones"
    )
    parser.addoption(
        "--torture",
        action="store_true",
        help="torture for ten minutes on each database instead of half a minute",
    )
    parser.addoption(
        "--both",
        action="store_true",
        help="tests of pages and reduced benchmarks on both databases, instead of one each",
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    """Whoever dealt the tests out to other processes stops the server that they shared."""
    if not hasattr(config, "workerinput") and getattr(config.option, "numprocesses", None):
        stop_postgres(Path(config._tmp_path_factory.getbasetemp()))  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database with both chambers and their cast, to copy."""

    def make(folder: Path) -> None:
        url = f"sqlite:///{folder / 'template.db'}"
        database = Database(url)
        migrate(database)
        keep_canary(Doors(database, StandingClock(NOON), Sealer("k" * 40)))
        House(settings_on(url, url, folder / "files"), StandingClock(NOON)).close()
        with database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        database.dispose()

    return made_once(tmp_path_factory, "sqlite", make) / "template.db"


class Stages:
    """Copies of databases and files on which a stage stands, made when first asked for."""

    def __init__(self, request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> None:
        self.request, self.factory = request, factory
        self.files: dict[tuple[str, str], Path] = {}

    def sqlite(self, stage: str) -> Path:
        """The SQLite database of a stage, closed."""
        template: Path = self.request.getfixturevalue("sqlite_template")
        if not stage:
            return template
        if (stage, "sqlite") not in self.files:

            def make(home: Path) -> None:
                shutil.copy(template, home / "portal.db")
                self._play(
                    stage,
                    f"sqlite:///{home / 'portal.db'}",
                    f"sqlite:///{home / 'portal.db'}",
                    home / "files",
                )

            self.files[stage, "sqlite"] = made_once(self.factory, f"stage-{stage}", make)
        return self.files[stage, "sqlite"] / "portal.db"

    def postgres(self, stage: str) -> tuple[sa.URL, str]:
        """The server, and the name of the PostgreSQL database of a stage."""
        server, name = self.request.getfixturevalue("postgres_template")
        if stage and (stage, "postgresql") not in self.files:

            def make(home: Path) -> None:
                owner = copy_database(server, name, f"{name}_{stage}")
                self._play(
                    stage,
                    *(url.render_as_string(hide_password=False) for url in (as_app(owner), owner)),
                    home / "files",
                )

            self.files[stage, "postgresql"] = made_once(self.factory, f"{name}-{stage}", make)
        return server, f"{name}_{stage}" if stage else name

    def _play(self, stage: str, url: str, owner_url: str, files: Path) -> None:
        house = House(settings_on(url, owner_url, files), StandingClock(NOON))
        STAGES[stage](house)
        house.close()


@pytest.fixture(scope="session")
def stages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """What tests marked `stage(name)` begin on."""
    return Stages(request, tmp_path_factory)


@pytest.fixture(scope="session")
def furnished_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a SQLite database and files in which both chambers have one of everything, to
    copy.
    """

    def make(folder: Path) -> None:
        shutil.copy(sqlite_template, folder / "portal.db")
        url = f"sqlite:///{folder / 'portal.db'}"
        house = House(settings_on(url, url, folder / "files"), StandingClock(NOON))
        house.prints = True
        for slug in ("jia", "yi"):
            furnish_everything(house, slug)
        house.work()
        house.close()

    return made_once(tmp_path_factory, "furnished", make)


@pytest.fixture
def furnished(furnished_template: Path, tmp_path: Path, clock: StandingClock) -> Iterator[House]:
    """A running installation of two chambers with one of everything in both (SQLite)."""
    shutil.copytree(furnished_template, tmp_path / "house")
    url = f"sqlite:///{tmp_path / 'house' / 'portal.db'}"
    made = House(settings_on(url, url, tmp_path / "house" / "files"), clock)
    yield made
    made.close()


@pytest.fixture
def database_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The addresses of a fresh migrated database, for the application's role and for its owner."""
    stages: Stages = request.getfixturevalue("stages")
    mark = request.node.get_closest_marker("stage")
    stage, engine = mark.args[0] if mark else "", getattr(request, "param", "sqlite")
    at = stages.sqlite(stage) if engine == "sqlite" else stages.postgres(stage)
    if stage:
        shutil.copytree(stages.files[stage, engine] / "files", tmp_path / "files")
    if isinstance(at, Path):
        shutil.copy(at, tmp_path / "portal.db")
        yield f"sqlite:///{tmp_path / 'portal.db'}", f"sqlite:///{tmp_path / 'portal.db'}"
        return
    with postgres_database(*at) as owner:
        yield (
            as_app(owner).render_as_string(hide_password=False),
            owner.render_as_string(hide_password=False),
        )


@pytest.fixture
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The owner's address of a database without a schema.

    SQLite, or PostgreSQL where the parameter says so.
    """
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with postgres_database(request.getfixturevalue("postgres_server")) as owner:
        yield owner.render_as_string(hide_password=False)


@pytest.fixture
def clock() -> StandingClock:
    """Noon of 15 June 2026 in Shanghai, until it is moved."""
    return StandingClock(NOON)


@pytest.fixture
def settings(database_urls: tuple[str, str], tmp_path: Path) -> Settings:
    """Settings of a test installation."""
    return settings_on(*database_urls, tmp_path / "files")


@pytest.fixture
def house(settings: Settings, clock: StandingClock) -> Iterator[House]:
    """A running installation of two chambers with their cast; `house.locking` is on."""
    made = House(settings, clock)
    yield made
    made.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `both_databases` run on SQLite and on PostgreSQL, those marked `either_database`
    on one of them, by their name, or with --both or --figures on both.
    """
    engines, definition = ["sqlite", "postgresql"], metafunc.definition
    if definition.get_closest_marker("either_database") and not (
        metafunc.config.getoption("--both") or metafunc.config.getoption("--figures")
    ):
        engines = [engines[zlib.crc32(definition.name.encode()) % 2]]
    elif not definition.get_closest_marker("both_databases") and not definition.get_closest_marker(
        "either_database"
    ):
        return
    for fixture in {"database_urls", "empty_database"} & set(metafunc.fixturenames):
        metafunc.parametrize(fixture, engines, indirect=True, ids=engines)


LONG = (
    "tests/torture",
    "tests/browser",
    "tests/web",
    "tests/operations",
    "tests/benchmarks",
    "tests/races",
    "tests/properties",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deals the folders of long tests to the processes of a run, each to begin with its own.

    None is left alone with them at the end.
    """
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    hands: list[list[pytest.Item]] = [[] for _ in range(count)]
    short = []
    for item in items:
        folder = next((n for n, name in enumerate(LONG) if item.nodeid.startswith(name)), None)
        (short if folder is None else hands[folder % count]).append(item)
    size = -(-len(items) // count)
    for hand in hands:
        more = max(0, size - len(hand))
        hand.extend(short[:more])
        del short[:more]
    items[:] = [item for hand in hands for item in hand] + short
