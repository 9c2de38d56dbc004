"""What this machine lacks, and what will not work without it."""

import ctypes.util
import importlib.util
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pylopdf_fonts_zh_cn

from portal.foundation.clock import Clock
from portal.foundation.database import Database
from portal.foundation.secrecy import Sealer
from portal.operations.keys import WrongKey, check_key
from portal.operations.schema import SchemaFault, check_extension, check_schema
from portal.settings import ROOT, Settings, WrongSetting, read_settings
from portal.tenancy.session import Doors

LIBRARIES = {
    "pango-1.0": ("libpango-1.0-0", "papers (PDF) cannot be made"),
    "pangoft2-1.0": ("libpangoft2-1.0-0", "papers (PDF) cannot be made"),
    "harfbuzz-subset": ("libharfbuzz-subset0", "papers take twenty times as long"),
    "magic": ("libmagic1", "uploads cannot be judged and the portal does not start"),
}
LEAST_DISK = 1024**3


def examine(environment: Mapping[str, str]) -> Iterator[str]:
    """One line for each thing that is missing: what, what will not work, what to do."""
    yield from _libraries()
    if not Path(pylopdf_fonts_zh_cn.sans_path()).exists():
        yield "the papers' font is missing: papers would show boxes; run make again"
    if not list((ROOT / "portal" / "translations").glob("*/LC_MESSAGES/messages.mo")):
        yield (
            "the Chinese catalogue is not compiled: pages speak English only; run `make catalogues`"
        )
    try:
        settings = read_settings(environment)
    except WrongSetting as wrong:
        yield f"settings: {wrong}"
        return
    yield from _settings(settings)


def _libraries() -> Iterator[str]:
    for name, (package, effect) in LIBRARIES.items():
        if ctypes.util.find_library(name) is None:
            yield f"{name} is missing: {effect}; apt-get install {package}"
    if importlib.util.find_spec("weasyprint") is None:
        yield "WeasyPrint is missing: papers cannot be made; run make again"


def _settings(settings: Settings) -> Iterator[str]:
    if settings.smtp_url is None:
        yield (
            "PORTAL_SMTP_URL is not set: mails are held and the general office passes them "
            "on by hand"
        )
    if not settings.files.startswith("s3:"):
        folder = (ROOT / settings.files).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < LEAST_DISK:
            yield (
                f"less than 1 GiB is free under {settings.files}: uploads and papers will soon fail"
            )
    owner, database = (
        Database(settings.owner_database_url or settings.database_url),
        Database(settings.database_url),
    )
    try:
        with owner.reading.connect() as connection:
            check_extension(connection)
        check_schema(database)
        check_key(
            Doors(database, Clock(), Sealer(settings.secret_key, *settings.older_secret_keys))
        )
    except (SchemaFault, WrongKey) as fault:
        yield f"database: {fault}"
    finally:
        owner.dispose()
        database.dispose()
