"""Issued papers, frozen, with their renderings."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.files.models import StoredFile
from portal.foundation.database import JSON, Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.tenancy.fences import append_only
from portal.tenancy.loose import refers_loosely
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class PaperKind(Labelled):
    """The papers that the portal issues."""

    DUES_NOTICE = "dues_notice", N_("Notice of dues")
    RECEIPT = "receipt", N_("Receipt")
    CERTIFICATE = "certificate", N_("Membership certificate")
    ADMISSION = "admission", N_("Record of admission")
    CREDIT_NOTE = "credit_note", N_("Credit note")
    CANDIDATES = "candidates", N_("List of candidates")
    MINUTES = "minutes", N_("Minutes of a meeting")


class PaperStanding(Labelled):
    """What a paper is worth on a day."""

    HOLDS = "holds", N_("holds")
    NOT_YET = "not_yet", N_("not valid yet")
    EXPIRED = "expired", N_("expired")
    VOID = "void", N_("void")


@refers_loosely("subject")
@append_only
class IssuedPaper(ChamberOwned, Base):
    """A paper as it was issued: its data and its template's version, never changed. The worker renders the bytes once.

    `copy` is 0 for the original and counts its copies, which say that they are copies. `check_word` is what its QR code leads to.
    """

    __tablename__ = "issued_paper"

    kind: Mapped[PaperKind] = mapped_column(choice(PaperKind, "kind"))
    number: Mapped[str] = mapped_column(sa.String(40))
    copy: Mapped[int] = mapped_column(default=0)
    check_word: Mapped[str | None] = mapped_column(sa.String(43))
    subject_type: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[uuid.UUID]
    enterprise_id: Mapped[uuid.UUID | None]
    template_version: Mapped[int]
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    issued_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "kind", "number", "copy"),
        sa.Index("ix_issued_paper_check_word", "chamber_id", "check_word"),
        owned_key("enterprise_id", "enterprise"),
        sa.Index("ix_issued_paper_subject", "chamber_id", "subject_type", "subject_id"),
    )
    void: Mapped["PaperVoid | None"] = has_many("IssuedPaper", "PaperVoid", "paper_id", uselist=False, viewonly=True)

    def standing(self, on: dt.date) -> "PaperStanding":
        """Whether what the paper says holds on a day: a function of the day, of what it says, and of its being void."""
        if self.void is not None:
            return PaperStanding.VOID
        if "valid_from" in self.snapshot and on < dt.date.fromisoformat(self.snapshot["valid_from"]):
            return PaperStanding.NOT_YET
        if "valid_through" in self.snapshot and on > dt.date.fromisoformat(self.snapshot["valid_through"]):
            return PaperStanding.EXPIRED
        return PaperStanding.HOLDS


@append_only
class PaperVoid(ChamberOwned, Base):
    """A paper that no longer holds: when, and why. The paper itself never changes."""

    __tablename__ = "paper_void"

    paper_id: Mapped[uuid.UUID]
    reason: Mapped[str] = mapped_column(sa.String(500))
    voided_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (sa.UniqueConstraint("chamber_id", "paper_id"), owned_key("paper_id", "issued_paper"))


@append_only
class PaperRendering(ChamberOwned, Base):
    """The one rendering of a paper."""

    __tablename__ = "paper_rendering"

    paper_id: Mapped[uuid.UUID]
    file_id: Mapped[uuid.UUID]
    rendered_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "paper_id"),
        owned_key("paper_id", "issued_paper"),
        owned_key("file_id", "stored_file"),
    )
    file: Mapped[StoredFile] = belongs_to("PaperRendering", "file_id", "StoredFile", viewonly=True)


@append_only
class VoidRendering(ChamberOwned, Base):
    """The one rendering of a void paper that says so on itself (作废)."""

    __tablename__ = "void_rendering"

    paper_id: Mapped[uuid.UUID]
    file_id: Mapped[uuid.UUID]
    rendered_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "paper_id"),
        owned_key("paper_id", "issued_paper"),
        owned_key("file_id", "stored_file"),
    )
    file: Mapped[StoredFile] = belongs_to("VoidRendering", "file_id", "StoredFile", viewonly=True)
