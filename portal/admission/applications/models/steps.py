"""The review chain, the steps of an application, and their decisions."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import Department
from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.governance.bodies.models import VotingRule
from portal.tenancy.fences import append_only
from portal.tenancy.loose import may_be_gone
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key

ADMISSION = "admission"
"""The kind of the matters that applications bring before a body."""


class StepKind(Labelled):
    """Who decides a step."""

    DEPARTMENT = "department", N_("department")
    COUNCIL = "council", N_("a body, by a vote")
    NOTICE = "notice", N_("public notice")


class ReviewRule(VotingRule):
    """What a step needs: a department; a body such as the council, with quorum and majority.

    Or a public notice (公示).

    `days` is how long a notice stands, and for the others within how many days they should decide
    (none: no deadline).
    """

    position: Mapped[int]
    kind: Mapped[StepKind] = mapped_column(choice(StepKind, "kind"))
    name_zh: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    department_id: Mapped[uuid.UUID | None]
    body_id: Mapped[uuid.UUID | None]
    days: Mapped[int | None]


@may_be_gone
class ChainStep(ReviewRule, ChamberOwned, Base):
    """A step of the chamber's review chain, copied to each application at submission."""

    __tablename__ = "chain_step"
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "position"),
        owned_key("department_id", "department"),
        owned_key("body_id", "body"),
    )
    department: Mapped[Department | None] = belongs_to(
        "ChainStep", "department_id", "Department", viewonly=True
    )


class StepState(Labelled):
    """Where a step of one application stands."""

    WAITING = "waiting", N_("not yet its turn")
    OPEN = "open", N_("waiting for the decision")
    PASSED = "passed", N_("approved")
    FAILED = "failed", N_("rejected")


STEP_MOVES: dict[StepState, frozenset[StepState]] = {
    StepState.WAITING: frozenset({StepState.OPEN}),
    StepState.OPEN: frozenset({StepState.PASSED, StepState.FAILED}),
    StepState.PASSED: frozenset(),
    StepState.FAILED: frozenset(),
}


class ApplicationStep(ReviewRule, ChamberOwned, Base):
    """One step of one application, as the chain was when it was submitted.

    `due_on` is its deadline, or the last day of its notice, once it is open.
    """

    __tablename__ = "application_step"

    application_id: Mapped[uuid.UUID]
    state: Mapped[StepState] = mapped_column(choice(StepState, "state"), default=StepState.WAITING)
    opened_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    due_on: Mapped[dt.date | None]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "application_id", "position"),
        owned_key("application_id", "application"),
        owned_key("department_id", "department"),
        owned_key("body_id", "body"),
        sa.Index("ix_application_step_queue", "chamber_id", "state", "kind", "opened_at"),
        sa.Index("ix_application_step_due", "chamber_id", "state", "due_on"),
    )
    department: Mapped[Department | None] = belongs_to(
        "ApplicationStep", "department_id", "Department", viewonly=True
    )
    decision: Mapped["StepDecision | None"] = has_many(
        "ApplicationStep", "StepDecision", "step_id", uselist=False, viewonly=True
    )


@append_only
class StepDecision(ChamberOwned, Base):
    """Who decided a step, when, how and why; a council's with its meeting and counts."""

    __tablename__ = "step_decision"

    step_id: Mapped[uuid.UUID]
    approved: Mapped[bool]
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    person_id: Mapped[uuid.UUID | None]
    person_name: Mapped[str] = mapped_column(sa.String(120))
    post_id: Mapped[uuid.UUID | None]
    acting: Mapped[bool] = mapped_column(default=False)
    decided_at: Mapped[dt.datetime] = mapped_column(Instant)
    meeting_on: Mapped[dt.date | None]
    entitled: Mapped[int | None]
    present: Mapped[int | None]
    in_favour: Mapped[int | None]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "step_id"),
        owned_key("step_id", "application_step"),
        owned_key("person_id", "person"),
        owned_key("post_id", "appointment"),
        sa.CheckConstraint("approved = true OR reason <> ''", name="rejection_has_reason"),
    )
