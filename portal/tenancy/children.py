"""Rows of a list with what belongs to each, in one query more."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.attributes import set_committed_value

from portal.tenancy.models import ChamberOwned
from portal.tenancy.session import ChamberSession


def load_children(
    session: ChamberSession,
    owners: Sequence[ChamberOwned],
    name: str,
    owner_id: InstrumentedAttribute[uuid.UUID],
    position: InstrumentedAttribute[int],
) -> None:
    """Fills the relationship `name` of some rows, by `position`.

    With the rows whose `owner_id` names them.

    They are asked for by that id alone: of keys in pairs, SQLite reads every row of the chamber.
    """
    found: dict[uuid.UUID, list[Any]] = {owner.id: [] for owner in owners}
    query = sa.select(owner_id.class_).where(owner_id.in_(found)).order_by(position)
    for child in session.scalars(query):
        found[getattr(child, owner_id.key)].append(child)
    for owner in owners:
        set_committed_value(owner, name, found[owner.id])
