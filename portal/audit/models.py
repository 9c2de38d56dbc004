"""What happened, by whom: rows that are only ever added, and the seals that chain them."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import JSON, Base, Instant
from portal.tenancy.fences import append_only
from portal.tenancy.loose import refers_loosely
from portal.tenancy.models import ChamberOwned, owned_key


@refers_loosely("subject")
@append_only
class AuditEvent(ChamberOwned, Base):
    """One act. The subject may be of any table (a loose reference that `portal verify` checks)."""

    __tablename__ = "audit_event"

    at: Mapped[dt.datetime] = mapped_column(Instant)
    action: Mapped[str] = mapped_column(sa.String(60))
    subject_type: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[uuid.UUID]
    actor_kind: Mapped[str] = mapped_column(sa.String(20))
    actor_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    post_id: Mapped[uuid.UUID | None]
    acting: Mapped[bool] = mapped_column(default=False)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    __table_args__ = (
        sa.Index("ix_audit_event_subject", "chamber_id", "subject_type", "subject_id"),
        sa.Index("ix_audit_event_actor", "chamber_id", "actor_id", "id"),
    )


@append_only
class AuditSeal(ChamberOwned, Base):
    """The place of one event in the chamber's hash chain.

    Number from 1, SHA-256 over the previous hash and the event.
    """

    __tablename__ = "audit_seal"

    number: Mapped[int]
    event_id: Mapped[uuid.UUID]
    hash: Mapped[str] = mapped_column(sa.String(64))
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "number"),
        sa.UniqueConstraint("chamber_id", "event_id"),
        owned_key("event_id", "audit_event"),
    )
