"""What reviewers keep beside an application: notes, the checklist, and who works on it."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base, Instant
from portal.tenancy.fences import append_only
from portal.tenancy.models import ChamberOwned, owned_key


@append_only
class ApplicationNote(ChamberOwned, Base):
    """An internal note on an application. The applicant never sees it."""

    __tablename__ = "application_note"

    application_id: Mapped[uuid.UUID]
    body: Mapped[str] = mapped_column(sa.String(2_000))
    written_by: Mapped[str] = mapped_column(sa.String(120))
    written_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        owned_key("application_id", "application"),
        sa.CheckConstraint("body <> ''", name="has_words"),
        sa.Index("ix_application_note_application", "chamber_id", "application_id"),
    )


class ChecklistItem(ChamberOwned, Base):
    """A point that the chamber's reviewers check in each application.

    A retired one is asked no more; its ticks stay.
    """

    __tablename__ = "checklist_item"

    title_zh: Mapped[str] = mapped_column(sa.String(120))
    title_en: Mapped[str] = mapped_column(sa.String(160))
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (sa.UniqueConstraint("chamber_id", "title_zh"),)


class ChecklistTick(ChamberOwned, Base):
    """A point of the checklist was checked in an application, by whom and when.

    Taking the tick back deletes the row; the audit keeps both.
    """

    __tablename__ = "checklist_tick"

    application_id: Mapped[uuid.UUID]
    item_id: Mapped[uuid.UUID]
    ticked_by: Mapped[str] = mapped_column(sa.String(120))
    ticked_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "application_id", "item_id"),
        owned_key("application_id", "application"),
        owned_key("item_id", "checklist_item"),
    )


@append_only
class Handover(ChamberOwned, Base):
    """An application passed from one colleague to another (交接).

    `from_name` is empty where it was claimed.
    """

    __tablename__ = "handover"

    application_id: Mapped[uuid.UUID]
    from_name: Mapped[str] = mapped_column(sa.String(120), default="")
    to_person_id: Mapped[uuid.UUID | None]
    to_name: Mapped[str] = mapped_column(sa.String(120), default="")
    words: Mapped[str] = mapped_column(sa.String(500), default="")
    handed_by: Mapped[str] = mapped_column(sa.String(120))
    handed_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        owned_key("application_id", "application"),
        owned_key("to_person_id", "person"),
        sa.Index("ix_handover_application", "chamber_id", "application_id"),
    )
