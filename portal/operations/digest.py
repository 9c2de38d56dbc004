"""What no upgrade may change, in one hash for each chamber.

Balances, numbers, check words and snapshots.

It reads whatever of them a schema has, at any revision, and the same on both databases.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from portal.foundation.database import JSON

Parts = dict[str, str]
"""The hash of each part of what a chamber keeps, by the part's name."""
NUMBERS = {
    "invoice": ("number", "payment_code"),
    "credit_note": ("number",),
    "payment": ("channel", "reference", "attempt", "amount"),
    "issued_paper": ("kind", "number", "copy"),
    "application": ("number",),
    "council_meeting": ("number",),
    "resolution": ("number",),
    "membership": ("number",),
    "counter": ("name", "value"),
}
"""The tables whose rows bear numbers, with what makes up the number of each."""
CHUNK = 500


def digest(connection: Connection) -> dict[str, Parts]:
    """The parts of every chamber, by its slug. Row-level security may stand.

    It is asked for one chamber after another.
    """
    known = _columns(connection)
    if "chamber" not in known:
        return {}
    chamber = sa.table("chamber", sa.column("id", sa.Uuid()), sa.column("slug", sa.String()))
    found = {}
    for chamber_id, slug in connection.execute(
        sa.select(chamber.c.id, chamber.c.slug).order_by(chamber.c.slug)
    ).all():
        if connection.dialect.name == "postgresql":
            connection.execute(
                sa.select(sa.func.set_config("app.chamber_id", str(chamber_id), True))
            )
        found[slug] = {
            name: _hash(connection, query.where(sa.column("chamber_id", sa.Uuid()) == chamber_id))
            for name, query in _parts(connection, known)
        }
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.set_config("app.chamber_id", "", True)))
    return found


def one_hash(parts: Mapping[str, str]) -> str:
    """What `portal digest` prints of a chamber."""
    return hashlib.sha256(json.dumps(sorted(parts.items())).encode()).hexdigest()


def differences(before: Mapping[str, Parts], after: Mapping[str, Parts]) -> list[str]:
    """The parts that stood before and are not the same after, as `chamber: part`."""
    return [
        f"{slug}: {part}"
        for slug, parts in before.items()
        for part, told in parts.items()
        if after.get(slug, {}).get(part) != told
    ]


def _columns(connection: Connection) -> dict[str, set[str]]:
    inspector = sa.inspect(connection)
    return {
        table: {column["name"] for column in inspector.get_columns(table)}
        for table in inspector.get_table_names()
    }


def _parts(
    connection: Connection, known: Mapping[str, set[str]]
) -> Iterator[tuple[str, sa.Select[Any]]]:
    if "posting" in known:
        yield (
            "balances",
            _balances(
                known["posting"], "C" if connection.dialect.name == "postgresql" else "BINARY"
            ),
        )
    for name, columns in NUMBERS.items():
        if known.get(name, set()).issuperset(columns):
            yield f"numbers of {name}", _select(name, {column: None for column in columns})
    if "check_word" in known.get("issued_paper", set()):
        yield "check words", _select("issued_paper", {"check_word": None})
    if "snapshot" in known.get("issued_paper", set()):
        yield "snapshots", _select("issued_paper", {"kind": None, "snapshot": JSON})


def _select(name: str, columns: Mapping[str, Any]) -> sa.Select[Any]:
    table = sa.table(
        name,
        sa.column("id", sa.Uuid()),
        *(sa.column(column, kind) for column, kind in columns.items()),
    )
    return sa.select(*table.c).order_by(table.c.id)


def _balances(columns: set[str], collation: str) -> sa.Select[Any]:
    """What stands on each account for each party, by the party's id alone."""
    names = [name for name in ("enterprise_id", "party_id") if name in columns]
    posting = sa.table(
        "posting",
        sa.column("account"),
        sa.column("amount", sa.BigInteger()),
        *(sa.column(name, sa.Uuid()) for name in names),
    )
    party = (
        sa.func.coalesce(*(posting.c[name] for name in names))
        if len(names) > 1
        else posting.c[names[0]]
    )
    total = sa.cast(sa.func.sum(posting.c.amount), sa.BigInteger())
    query = sa.select(sa.type_coerce(party, sa.Uuid()), posting.c.account, total).having(total != 0)
    return query.group_by(party, posting.c.account).order_by(
        party, sa.collate(posting.c.account, collation)
    )


def _hash(connection: Connection, query: sa.Select[Any]) -> str:
    told = hashlib.sha256()
    for row in connection.execute(query.execution_options(yield_per=CHUNK)):
        told.update(
            json.dumps(
                [_plain(value) for value in row], ensure_ascii=False, sort_keys=True
            ).encode()
        )
    return told.hexdigest()


def _plain(value: Any) -> Any:
    return value if isinstance(value, dict | int | None) else str(value)
