"""The heads of the chains, kept where who administers the database does not reach.

In the store of files, and in every backup.
"""

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from portal.audit.models import AuditSeal
from portal.tenancy.chambers import every_chamber
from portal.tenancy.session import Doors

FOLDER = "heads/"
EVERY_HOUR, EVERY_DAY = dt.timedelta(days=2), dt.timedelta(days=62)
"""How long a head of each hour is kept, and one of each day.

Of each month one stays for ever.
"""


def heads_of(doors: Doors) -> dict[str, dict[str, Any]]:
    """The newest number of each chamber's chain, and its hash."""
    found = {}
    for chamber in every_chamber(doors):
        with doors.chamber(chamber.id) as session:
            last = session.scalars(
                sa.select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)
            ).first()
        if last is not None:
            found[str(chamber.id)] = {"number": last.number, "hash": last.hash}
    return found


def keep_heads(doors: Doors, store: Any) -> None:
    """Writes the heads of this hour into the store, and thins those that lie there.

    Any later head bears witness to all before it.
    """
    now = doors.clock.now()
    name = f"{FOLDER}{_hour(now)}.json"
    store.put(name, json.dumps(heads_of(doors), sort_keys=True).encode())
    for key in superfluous(list(store.keys(FOLDER)), now):
        store.delete(key)


def superfluous(keys: Iterable[str], now: dt.datetime) -> list[str]:
    """The heads that are kept no more.

    All but the first of each day after EVERY_HOUR, and of each month after EVERY_DAY.
    """
    spans, gone = set(), []
    hourly, daily = _hour(now - EVERY_HOUR), _hour(now - EVERY_DAY)
    for key in sorted(keys):
        hour = key.removeprefix(FOLDER)
        span = hour[:13] if hour >= hourly else hour[:10] if hour >= daily else hour[:7]
        if span in spans:
            gone.append(key)
        spans.add(span)
    return gone


def _hour(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%dT%H}"


def kept_heads(store: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """The heads that were kept, by hour and chamber."""
    return {
        key.removeprefix(FOLDER).removesuffix(".json"): json.loads(store.get(key))
        for key in store.keys(FOLDER)
    }
