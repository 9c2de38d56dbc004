"""Resolutions (决议): what a body decided."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.acts import Act
from portal.foundation.database import Base, Instant
from portal.foundation.labels import N_
from portal.governance.bodies.models import Body
from portal.papers.issuing.models import Keeping, PaperKind, Retention
from portal.tenancy.actor import FINANCE, MEMBERSHIP, OFFICE
from portal.tenancy.fences import append_only
from portal.tenancy.loose import refers_loosely
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class ResolutionAction(Act):
    """Acts on resolutions, as the audit names them."""

    RESOLUTION_ADOPTED = "resolution.adopted", N_("Resolution adopted")
    RESOLUTION_PUBLISHED = "resolution.published", N_("Resolution published")
    RESOLUTIONS_EXPORTED = "resolutions.exported", N_("Resolutions exported")


class ResolutionPaper(PaperKind):
    """Papers of resolutions."""

    RESOLUTION = (
        "resolution",
        N_("Resolution"),
        Keeping((MEMBERSHIP, OFFICE, FINANCE), False, OFFICE, Retention.PERMANENT),
    )


@refers_loosely("origin")
@append_only
class Resolution(ChamberOwned, Base):
    """What a body decided, on which day, and by which counts; never changed.

    Another resolution follows.

    `origin` is what it came from, loosely: a meeting, a dues schedule, or the body itself where it
    was entered by hand. One without a number was adopted before resolutions were numbered.
    """

    __tablename__ = "resolution"

    number: Mapped[str | None] = mapped_column(sa.String(20))
    body_id: Mapped[uuid.UUID]
    title: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    adopted_on: Mapped[dt.date]
    secret_ballot: Mapped[bool] = mapped_column(default=False)
    entitled: Mapped[int | None]
    present: Mapped[int | None]
    in_favour: Mapped[int | None]
    origin_type: Mapped[str] = mapped_column(sa.String(40))
    origin_id: Mapped[uuid.UUID]
    entered_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "number"),
        owned_key("body_id", "body"),
        sa.Index("ix_resolution_newest", "chamber_id", "adopted_on", "id"),
        sa.Index("ix_resolution_origin", "chamber_id", "origin_id"),
    )
    body: Mapped[Body] = belongs_to("Resolution", "body_id", "Body", viewonly=True)
    publication: Mapped["ResolutionPublication | None"] = has_many(
        "Resolution", "ResolutionPublication", "resolution_id", uselist=False, viewonly=True
    )


@append_only
class ResolutionPublication(ChamberOwned, Base):
    """When a resolution was published to all members, and by whom."""

    __tablename__ = "resolution_publication"

    resolution_id: Mapped[uuid.UUID]
    published_at: Mapped[dt.datetime] = mapped_column(Instant)
    published_by: Mapped[str] = mapped_column(sa.String(120))
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "resolution_id"),
        owned_key("resolution_id", "resolution"),
    )
