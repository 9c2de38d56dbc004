"""What a colleague did lately."""

from collections.abc import Sequence

import sqlalchemy as sa

from portal.audit.models import AuditEvent
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession


def list_recent_acts(
    session: ChamberSession, actor: Actor, limit: int = 10
) -> Sequence[AuditEvent]:
    """What this colleague did last, newest first."""
    return session.scalars(
        sa.select(AuditEvent)
        .where(AuditEvent.actor_id == actor.person_id)
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    ).all()
