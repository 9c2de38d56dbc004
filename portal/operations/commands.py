"""What each command of the command line does."""

import datetime as dt
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import sqlalchemy as sa

from portal.foundation.database import Database
from portal.jobs.tasks import retry_failed, retry_failed_of_house
from portal.money.online.services.events import reconcile_chamber
from portal.money.online.stripe_gateway import account_of
from portal.operations import backup as backups
from portal.operations import create
from portal.operations import digest as digests
from portal.operations import doctor as doctors
from portal.operations import verify as checks
from portal.operations.demo.fill import fill
from portal.operations.keys import check_key, keep_canary, seal_everything_anew
from portal.operations.schema import migrate as migrate_schema
from portal.operations.starting import (
    check_installation,
    open_world,
    owner_doors,
    start_serving,
    start_working,
)
from portal.operations.supervisor import end_with_parent
from portal.settings import ROOT, Settings, read_settings
from portal.tenancy.actor import SYSTEM
from portal.tenancy.chambers import every_chamber

VAR = ROOT / "var"
FILLED = VAR / "demo-filled"


def serve(host: str = "127.0.0.1") -> NoReturn:
    """Migrates where the owner's address is given, checks, then runs web server and worker."""
    settings = read_settings()
    if settings.owner_database_url or settings.database_url.startswith("sqlite"):
        migrate()
    check_installation(settings)
    start_serving(settings, host)


def work(with_parent: bool = False) -> NoReturn:
    """Runs a worker until it is told to stop.

    `with_parent` until the process that started it is gone, which has checked.
    """
    if with_parent:
        end_with_parent()
    else:
        check_installation(read_settings())
    start_working()


def migrate() -> int:
    """Brings the schema to its newest state as the owner.

    And grants the application's role its rights.
    """
    settings = read_settings()
    database = Database(settings.owner_database_url or settings.database_url)
    role = sa.make_url(settings.database_url).username
    migrate_schema(database, grant_to=role if settings.owner_database_url else None)
    database.dispose()
    doors = owner_doors(settings)
    keep_canary(doors)
    doors.database.dispose()
    return 0


def reseal() -> int:
    """Seals every secret anew under the first of PORTAL_SECRET_KEYS.

    May be stopped and run again.
    """
    doors = owner_doors(read_settings())
    check_key(doors)
    for slug, count in seal_everything_anew(doors):
        print(f"{slug}: {count} secrets sealed anew")
    print(
        f"all is sealed by the key {doors.sealer.fingerprint}; keep the older ones listed "
        "while links made under them shall work"
    )
    return 0


def create_chamber(
    slug: str,
    name_zh: str,
    name_en: str,
    secretary_name: str,
    secretary_email: str,
    domain: str | None = None,
) -> int:
    """Makes a chamber and queues the invitation of its secretary-general.

    Prints its link where no mail server would carry it.
    """
    settings = read_settings()
    doors = owner_doors(settings)
    chamber = create.create_chamber(
        doors,
        slug=slug,
        name_zh=name_zh,
        name_en=name_en,
        secretary_name=secretary_name,
        secretary_email=secretary_email,
        domain=domain,
    )
    address = f"{settings.scheme}://{chamber.slug}.{settings.base_domain}{settings.public_port}"
    print(f"{address}/")
    if settings.smtp_url is None:
        with doors.chamber(chamber.id) as session:
            print(
                "No mail server is set. Hand the secretary-general this link, which works "
                f"once, for 14 days:\n{address}/link/{create.invitation_word(session)}"
            )
    return 0


def verify(*, at: dt.datetime | None = None, witness: Mapping[str, Any] | None = None) -> int:
    """Prints what does not fit; 1 where anything was found.

    `at` and `witness` as in the check itself.
    """
    world = open_world(read_settings())
    faults = 0
    for line, is_fault in checks.verify(world, at=at, witness=witness):
        print(line)
        faults += is_fault
    print(f"{faults} faults")
    return 1 if faults else 0


