"""Backup and restore: the database and the files, as one folder."""

import json
import shutil
import sqlite3
import subprocess
from pathlib import Path

import sqlalchemy as sa

from portal.files.store import open_store
from portal.foundation.clock import Clock
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.settings import Settings

MANIFEST = "manifest.json"


def back_up(settings: Settings, folder: Path) -> str:
    """Writes the database first and the files after it, so that every row has its bytes; InvalidInput where the folder is not empty."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InvalidInput("folder", N_("The backup's folder is not empty."))
    _dump(settings, folder)
    store = open_store(settings.files)
    count = 0
    for key in store.keys(""):
        target = folder / "files" / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(store.get(key))
        count += 1
    kind = "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"
    (folder / MANIFEST).write_text(json.dumps({"database": kind, "files": count, "made_at": Clock().now().isoformat()}))
    return f"the database and {count} files are in {folder}"


def restore(settings: Settings, folder: Path) -> str:
    """Brings a backup back; InvalidInput where the folder is none or the installation is not empty."""
    if not (folder / MANIFEST).exists():
        raise InvalidInput("folder", N_("This folder is no backup."))
    store = open_store(settings.files)
    if any(True for _ in store.keys("")):
        raise InvalidInput("folder", N_("There are files already: a backup is restored onto an empty installation."))
    _load(settings, folder)
    count = 0
    for path in sorted((folder / "files").rglob("*")):
        if path.is_file():
            store.put(path.relative_to(folder / "files").as_posix(), path.read_bytes())
            count += 1
    return f"the database and {count} files are back"


def _dump(settings: Settings, folder: Path) -> None:
    if settings.database_url.startswith("sqlite"):
        with sqlite3.connect(_path(settings)) as source, sqlite3.connect(folder / "portal.db") as target:
            source.backup(target)
        target.close()
        source.close()
        return
    subprocess.run(["pg_dump", "--format=custom", "--file", str(folder / "portal.dump"), _owner(settings)], check=True)


def _load(settings: Settings, folder: Path) -> None:
    if settings.database_url.startswith("sqlite"):
        if Path(_path(settings)).exists():
            raise InvalidInput("folder", N_("There is a database already: a backup is restored onto an empty installation."))
        shutil.copy(folder / "portal.db", _path(settings))
        return
    subprocess.run(["pg_restore", "--exit-on-error", "--no-owner", "--dbname", _owner(settings), str(folder / "portal.dump")], check=True)


def _path(settings: Settings) -> str:
    return str(sa.make_url(settings.database_url).database)


def _owner(settings: Settings) -> str:
    return sa.make_url(settings.owner_database_url or settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
