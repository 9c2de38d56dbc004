"""The heads of the chains, kept where who administers the database does not reach: in the store of files, and in every backup."""

import json
from typing import Any

import sqlalchemy as sa

from portal.audit.models import AuditSeal
from portal.tenancy.chambers import every_chamber
from portal.tenancy.session import Doors

FOLDER = "heads/"


def heads_of(doors: Doors) -> dict[str, dict[str, Any]]:
    """The newest number of each chamber's chain, and its hash."""
    found = {}
    for chamber in every_chamber(doors):
        with doors.chamber(chamber.id) as session:
            last = session.scalars(sa.select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()
        if last is not None:
            found[str(chamber.id)] = {"number": last.number, "hash": last.hash}
    return found


def keep_heads(doors: Doors, store: Any) -> None:
    """Writes the heads of this hour into the store."""
    name = f"{FOLDER}{doors.clock.now():%Y-%m-%dT%H}.json"
    store.put(name, json.dumps(heads_of(doors), sort_keys=True).encode())


def kept_heads(store: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """The heads that were kept, by hour and chamber."""
    return {key.removeprefix(FOLDER).removesuffix(".json"): json.loads(store.get(key)) for key in store.keys(FOLDER)}
