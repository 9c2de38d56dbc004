"""Forms that somebody has begun to fill in."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import JSON, Base, Instant
from portal.tenancy.loose import GONE, may_be_gone
from portal.tenancy.models import ChamberOwned


@may_be_gone
class ApplicationDraft(ChamberOwned, Base):
    """What stands in a form that was not sent yet.

    It reserves nothing and is thrown away after thirty days.

    `fields` holds each field's value with its revision, `rivals` what one tab wrote over another's
    words, newest last. `word_hash` is the SHA-256 of the word in the cookie and the mailed link,
    which opens it anywhere; the page that holds `form_key` saves into it.
    """

    __tablename__ = "application_draft"

    form_key: Mapped[uuid.UUID]
    word_hash: Mapped[str] = mapped_column(sa.String(64))
    fields: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON, default=dict)
    rivals: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    saved_at: Mapped[dt.datetime] = mapped_column(Instant)
    mailed_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "form_key"),
        sa.UniqueConstraint("chamber_id", "word_hash"),
        sa.Index("ix_application_draft_saved", "chamber_id", "saved_at"),
    )

    @property
    def revisions(self) -> dict[str, int]:
        """The revision of each field."""
        return {name: kept["revision"] for name, kept in self.fields.items()}


GONE.add("application_form")
"""What was uploaded for a form refers to it before it is sent, and it may never be."""
