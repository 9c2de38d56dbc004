"""The chamber, the mixin that makes a table its property, and its counters."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.foundation.clock import SHANGHAI
from portal.foundation.database import Base, Instant
from portal.foundation.ids import new_id
from portal.tenancy.loose import refers_loosely


class Chamber(Base):
    """One tenant. Global: found by host before any session of its own is open."""

    __tablename__ = "chamber"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[dt.datetime] = mapped_column(Instant)


class ChamberTagged:
    """A global table whose rows name their chamber; a chamber's session sees its own rows only."""

    chamber_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("chamber.id"), index=True)


class ChamberOwned:
    """A table behind the wall.

    Key (chamber_id, id), fenced in the ORM and by row-level security.
    """

    chamber_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("chamber.id"), primary_key=True, sort_order=-20
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class ChamberDomain(ChamberTagged, Base):
    """A host name of the chamber's own."""

    __tablename__ = "chamber_domain"

    host: Mapped[str] = mapped_column(sa.String(253), primary_key=True)


class Installation(Base):
    """The installation itself, one row.

    A word sealed with its key, by which a wrong one is noticed at start. Global.
    """

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    canary: Mapped[str] = mapped_column(sa.String(300))
    fingerprint: Mapped[str] = mapped_column(sa.String(12))
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)


class Counter(ChamberOwned, Base):
    """The last number given under a name.

    Locked while the next is taken, so that numbers have no gap.
    """

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(sa.String(60))
    value: Mapped[int] = mapped_column(default=0)
    __table_args__ = (sa.UniqueConstraint("chamber_id", "name"),)


@refers_loosely("subject")
class SearchToken(ChamberOwned, Base):
    """One token under which a subject is found.

    The subject may be of any table (a loose reference).
    """

    __tablename__ = "search_token"

    subject_type: Mapped[str] = mapped_column(sa.String(30))
    subject_id: Mapped[uuid.UUID]
    token: Mapped[str] = mapped_column(sa.String(24))
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "subject_type", "token", "subject_id"),
        sa.Index("ix_search_token_subject", "chamber_id", "subject_type", "subject_id"),
    )


def owned_key(column: str, target: str, *, name: str | None = None) -> sa.ForeignKeyConstraint:
    """The composite foreign key (chamber_id, column) → target(chamber_id, id)."""
    return sa.ForeignKeyConstraint(
        ["chamber_id", column], [f"{target}.chamber_id", f"{target}.id"], name=name
    )


def belongs_to(owner: str, column: str, target: str, **options: Any) -> Any:
    """A relationship from `owner.column` to `target` inside the chamber.

    Nothing but the session writes chamber_id.
    """
    return relationship(
        target,
        primaryjoin=f"and_(foreign({owner}.{column}) == {target}.id, {owner}.chamber_id == "
        f"{target}.chamber_id)",
        **options,
    )


def has_many(owner: str, target: str, column: str, **options: Any) -> Any:
    """The other side of belongs_to: the `target` rows whose `column` names the owner."""
    return relationship(
        target,
        primaryjoin=f"and_({owner}.id == foreign({target}.{column}), {owner}.chamber_id == "
        f"{target}.chamber_id)",
        **options,
    )


class ChamberSettings(ChamberOwned, Base):
    """What a chamber says of itself: one row, made with the chamber."""

    __tablename__ = "chamber_settings"

    name_zh: Mapped[str] = mapped_column(sa.String(120))
    name_en: Mapped[str] = mapped_column(sa.String(160))
    uscc: Mapped[str | None] = mapped_column(sa.String(18))
    colour: Mapped[str] = mapped_column(sa.String(7), default="#8c2f22")
    seal_file_id: Mapped[uuid.UUID | None]
    zone: Mapped[str] = mapped_column(sa.String(40), default=SHANGHAI)
    address: Mapped[str] = mapped_column(sa.String(200), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    introduction: Mapped[str] = mapped_column(sa.Text, default="")
    mail_sender_name: Mapped[str] = mapped_column(sa.String(120), default="")
    mail_reply_to: Mapped[str] = mapped_column(sa.String(254), default="")
    bank_account_name: Mapped[str] = mapped_column(sa.String(120), default="")
    bank_name: Mapped[str] = mapped_column(sa.String(120), default="")
    bank_account_number: Mapped[str] = mapped_column(sa.String(40), default="")
    days_to_pay: Mapped[int] = mapped_column(default=30)
    days_to_expiry: Mapped[int] = mapped_column(default=60)
    staff_need_second_factor: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id"),
        owned_key("seal_file_id", "stored_file"),
    )
