"""Stored bytes, and the pictures that the worker makes of uploads."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base, Instant
from portal.tenancy.loose import refers_loosely
from portal.tenancy.models import ChamberOwned, owned_key


@refers_loosely("owner")
class StoredFile(ChamberOwned, Base):
    """Bytes under a generated key.

    `owner_type` and `owner_id` name what they belong to (a loose reference).
    """

    __tablename__ = "stored_file"

    key: Mapped[str] = mapped_column(sa.String(120))
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    owner_type: Mapped[str] = mapped_column(sa.String(40))
    owner_id: Mapped[uuid.UUID]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "key"),
        sa.Index("ix_stored_file_owner", "chamber_id", "owner_type", "owner_id"),
    )


class Preview(ChamberOwned, Base):
    """A page of an upload as a picture of our own making.

    Or, of one that cannot be shown within its limits, why.
    """

    __tablename__ = "preview"

    file_id: Mapped[uuid.UUID]
    page: Mapped[int]
    picture_id: Mapped[uuid.UUID | None]
    fault: Mapped[str] = mapped_column(sa.String(300), default="")
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "file_id", "page"),
        owned_key("file_id", "stored_file"),
        owned_key("picture_id", "stored_file", name="fk_preview_picture"),
        sa.CheckConstraint("picture_id IS NOT NULL OR fault <> ''", name="picture_or_fault"),
    )
