"""Issued papers, frozen, with their renderings."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.files.models import StoredFile
from portal.foundation.database import JSON, Base, Instant
from portal.foundation.labels import N_, Labelled, make_known
from portal.tenancy.fences import append_only
from portal.tenancy.loose import refers_loosely
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class Retention(Labelled):
    """How long a document is kept (保管期限)."""

    PERMANENT = "Y", N_("permanent")
    THIRTY_YEARS = "D30", N_("30 years")
    TEN_YEARS = "D10", N_("10 years")


@dataclass(frozen=True)
class Keeping:
    """Which departments read the papers of a kind, and whether its enterprise does too.

    A kind with a `tray`, the code of a department, is filed there for its retention; the others are
    not filed.
    """

    readers: tuple[str, ...]
    enterprise_reads: bool = True
    tray: str = ""
    retention: Retention | None = None


PAPER_KINDS: dict[str, "PaperKind"] = {}
"""Every kind of paper, by the name under which papers are kept for ever."""


class PaperKind(Labelled):
    """A feature's kinds of paper derive from this and are known from then on.

    A second one of the same name fails at import.

    `NAME = "value", N_("Label"), Keeping(readers, …)`.
    """

    keeping: Keeping

    def __new__(cls, value: str, label: str, keeping: Keeping) -> "PaperKind":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.keeping = keeping
        return member

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        make_known(cls, PAPER_KINDS)


class KindOfPaper(sa.types.TypeDecorator[PaperKind]):
    """A column of kinds of paper, kept as their names."""

    impl = sa.String(40)
    cache_ok = True

    def process_bind_param(self, value: PaperKind | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> PaperKind | None:
        return None if value is None else PAPER_KINDS[value]


class PaperStanding(Labelled):
    """What a paper is worth on a day."""

    HOLDS = "holds", N_("holds")
    NOT_YET = "not_yet", N_("not valid yet")
    EXPIRED = "expired", N_("expired")
    VOID = "void", N_("void")


@refers_loosely("subject")
@append_only
class IssuedPaper(ChamberOwned, Base):
    """A paper as it was issued: its data and its template's version, never changed.

    The worker renders the bytes once.

    `copy` is 0 for the original and counts its copies, which say that they are copies. `check_word`
    is what its QR code leads to.
    """

    __tablename__ = "issued_paper"

    kind: Mapped[PaperKind] = mapped_column(KindOfPaper)
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
    void: Mapped["PaperVoid | None"] = has_many(
        "IssuedPaper", "PaperVoid", "paper_id", uselist=False, viewonly=True
    )

    def standing(self, on: dt.date) -> "PaperStanding":
        """Whether what the paper says holds on a day.

        A function of the day, of what it says, and of its being void.
        """
        if self.void is not None:
            return PaperStanding.VOID
        if "valid_from" in self.snapshot and on < dt.date.fromisoformat(
            self.snapshot["valid_from"]
        ):
            return PaperStanding.NOT_YET
        if "valid_through" in self.snapshot and on > dt.date.fromisoformat(
            self.snapshot["valid_through"]
        ):
            return PaperStanding.EXPIRED
        return PaperStanding.HOLDS


@append_only
class PaperVoid(ChamberOwned, Base):
    """A paper that no longer holds: when, and why. The paper itself never changes."""

    __tablename__ = "paper_void"

    paper_id: Mapped[uuid.UUID]
    reason: Mapped[str] = mapped_column(sa.String(500))
    voided_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "paper_id"),
        owned_key("paper_id", "issued_paper"),
    )


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
