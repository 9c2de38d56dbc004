"""The documents an applicant has to read, and that it did."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base, Instant
from portal.tenancy.fences import append_only
from portal.tenancy.models import ChamberOwned, owned_key


class RequiredDocument(ChamberOwned, Base):
    """A version of a document that an applicant must have read, such as the charter (章程).

    A new version is a new row.
    """

    __tablename__ = "required_document"

    title_zh: Mapped[str] = mapped_column(sa.String(120))
    title_en: Mapped[str] = mapped_column(sa.String(160))
    version: Mapped[str] = mapped_column(sa.String(40))
    body: Mapped[str] = mapped_column(sa.Text)
    published_at: Mapped[dt.datetime] = mapped_column(Instant)
    retired_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (sa.UniqueConstraint("chamber_id", "title_zh", "version"),)

    @property
    def versioned(self) -> str:
        """Its title with its version."""
        return f"{self.title_zh} {self.version}"


@append_only
class Acknowledgement(ChamberOwned, Base):
    """The applicant has read this version and accepts it."""

    __tablename__ = "acknowledgement"

    application_id: Mapped[uuid.UUID]
    document_id: Mapped[uuid.UUID]
    acknowledged_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "application_id", "document_id"),
        owned_key("application_id", "application"),
        owned_key("document_id", "required_document"),
    )
