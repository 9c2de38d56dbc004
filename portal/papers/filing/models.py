"""The trays into which every act files its own paper."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import Department
from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.papers.issuing.models import Retention
from portal.tenancy.loose import refers_loosely
from portal.tenancy.models import ChamberOwned, belongs_to, owned_key


class RecordState(Labelled):
    """Where an archived document stands; the archive takes it further."""

    CANDIDATE = "candidate", N_("to be filed")


@refers_loosely("origin")
class FiledPaper(ChamberOwned, Base):
    """A candidate for the archive (待归档) in a department's tray.

    Its origin may be of any table (a loose reference).
    """

    __tablename__ = "filed_paper"

    department_id: Mapped[uuid.UUID]
    title: Mapped[str] = mapped_column(sa.String(200))
    author: Mapped[str] = mapped_column(sa.String(120))
    year: Mapped[int]
    retention: Mapped[Retention] = mapped_column(choice(Retention, "retention"))
    state: Mapped[RecordState] = mapped_column(
        choice(RecordState, "state"), default=RecordState.CANDIDATE
    )
    origin_type: Mapped[str] = mapped_column(sa.String(40))
    origin_id: Mapped[uuid.UUID]
    paper_id: Mapped[uuid.UUID]
    filed_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "origin_type", "origin_id", "paper_id"),
        owned_key("department_id", "department"),
        owned_key("paper_id", "issued_paper"),
        sa.Index("ix_filed_paper_tray", "chamber_id", "department_id", "filed_at"),
    )
    department: Mapped[Department] = belongs_to(
        "FiledPaper", "department_id", "Department", viewonly=True
    )
