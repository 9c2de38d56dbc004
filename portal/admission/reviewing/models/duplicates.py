"""Enterprises that an applicant may be already; a person decides."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.members.enterprises.models import Enterprise
from portal.tenancy.fences import append_only
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class DuplicateGround(Labelled):
    """Why two enterprises may be one."""

    USCC = "uscc", N_("the same code")
    NAME = "name", N_("the same name")
    PINYIN = "pinyin", N_("a name that sounds the same")


class PossibleDuplicate(ChamberOwned, Base):
    """An enterprise the chamber knew when an application came that may be the applicant's.

    Open until it has its decision.
    """

    __tablename__ = "possible_duplicate"

    application_id: Mapped[uuid.UUID]
    enterprise_id: Mapped[uuid.UUID]
    ground: Mapped[DuplicateGround] = mapped_column(choice(DuplicateGround, "ground"))
    found_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "application_id", "enterprise_id"),
        owned_key("application_id", "application"),
        owned_key("enterprise_id", "enterprise"),
    )
    enterprise: Mapped[Enterprise] = belongs_to(
        "PossibleDuplicate", "enterprise_id", "Enterprise", viewonly=True
    )
    decision: Mapped["DuplicateDecision | None"] = has_many(
        "PossibleDuplicate", "DuplicateDecision", "duplicate_id", uselist=False, viewonly=True
    )


@append_only
class DuplicateDecision(ChamberOwned, Base):
    """Whether the applicant is that enterprise, who says so and why."""

    __tablename__ = "duplicate_decision"

    duplicate_id: Mapped[uuid.UUID]
    same: Mapped[bool]
    reason: Mapped[str] = mapped_column(sa.String(500))
    decided_by: Mapped[str] = mapped_column(sa.String(120))
    decided_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "duplicate_id"),
        owned_key("duplicate_id", "possible_duplicate"),
        sa.CheckConstraint("reason <> ''", name="has_reason"),
    )
