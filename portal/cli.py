"""The `portal` command."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from portal.foundation.errors import DomainError
from portal.operations import commands
from portal.operations.backup import BackupFault
from portal.operations.keys import WrongKey
from portal.operations.schema import SchemaFault
from portal.operations.starting import Stopped
from portal.settings import WrongSetting


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="portal", description="Huiguan, the membership portal of chambers of commerce"
    )
    todo = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = todo.add_parser(
        "serve", help="check, migrate where PORTAL_OWNER_DATABASE_URL is given, then web and worker"
    )
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen on; a proxy with a certificate stands before it",
    )
    work = todo.add_parser("work", help="a worker alone")
    work.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
    todo.add_parser("migrate", help="bring the schema to its newest state")
    todo.add_parser(
        "verify", help="check the audit chain, files, ledger and loose references of every chamber"
    )
    todo.add_parser(
        "digest", help="one hash for each chamber over balances, numbers, check words and snapshots"
    )
    todo.add_parser("retry", help="put every failed job and mail of every chamber back in line")
    todo.add_parser("reseal", help="seal every secret anew under the first of PORTAL_SECRET_KEYS")
    todo.add_parser(
        "reconcile", help="ask Stripe about every online payment and refund that has no end yet"
    )
    todo.add_parser(
        "doctor", help="what is missing on this machine, and what will not work without it"
    )
    _add_installing(todo)
    return parser


def _add_installing(todo: Any) -> None:
    """The commands that make chambers, and bring them away and back."""
    demo = todo.add_parser(
        "demo", help="two invented chambers full of life, then the server on loopback"
    )
    demo.add_argument("--fill-only", action="store_true", help="fill the database and stop")
    create = todo.add_parser(
        "create-chamber", help="make a chamber and invite its secretary-general"
    )
    for name in ("slug", "name-zh", "name-en", "secretary-name", "secretary-email"):
        create.add_argument(f"--{name}", required=True)
    create.add_argument("--domain", help="a host name of the chamber's own")
    backup = todo.add_parser("backup", help="the database and the files into one folder")
    backup.add_argument("folder")
    restore = todo.add_parser(
        "restore", help="the database and the files back from a backup, onto an empty installation"
    )
    restore.add_argument("folder")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    0 where it went well, 1 where something has to be mended first (said in a line).
    """
    options = vars(_parser().parse_args(arguments))
    command = options.pop("command").replace("-", "_")
    try:
        return int(getattr(commands, command)(**options))
    except (
        DomainError,
        SchemaFault,
        BackupFault,
        WrongKey,
        WrongSetting,
        Stopped,
    ) as error:
        print(f"portal: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
