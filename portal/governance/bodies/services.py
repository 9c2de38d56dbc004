"""Bodies: added, changed, seated, retired."""

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.governance.bodies.models import Body, BodyAction, BodySeat, MajorityBase
from portal.governance.bodies.policies import may_keep_bodies
from portal.governance.bodies.queries import list_bodies
from portal.governance.bodies.rules import BODIES
from portal.members.offices.models import Office
from portal.tenancy.actor import Actor
from portal.tenancy.counters import hold
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class BodyPlan:
    """A body as it is entered: its names, its quorum of all entitled, and its majority."""

    name_zh: str
    name_en: str
    quorum_num: int = 2
    quorum_den: int = 3
    pass_num: int = 2
    pass_den: int = 3
    pass_base: MajorityBase = MajorityBase.PRESENT
    strict: bool = False


def open_bodies(session: ChamberSession) -> None:
    """Gives a new chamber its assembly and its council."""
    for position, (code, name_zh, name_en, quorum, majority) in enumerate(BODIES, 1):
        session.add(
            Body(
                code=code,
                position=position,
                **asdict(BodyPlan(name_zh, name_en, *quorum, *majority)),
            )
        )
    session.flush()


def add_body(session: ChamberSession, plan: BodyPlan, *, actor: Actor) -> Body:
    """Adds a body at the end of the chamber's list.

    NotPermitted; InvalidInput where there is one of this name, or a fraction is none. **Locks**
    their latch.
    """
    guard(may_keep_bodies, actor)
    hold(session, "body")
    _check(session, plan)
    body = Body(position=len(list_bodies(session, retired=True)) + 1, **asdict(plan))
    session.add(body)
    record(session, BodyAction.BODY_ADDED, body, actor=actor, name=plan.name_zh)
    return body


def change_body(session: ChamberSession, body: Body, plan: BodyPlan, *, actor: Actor) -> None:
    """Other names or another rule, for matters that are brought from now on.

    Those under way keep theirs.

    NotPermitted; InvalidInput as add_body. **Locks** their latch, then the body.
    """
    guard(may_keep_bodies, actor)
    hold(session, "body")
    body = session.lock(body)
    _check(session, plan, body)
    for name, value in asdict(plan).items():
        setattr(body, name, value)
    record(session, BodyAction.BODY_CHANGED, body, actor=actor, **asdict(plan))


def seat_offices(
    session: ChamberSession, body: Body, offices: Iterable[Office], *, actor: Actor
) -> None:
    """Says whose holders sit in a body, from now on.

    The list of a meeting that is called already stays.

    NotPermitted; Refused for the assembly, in which every member sits. **Locks** the body.
    """
    guard(may_keep_bodies, actor)
    body = session.lock(body)
    if body.is_assembly:
        raise Refused(N_("Every member sits in the assembly."))
    wanted: dict[uuid.UUID, Office] = {office.id: office for office in offices}
    session.execute(sa.delete(BodySeat).where(BodySeat.body_id == body.id))
    session.add_all(BodySeat(body_id=body.id, office_id=office_id) for office_id in sorted(wanted))
    names = [office.name_zh for office in wanted.values()]
    record(session, BodyAction.OFFICES_SEATED, body, actor=actor, offices=names)


def seat_office(
    session: ChamberSession, office: Office, bodies: Iterable[Body], *, actor: Actor
) -> None:
    """Seats the holders of a new office in these bodies, beside who sits there.

    Refuses as seat_offices; **locks** the bodies, sorted.
    """
    guard(may_keep_bodies, actor)
    for body in sorted(bodies, key=lambda body: body.id):
        seated = sa.select(Office).join(BodySeat, BodySeat.office_id == Office.id)
        present = session.scalars(seated.where(BodySeat.body_id == session.lock(body).id)).all()
        seat_offices(session, body, [*present, office], actor=actor)


def retire_body(session: ChamberSession, body: Body, *, actor: Actor) -> None:
    """Closes a body: it is called to no further meeting. NotPermitted.

    Refused for assembly and council. **Locks** the body.
    """
    guard(may_keep_bodies, actor)
    body = session.lock(body)
    if body.code is not None:
        raise Refused(N_("Every chamber has its assembly and its council."))
    if body.retired_at is None:
        body.retired_at = session.now()
        record(session, BodyAction.BODY_RETIRED, body, actor=actor, name=body.name_zh)


def _check(session: ChamberSession, plan: BodyPlan, known: Body | None = None) -> None:
    for other in list_bodies(session, retired=True):
        if other.name_zh == plan.name_zh and other is not known:
            raise InvalidInput("name_zh", N_("There is a body of this name."))
    if not 0 < plan.quorum_num <= plan.quorum_den:
        raise InvalidInput("quorum_num", N_("The quorum is a fraction between 0 and 1."))
    if not 0 < plan.pass_num <= plan.pass_den:
        raise InvalidInput("pass_num", N_("The majority is a fraction between 0 and 1."))
