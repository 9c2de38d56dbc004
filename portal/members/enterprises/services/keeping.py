"""What colleagues keep beside an enterprise.

Notes, tags, and its history from before the portal.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from portal.audit.record import record
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.members.enterprises.models import (
    Enterprise,
    EnterpriseNote,
    EnterpriseTag,
    PastEvent,
    Tag,
)
from portal.members.enterprises.policies import may_keep_roll, may_see_roll
from portal.members.enterprises.services.identity import EnterpriseAction
from portal.tenancy.actor import MEMBERSHIP, Actor
from portal.tenancy.bulk import CHUNK, insert_rows
from portal.tenancy.counters import hold
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def write_enterprise_note(
    session: ChamberSession, enterprise: Enterprise, body: str, *, actor: Actor
) -> EnterpriseNote:
    """Adds a note that colleagues see and the enterprise does not. NotPermitted.

    InvalidInput where it is empty.
    """
    guard(may_see_roll, actor)
    if not body.strip():
        raise InvalidInput("body", N_("Please fill this in."))
    note = EnterpriseNote(
        enterprise_id=enterprise.id,
        body=body.strip(),
        written_by=actor.name,
        written_at=session.now(),
    )
    session.add(note)
    record(session, EnterpriseAction.NOTED, enterprise, actor=actor, department=MEMBERSHIP)
    return note


def tag_enterprises(
    session: ChamberSession, enterprise_ids: Sequence[uuid.UUID], name: str, *, actor: Actor
) -> int:
    """Gives enterprises a tag, made where new; returns how many did not carry it yet.

    NotPermitted; InvalidInput where the tag has no name.
    """
    tag = _tag(session, name, actor=actor)
    known = set(
        session.scalars(
            sa.select(EnterpriseTag.enterprise_id).where(EnterpriseTag.tag_id == tag.id)
        )
    )
    added = [
        enterprise_id
        for enterprise_id in dict.fromkeys(enterprise_ids)
        if enterprise_id not in known
    ]
    insert_rows(
        session,
        EnterpriseTag,
        ({"tag_id": tag.id, "enterprise_id": enterprise_id} for enterprise_id in added),
    )
    record(
        session,
        EnterpriseAction.TAGGED,
        tag,
        actor=actor,
        department=MEMBERSHIP,
        name=tag.name,
        count=len(added),
    )
    return len(added)


def untag_enterprises(
    session: ChamberSession, enterprise_ids: Sequence[uuid.UUID], name: str, *, actor: Actor
) -> int:
    """Takes a tag off enterprises; returns how many carried it.

    A tag that nobody carries is gone. Refuses as tag_enterprises.
    """
    tag = _tag(session, name, actor=actor)
    taken = 0
    for first in range(0, len(enterprise_ids), CHUNK):
        part = enterprise_ids[first : first + CHUNK]
        done = session.execute(
            sa.delete(EnterpriseTag).where(
                EnterpriseTag.tag_id == tag.id, EnterpriseTag.enterprise_id.in_(part)
            )
        )
        taken += done.rowcount  # type: ignore[attr-defined]
    record(
        session,
        EnterpriseAction.UNTAGGED,
        tag,
        actor=actor,
        department=MEMBERSHIP,
        name=tag.name,
        count=taken,
    )
    if (
        session.scalars(
            sa.select(EnterpriseTag.id).where(EnterpriseTag.tag_id == tag.id).limit(1)
        ).first()
        is None
    ):
        session.execute(sa.delete(Tag).where(Tag.id == tag.id))
    return taken


def enter_history(
    session: ChamberSession,
    enterprise: Enterprise,
    events: Iterable[tuple[dt.date, str]],
    *,
    actor: Actor,
) -> int:
    """Writes down what happened before the portal, day by day; returns how many entries.

    NotPermitted.
    """
    guard(may_keep_roll, actor)
    count = insert_rows(
        session,
        PastEvent,
        (
            {
                "enterprise_id": enterprise.id,
                "happened_on": on,
                "wording": wording,
                "entered_by": actor.name,
            }
            for on, wording in events
        ),
    )
    if count:
        record(
            session,
            EnterpriseAction.HISTORY_ENTERED,
            enterprise,
            actor=actor,
            department=MEMBERSHIP,
            count=count,
        )
    return count


def _tag(session: ChamberSession, name: str, *, actor: Actor) -> Tag:
    guard(may_keep_roll, actor)
    name = " ".join(name.split())
    if not 0 < len(name) <= 30:
        raise InvalidInput("tag", N_("A tag has 1 to 30 signs."))
    hold(session, "tags")
    tag = session.scalars(sa.select(Tag).where(Tag.name == name)).one_or_none()
    if tag is None:
        tag = Tag(name=name)
        session.add(tag)
        session.flush()
    return tag
