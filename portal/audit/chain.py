"""The hash chain: events are sealed in batches.

Anyone can check that none was changed or removed.
"""

import datetime as dt
import hashlib
import json
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from portal.audit.models import AuditEvent, AuditSeal
from portal.tenancy.counters import hold
from portal.tenancy.session import ChamberSession

BATCH = 500
GENESIS = "0" * 64


@dataclass(frozen=True)
class ChainReport:
    """What a check of the chain found."""

    sealed: int
    unsealed: int
    broken_at: int | None


def seal_events(session: ChamberSession) -> int:
    """Seals up to BATCH events into the chamber's chain; returns how many.

    Sealing is one at a time per chamber.
    """
    hold(session, "audit seal")
    last = session.scalars(sa.select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()
    number, running = (last.number, last.hash) if last else (0, GENESIS)
    events = session.scalars(_unsealed().order_by(AuditEvent.id).limit(BATCH)).all()
    for event in events:
        number += 1
        running = _hash(running, number, event)
        session.add(AuditSeal(number=number, event_id=event.id, hash=running))
    session.flush()
    return len(events)


def check_chain(session: ChamberSession) -> ChainReport:
    """Recomputes the whole chain in batches; `broken_at` is the first number that does not fit."""
    running, number, broken = GENESIS, 0, None
    while broken is None:
        rows = session.execute(
            sa.select(AuditSeal, AuditEvent)
            .join(AuditEvent, AuditEvent.id == AuditSeal.event_id)
            .where(AuditSeal.number > number)
            .order_by(AuditSeal.number)
            .limit(BATCH)
        ).all()
        if not rows:
            break
        for seal, event in rows:
            number += 1
            running = _hash(running, number, event)
            if seal.number != number or seal.hash != running:
                broken = number
                break
        session.expunge_all()
    seals = session.scalar(sa.select(sa.func.count()).select_from(AuditSeal)) or 0
    if broken is None and seals != number:
        broken = number + 1
    return ChainReport(
        seals,
        session.scalar(sa.select(sa.func.count()).select_from(_unsealed().subquery())) or 0,
        broken,
    )


def unsealed_before(session: ChamberSession, at: dt.datetime) -> int:
    """How many events that happened before an instant wait for their seal still."""
    return (
        session.scalar(
            sa.select(sa.func.count()).select_from(_unsealed().where(AuditEvent.at < at).subquery())
        )
        or 0
    )


def _unsealed() -> sa.Select[AuditEvent]:
    sealed = sa.select(AuditSeal.id).where(AuditSeal.event_id == AuditEvent.id).exists()
    return sa.select(AuditEvent).where(~sealed)


def _hash(previous: str, number: int, event: AuditEvent) -> str:
    body = {
        "previous": previous,
        "number": number,
        "id": _text(event.id),
        "at": event.at.isoformat(),
        "action": event.action,
        "subject": [event.subject_type, _text(event.subject_id)],
        "actor": [
            event.actor_kind,
            _text(event.actor_id),
            event.actor_name,
            _text(event.post_id),
            event.acting,
        ],
        "details": event.details,
    }
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _text(id: uuid.UUID | None) -> str:
    return "" if id is None else str(id)
