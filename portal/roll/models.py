"""What colleagues keep of the roll: views that they saved, and exports."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.acts import Act
from portal.files.models import StoredFile
from portal.foundation.database import JSON, Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.tenancy.loose import may_be_gone
from portal.tenancy.models import ChamberOwned, belongs_to, owned_key


class Standing(Labelled):
    """How an enterprise stands on a day; computed from its history, never stored."""

    NO_MEMBER = "no_member", N_("no member")
    GOOD = "good", N_("in good standing")
    ARREARS = "arrears", N_("in arrears")
    LAPSED = "lapsed", N_("lapsed")
    LEFT = "left", N_("left")


class RollAction(Act):
    """Acts on the roll."""

    VIEW_SAVED = "roll.view_saved", N_("View of the roll saved")
    VIEW_DROPPED = "roll.view_dropped", N_("Saved view of the roll removed")
    EXPORTED = "roll.exported", N_("Roll exported")
    DOWNLOADED = "roll.downloaded", N_("Export of the roll downloaded")


@may_be_gone
class SavedView(ChamberOwned, Base):
    """A way to look at the roll that a colleague named.

    What narrows it, as it stands in the address after the question mark.
    """

    __tablename__ = "saved_view"

    person_id: Mapped[uuid.UUID]
    name: Mapped[str] = mapped_column(sa.String(40))
    query: Mapped[str] = mapped_column(sa.String(2_000))
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "person_id", "name"),
        owned_key("person_id", "person"),
    )


class ExportFormat(Labelled):
    """What an export is written as."""

    XLSX = "xlsx", N_("XLSX (Excel)")
    CSV = "csv", N_("CSV")


class RollExport(ChamberOwned, Base):
    """An export of the roll that the worker writes.

    What narrows it, how far it is, and the file once it is whole.
    """

    __tablename__ = "roll_export"

    person_id: Mapped[uuid.UUID]
    format: Mapped[ExportFormat] = mapped_column(choice(ExportFormat, "format"))
    narrow: Mapped[dict[str, Any]] = mapped_column(JSON)
    language: Mapped[str] = mapped_column(sa.String(5), default="zh")
    total: Mapped[int]
    written: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[uuid.UUID | None]
    asked_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        owned_key("person_id", "person"),
        owned_key("file_id", "stored_file"),
        sa.CheckConstraint("written <= total OR file_id IS NOT NULL", name="within_total"),
        sa.Index("ix_roll_export_person", "chamber_id", "person_id", "asked_at"),
    )
    file: Mapped[StoredFile | None] = belongs_to(
        "RollExport", "file_id", "StoredFile", viewonly=True
    )
