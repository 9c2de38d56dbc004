"""Writing an act down, in the transaction of the act itself."""

from typing import Any

from portal.audit.acts import Act
from portal.audit.models import AuditEvent
from portal.tenancy.actor import Actor
from portal.tenancy.models import ChamberOwned
from portal.tenancy.session import ChamberSession


def record(
    session: ChamberSession,
    action: Act,
    subject: ChamberOwned,
    *,
    actor: Actor,
    department: str | None = None,
    **details: Any,
) -> AuditEvent:
    """Appends the event of `action` on `subject`. `department` names the post acted under.

    Nothing secret goes into `details`.
    """
    session.flush()
    post = actor.post_in(department) if department else None
    event = AuditEvent(
        at=session.now(),
        action=action.value,
        subject_type=subject.__tablename__,  # type: ignore[attr-defined]
        subject_id=subject.id,
        actor_kind=actor.kind.value,
        actor_id=actor.person_id or actor.application_id,
        actor_name=actor.name[:120],
        post_id=post.id if post else None,
        acting=post.acting if post else False,
        details={
            key: value if isinstance(value, int | str | bool | None | list | dict) else str(value)
            for key, value in details.items()
        },
    )
    session.add(event)
    return event
