"""The review chain and the documents to acknowledge: a chamber's data."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import sqlalchemy as sa

from portal.admission.applications.models import ApplicationAction, ChainStep, StepKind
from portal.admission.applications.policies import may_edit_chain
from portal.audit.record import record
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.governance.bodies.models import COUNCIL, MajorityBase
from portal.governance.bodies.queries import body_of_code, list_bodies
from portal.tenancy.actor import Actor
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class StepPlan:
    """One step of a chain as it is entered; a vote without a body is the council's.

    `days` is how long a notice stands, or within how many days the others should decide.
    """

    kind: StepKind
    name_zh: str
    name_en: str
    department_id: uuid.UUID | None = None
    body_id: uuid.UUID | None = None
    days: int | None = None
    quorum_num: int = 2
    quorum_den: int = 3
    pass_num: int = 2
    pass_den: int = 3
    pass_base: MajorityBase = MajorityBase.PRESENT
    strict: bool = False


def set_chain(session: ChamberSession, plan: Sequence[StepPlan], *, actor: Actor) -> None:
    """Replaces the chain for applications submitted from now on; those under way keep theirs.

    NotPermitted; InvalidInput where it is empty, a department step has no department, or a fraction
    is none.
    """
    guard(may_edit_chain, actor)
    if not plan:
        raise InvalidInput("steps", N_("A chain needs at least one step."))
    for step in plan:
        if step.kind is StepKind.DEPARTMENT and step.department_id is None:
            raise InvalidInput(
                "steps", N_("Choose the department of the step “%(name)s”."), name=step.name_zh
            )
        if not (0 < step.quorum_num <= step.quorum_den and 0 < step.pass_num <= step.pass_den):
            raise InvalidInput(
                "steps",
                N_("A fraction of the step “%(name)s” is not between 0 and 1."),
                name=step.name_zh,
            )
    plan = [_of_body(session, step) for step in plan]
    session.execute(sa.delete(ChainStep))
    rows = [ChainStep(position=position, **asdict(step)) for position, step in enumerate(plan, 1)]
    session.add_all(rows)
    record(
        session,
        ApplicationAction.CHAIN_CHANGED,
        rows[0],
        actor=actor,
        steps=[step.name_zh for step in plan],
    )


def _of_body(session: ChamberSession, step: StepPlan) -> StepPlan:
    if step.kind is not StepKind.COUNCIL:
        return replace(step, body_id=None)
    if step.body_id is None:
        return replace(step, body_id=body_of_code(session, COUNCIL).id)
    if step.body_id not in {body.id for body in list_bodies(session)}:
        raise InvalidInput(
            "steps", N_("The body of the step “%(name)s” meets no more."), name=step.name_zh
        )
    return step
