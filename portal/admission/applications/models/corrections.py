"""Returned for correction (补正).

What was asked field by field, and every version of what the applicant wrote; how applications end.
"""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.admission.applications.models.application import ApplicationState
from portal.foundation.database import JSON, Base, Instant, choice
from portal.tenancy.fences import append_only
from portal.tenancy.models import ChamberOwned, has_many, owned_key


class CorrectionRequest(ChamberOwned, Base):
    """Who returned an application, when, and when the applicant answered."""

    __tablename__ = "correction_request"

    application_id: Mapped[uuid.UUID]
    asked_at: Mapped[dt.datetime] = mapped_column(Instant)
    asked_by: Mapped[str] = mapped_column(sa.String(120))
    answered_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (
        owned_key("application_id", "application"),
        sa.Index("ix_correction_request_application", "chamber_id", "application_id"),
    )
    items: Mapped[list["CorrectionItem"]] = has_many(
        "CorrectionRequest",
        "CorrectionItem",
        "request_id",
        order_by="CorrectionItem.id",
        viewonly=True,
    )


@append_only
class CorrectionItem(ChamberOwned, Base):
    """A field to correct, and why."""

    __tablename__ = "correction_item"

    request_id: Mapped[uuid.UUID]
    field: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(500))
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "request_id", "field"),
        owned_key("request_id", "correction_request"),
        sa.CheckConstraint("reason <> ''", name="has_reason"),
    )


@append_only
class ApplicationVersion(ChamberOwned, Base):
    """What the applicant wrote, as it was sent.

    Number 1 at submission, one more with every correction.
    """

    __tablename__ = "application_version"

    application_id: Mapped[uuid.UUID]
    number: Mapped[int]
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "application_id", "number"),
        owned_key("application_id", "application"),
    )


@append_only
class ApplicationEnding(ChamberOwned, Base):
    """How an application ended without a decision of the chamber.

    Withdrawn or expired, by whom and when.
    """

    __tablename__ = "application_ending"

    application_id: Mapped[uuid.UUID]
    state: Mapped[ApplicationState] = mapped_column(choice(ApplicationState, "state"))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    ended_by: Mapped[str] = mapped_column(sa.String(120))
    ended_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "application_id"),
        owned_key("application_id", "application"),
    )


@append_only
class ExpiryReminder(ChamberOwned, Base):
    """A reminder that an approved application will expire.

    Sent once for each number of days before the day on which it then would.
    """

    __tablename__ = "expiry_reminder"

    application_id: Mapped[uuid.UUID]
    days_before: Mapped[int]
    expires_on: Mapped[dt.date]
    sent_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint(
            "chamber_id",
            "application_id",
            "expires_on",
            "days_before",
            name="uq_expiry_reminder_term",
        ),
        owned_key("application_id", "application"),
    )
