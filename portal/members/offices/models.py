"""Offices of the chamber, and who holds them."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base, Instant
from portal.members.enterprises.models import Enterprise
from portal.tenancy.models import ChamberOwned, belongs_to, owned_key


class Office(ChamberOwned, Base):
    """An office of the chamber (职务: 会长, 副会长, 理事 …).

    An enterprise holds it through its representative.

    A retired office is given no more. In which bodies its holders sit, the bodies say.
    """

    __tablename__ = "office"

    name_zh: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (sa.UniqueConstraint("chamber_id", "name_zh"),)


class OfficeHolding(ChamberOwned, Base):
    """An enterprise holds an office through a person, from a day to a day."""

    __tablename__ = "office_holding"

    office_id: Mapped[uuid.UUID]
    enterprise_id: Mapped[uuid.UUID]
    held_by: Mapped[str] = mapped_column(sa.String(80))
    from_on: Mapped[dt.date]
    until_on: Mapped[dt.date | None]
    __table_args__ = (
        owned_key("office_id", "office"),
        owned_key("enterprise_id", "enterprise"),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name="in_order"),
        sa.Index("ix_office_holding_enterprise", "chamber_id", "enterprise_id"),
    )
    office: Mapped[Office] = belongs_to("OfficeHolding", "office_id", "Office", viewonly=True)
    enterprise: Mapped[Enterprise] = belongs_to(
        "OfficeHolding", "enterprise_id", "Enterprise", viewonly=True
    )