def digest() -> int:
    """Prints one hash for each chamber over balances, numbers, check words and snapshots.

    What no upgrade changes.
    """
    doors = owner_doors(read_settings())
    with doors.database.reading.connect() as connection:
        for slug, parts in digests.digest(connection).items():
            print(f"{slug}: {digests.one_hash(parts)}")
    doors.database.dispose()
    return 0


def retry() -> int:
    """Puts every failed job, and every mail that failed, back in line, chamber by chamber."""
    doors = open_world(read_settings()).doors
    with doors.platform(writing=True) as session:
        print(f"the house: {retry_failed_of_house(session)} jobs in line again")
    for chamber in every_chamber(doors):
        with doors.chamber(chamber.id, writing=True) as own_session:
            print(f"{chamber.slug}: {retry_failed(own_session)} jobs in line again")
    return 0


def reconcile() -> int:
    """Asks Stripe about every online payment and refund without an end, chamber by chamber.

    1 where it gave no answer about some.
    """
    world = open_world(read_settings())
    unanswered = 0
    for chamber in every_chamber(world.doors):
        found = reconcile_chamber(
            world.doors,
            chamber.id,
            lambda keys: account_of(world.settings.stripe_url, keys.secret_key, world.sealer),
            actor=SYSTEM,
        )
        print(f"{chamber.slug}: asked about {found.asked}, no answer about {found.unanswered}")
        unanswered += found.unanswered
    return 1 if unanswered else 0


def doctor() -> int:
    """Prints what is missing on this machine and what will not work without it.

    1 where something is.
    """
    missing = list(doctors.examine(os.environ))
    for line in missing:
        print(line)
    print("all is well" if not missing else f"{len(missing)} things to mend")
    return 1 if missing else 0


def backup(folder: str) -> int:
    """Writes the database and the files into an empty folder."""
    print(backups.back_up(read_settings(), Path(folder)))
    return 0


def restore(folder: str) -> int:
    """Brings a backup back onto an empty installation, and verifies it.

    Migrates it where it is older; 1 where anything does not fit.
    """
    manifest = backups.restore(read_settings(), Path(folder))
    print(f"the database and {manifest['files']} files of {manifest['made_at']} are back")
    migrate()
    return verify(at=dt.datetime.fromisoformat(manifest["made_at"]), witness=manifest["heads"])


def demo(fill_only: bool = False) -> int:
    """Fills an embedded database once with two invented chambers, then serves on loopback."""
    _demo_environment()
    settings = read_settings()
    if not FILLED.exists():
        _fill_afresh(settings)
    migrate()
    if not fill_only:
        print(
            f"\n  http://localhost:{settings.port}/   lists the chambers, with a sign-in for "
            "each role\n",
            flush=True,
        )
        start_serving(settings, "127.0.0.1")
    return 0


def _fill_afresh(settings: Settings) -> None:
    """Fills the demo from nothing, so that one that was interrupted is never served by half."""
    for left in (*VAR.glob("demo.db*"), VAR / "demo-files"):
        shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)
    migrate()
    world = open_world(settings)
    began = time.monotonic()
    print(
        "Filling two invented chambers with three years of life: about a minute, once …", flush=True
    )
    fill(world)
    world.doors.database.dispose()
    FILLED.touch()
    print(
        f"… done in {time.monotonic() - began:.0f} s. Their papers are made in the background.",
        flush=True,
    )


def _demo_environment() -> None:
    VAR.mkdir(exist_ok=True)
    key = VAR / "demo-key"
    if not key.exists():
        key.write_text(secrets.token_hex(32))
    defaults = {
        "PORTAL_SECRET_KEY": key.read_text(),
        "PORTAL_DATABASE_URL": f"sqlite:///{VAR / 'demo.db'}",
        "PORTAL_BASE_DOMAIN": "localhost",
        "PORTAL_FILES": str(VAR / "demo-files"),
        "PORTAL_SCHEME": "http",
        "PORTAL_DEMO": "1",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
