"""The worker's part in notices.

To each enterprise in turn, in pieces, so that it can be broken off and go on.
"""

import uuid
from dataclasses import dataclass

from portal.circulars.models import Circular, CircularState
from portal.circulars.services import deliver_piece, end_delivery
from portal.jobs.registry import Task, register
from portal.roll.queries.listing import list_matching_ids
from portal.roll.queries.narrowing import RollFilter
from portal.tenancy.actor import Actor, ActorKind
from portal.tenancy.chambers import today_of
from portal.tenancy.session import ChamberSession
from portal.web.world import World

PIECE = 100


@dataclass(frozen=True)
class ToDeliver:
    """A published notice and everybody it goes to.

    Who was reached already is found again piece by piece.
    """

    circular: Circular
    enterprise_ids: list[uuid.UUID]


def _prepare(session: ChamberSession, circular_id: str) -> ToDeliver | None:
    circular = session.fetch(Circular, uuid.UUID(circular_id))
    if circular.state is not CircularState.PUBLISHED:
        return None
    today = today_of(session)
    return ToDeliver(
        circular, list(list_matching_ids(session, RollFilter.read(circular.audience), today))
    )


def _work(world: World, item: ToDeliver | None) -> ToDeliver | None:
    if item is None:
        return None
    portal = Actor(ActorKind.SYSTEM, item.circular.written_by)
    for first in range(0, len(item.enterprise_ids), PIECE):
        with world.doors.chamber(item.circular.chamber_id, writing=True) as session:
            circular = session.lock(session.fetch(Circular, item.circular.id))
            if circular.state is not CircularState.PUBLISHED:
                return None
            deliver_piece(
                session, circular, item.enterprise_ids[first : first + PIECE], actor=portal
            )
    return item


def _finish(session: ChamberSession, worked: ToDeliver | None, **_ids: str) -> None:
    if worked is not None:
        end_delivery(session, worked.circular)


register(Task("deliver_circular", _finish, prepare=_prepare, work=_work))
