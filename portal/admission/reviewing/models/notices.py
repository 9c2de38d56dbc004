"""The public notice (公示) of an application, and objections to it."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base, Instant
from portal.tenancy.fences import append_only
from portal.tenancy.models import ChamberOwned, has_many, owned_key


@append_only
class Objection(ChamberOwned, Base):
    """What somebody has against an application under public notice, as it was received.

    Open until it has its finding.
    """

    __tablename__ = "objection"

    step_id: Mapped[uuid.UUID]
    raised_by: Mapped[str] = mapped_column(sa.String(120))
    contact: Mapped[str] = mapped_column(sa.String(120), default="")
    body: Mapped[str] = mapped_column(sa.String(2_000))
    received_on: Mapped[dt.date]
    recorded_by: Mapped[str] = mapped_column(sa.String(120))
    recorded_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        owned_key("step_id", "application_step"),
        sa.CheckConstraint("body <> ''", name="has_words"),
        sa.Index("ix_objection_step", "chamber_id", "step_id"),
    )
    finding: Mapped["ObjectionFinding | None"] = has_many(
        "Objection", "ObjectionFinding", "objection_id", uselist=False, viewonly=True
    )


@append_only
class ObjectionFinding(ChamberOwned, Base):
    """What became of an objection: upheld or not, why, and who found so."""

    __tablename__ = "objection_finding"

    objection_id: Mapped[uuid.UUID]
    upheld: Mapped[bool]
    reason: Mapped[str] = mapped_column(sa.String(1_000))
    found_by: Mapped[str] = mapped_column(sa.String(120))
    found_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "objection_id"),
        owned_key("objection_id", "objection"),
        sa.CheckConstraint("reason <> ''", name="has_reason"),
    )
