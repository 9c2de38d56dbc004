"""Backup and restore.

The database and the files, as one folder that is readable by its owner alone and tells every byte
of itself.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from portal.audit.heads import FOLDER as HEADS
from portal.audit.heads import heads_of
from portal.files.store import MissingBytes, Store, open_store
from portal.foundation.clock import Clock
from portal.foundation.database import Database
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.foundation.secrecy import Sealer
from portal.operations.schema import FOLDER as MIGRATIONS
from portal.settings import Settings
from portal.tenancy.session import Doors

MANIFEST = "manifest.json"
PIECE = 1024 * 1024


class BackupFault(Exception):
    """A backup could not be made or brought back; the message says why, and holds no password."""


def back_up(settings: Settings, folder: Path) -> str:
    """Writes the heads of the chains, then the database, then the files.

    In this order every head has its seal and every row its bytes.

    The manifest comes last, with a checksum of each file.

    InvalidInput where the folder is not empty; BackupFault where a program failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InvalidInput("folder", N_("The backup's folder is not empty."))
    folder.chmod(0o700)
    before = os.umask(0o077)
    try:
        store = open_store(settings.files)
        state = _state_of(settings)
        count = _take_files(store, folder, store.keys(HEADS))
        _dump(settings, folder)
        count += _take_files(
            store, folder, (key for key in store.keys("") if not key.startswith(HEADS))
        )
        manifest = {
            **state,
            "made_at": Clock().now().isoformat(),
            "files": count,
            "sha256": _sums(folder),
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True))
    finally:
        os.umask(before)
    return f"the database and {count} files are in {folder}"


def restore(settings: Settings, folder: Path) -> dict[str, Any]:
    """Brings a backup back, once every byte of it is as it was written.

    Returns what its manifest says.

    InvalidInput where the folder is no backup, a byte differs, a file lacks or is one too many, its
    schema is newer than the application or its key or kind of database another, or the installation
    is not empty; then nothing is touched.
    """
    manifest = check_backup(settings, folder)
    store = open_store(settings.files)
    if any(True for _ in store.keys("")):
        raise InvalidInput(
            "folder",
            N_("There are files already: a backup is restored onto an empty installation."),
        )
    _load(settings, folder)
    for path in sorted((folder / "files").rglob("*")):
        if path.is_file():
            store.put(path.relative_to(folder / "files").as_posix(), path.read_bytes())
    return manifest


def _check_bytes(folder: Path, sums: dict[str, str]) -> None:
    present = _sums(folder)
    for name in sorted(sums.keys() | present.keys()):
        if sums.get(name) != present.get(name):
            raise InvalidInput(
                "folder",
                N_(
                    "The backup is not as it was written: %(name)s differs, lacks, or is one "
                    "too many."
                ),
                name=name,
            )


def check_backup(settings: Settings, folder: Path) -> dict[str, Any]:
    """The manifest of a backup that is whole and fits this installation.

    InvalidInput as in `restore`.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise InvalidInput("folder", N_("This folder is no backup.")) from error
    sums = manifest.get("sha256")
    if sums is None:
        raise InvalidInput(
            "folder",
            N_(
                "This backup tells no checksums: an older version made it. Restore it with "
                "that version, then upgrade."
            ),
        )
    if manifest["database"] != _kind(settings):
        raise InvalidInput(
            "folder",
            N_("The backup is of %(kind)s, and this installation is set to another database."),
            kind=manifest["database"],
        )
    _check_bytes(folder, sums)
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if manifest["revision"] not in known:
        raise InvalidInput(
            "folder",
            N_(
                "The backup's schema (%(revision)s) is newer than this portal. Install the "
                "version that made it."
            ),
            revision=manifest["revision"],
        )
    _check_key(settings, manifest["key"])
    return manifest


def _check_key(settings: Settings, sealed_with: str) -> None:
    keys = (settings.secret_key, *settings.older_secret_keys)
    if sealed_with not in {Sealer(key).fingerprint for key in keys}:
        raise InvalidInput(
            "folder",
            N_(
                "The backup was sealed with another key (fingerprint %(key)s). Set or list "
                "that one first."
            ),
            key=sealed_with,
        )


def _state_of(settings: Settings) -> dict[str, Any]:
    """What a manifest says beside its checksums.

    Kind and revision of the database, the key's fingerprint, the heads of the chains.
    """
    database = Database(settings.owner_database_url or settings.database_url)
    sealer = Sealer(settings.secret_key, *settings.older_secret_keys)
    try:
        with database.engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
        heads = heads_of(Doors(database, Clock(), sealer))
    finally:
        database.dispose()
    return {
        "database": _kind(settings),
        "revision": revision,
        "key": sealer.fingerprint,
        "heads": heads,
    }


def _kind(settings: Settings) -> str:
    return "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"


def _take_files(store: Store, folder: Path, keys: Iterable[str]) -> int:
    """Copies what is there.

    What is forgotten between the listing and the copying is not in the backup.
    """
    count = 0
    for key in keys:
        try:
            data = store.get(key)
        except MissingBytes:
            continue
        target = folder / "files" / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        count += 1
    return count


def _sums(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a backup but its manifest."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / MANIFEST:
            sha = hashlib.sha256()
            with path.open("rb") as file:
                while piece := file.read(PIECE):
                    sha.update(piece)
            found[path.relative_to(folder).as_posix()] = sha.hexdigest()
    return found


def _dump(settings: Settings, folder: Path) -> None:
    if settings.database_url.startswith("sqlite"):
        with (
            sqlite3.connect(_path(settings)) as source,
            sqlite3.connect(folder / "portal.db") as target,
        ):
            source.backup(target)
        target.close()
        source.close()
        return
    _run(settings, "pg_dump", "--format=custom", "--file", str(folder / "portal.dump"))


def _load(settings: Settings, folder: Path) -> None:
    if settings.database_url.startswith("sqlite"):
        if Path(_path(settings)).exists():
            raise InvalidInput(
                "folder",
                N_("There is a database already: a backup is restored onto an empty installation."),
            )
        shutil.copy(folder / "portal.db", _path(settings))
        return
    _run(
        settings,
        "pg_restore",
        "--exit-on-error",
        "--no-owner",
        "--no-comments",
        str(folder / "portal.dump"),
    )


def _path(settings: Settings) -> str:
    return str(sa.make_url(settings.database_url).database)


def _run(settings: Settings, program: str, *arguments: str) -> None:
    """Runs a program of PostgreSQL as the owner.

    The password goes by the environment, where no list of processes shows it.
    """
    url = sa.make_url(settings.owner_database_url or settings.database_url)
    bare = sa.URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, url.query
    )
    address = bare.render_as_string(hide_password=False)
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    answer = subprocess.run(
        [program, *arguments, "--dbname", address],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise BackupFault(
            f"{program} ended with {answer.returncode}: {answer.stderr.strip()[-600:]}"
        )
