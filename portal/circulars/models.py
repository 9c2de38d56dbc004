"""Notices to members (通知公告).

Written, published to all or to a part of the roll, read or not.
"""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.acts import Act
from portal.files.models import StoredFile
from portal.foundation.database import JSON, Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.jobs.mail_kinds import MailKind
from portal.members.enterprises.models import Enterprise
from portal.tenancy.fences import append_only
from portal.tenancy.loose import may_be_gone
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class CircularAction(Act):
    """Acts on notices."""

    WRITTEN = "circular.written", N_("Notice to members written")
    CHANGED = "circular.changed", N_("Notice to members changed")
    DISCARDED = "circular.discarded", N_("Draft of a notice thrown away")
    PUBLISHED = "circular.published", N_("Notice to members published")
    WITHDRAWN = "circular.withdrawn", N_("Notice to members withdrawn")


class CircularMail(MailKind):
    """Mails of notices."""

    NOTICE = "circulars/notice", N_("Notice to members")


class CircularState(Labelled):
    """A notice's way."""

    DRAFT = "draft", N_("draft")
    PUBLISHED = "published", N_("published")
    WITHDRAWN = "withdrawn_notice", N_("withdrawn")


CIRCULAR_MOVES: dict[CircularState, frozenset[CircularState]] = {
    CircularState.DRAFT: frozenset({CircularState.PUBLISHED}),
    CircularState.PUBLISHED: frozenset({CircularState.WITHDRAWN}),
    CircularState.WITHDRAWN: frozenset(),
}


@may_be_gone
class Circular(ChamberOwned, Base):
    """A notice. `audience` narrows the roll (empty: all members).

    `is_public` shows it on the home page too.

    `total` and `delivered` count the enterprises it goes to and those that the worker has reached.
    """

    __tablename__ = "circular"

    title: Mapped[str] = mapped_column(sa.String(120))
    body: Mapped[str] = mapped_column(sa.Text)
    audience: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_public: Mapped[bool] = mapped_column(default=False)
    by_mail: Mapped[bool] = mapped_column(default=True)
    state: Mapped[CircularState] = mapped_column(
        choice(CircularState, "state"), default=CircularState.DRAFT
    )
    written_by: Mapped[str] = mapped_column(sa.String(120))
    written_at: Mapped[dt.datetime] = mapped_column(Instant)
    published_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    total: Mapped[int] = mapped_column(default=0)
    delivered: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        sa.CheckConstraint("state = 'draft' OR published_at IS NOT NULL", name="published_has_day"),
        sa.Index("ix_circular_newest", "chamber_id", "state", "published_at"),
    )
    files: Mapped[list["CircularFile"]] = has_many(
        "Circular", "CircularFile", "circular_id", order_by="CircularFile.id", viewonly=True
    )


class CircularFile(ChamberOwned, Base):
    """An attachment of a notice."""

    __tablename__ = "circular_file"

    circular_id: Mapped[uuid.UUID]
    file_id: Mapped[uuid.UUID]
    __table_args__ = (
        owned_key("circular_id", "circular"),
        owned_key("file_id", "stored_file"),
        sa.Index("ix_circular_file", "chamber_id", "circular_id"),
    )
    file: Mapped[StoredFile] = belongs_to("CircularFile", "file_id", "StoredFile", viewonly=True)


@append_only
class CircularRecipient(ChamberOwned, Base):
    """An enterprise to which a notice went.

    One that the audience named when the worker came to it.
    """

    __tablename__ = "circular_recipient"

    circular_id: Mapped[uuid.UUID]
    enterprise_id: Mapped[uuid.UUID]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "circular_id", "enterprise_id"),
        owned_key("circular_id", "circular"),
        owned_key("enterprise_id", "enterprise"),
        sa.Index("ix_circular_recipient_enterprise", "chamber_id", "enterprise_id", "circular_id"),
    )
    enterprise: Mapped[Enterprise] = belongs_to(
        "CircularRecipient", "enterprise_id", "Enterprise", viewonly=True
    )
    circular: Mapped[Circular] = belongs_to(
        "CircularRecipient", "circular_id", "Circular", viewonly=True
    )


@append_only
class CircularReading(ChamberOwned, Base):
    """Who of an enterprise opened a notice first, and when."""

    __tablename__ = "circular_reading"

    circular_id: Mapped[uuid.UUID]
    enterprise_id: Mapped[uuid.UUID]
    read_by: Mapped[str] = mapped_column(sa.String(120))
    read_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "circular_id", "enterprise_id"),
        owned_key("circular_id", "circular"),
        owned_key("enterprise_id", "enterprise"),
    )
