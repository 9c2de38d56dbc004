"""The enterprise: a company known by its USCC inside one chamber."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import SORTED_TEXT, Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.tenancy.models import ChamberOwned, owned_key


class EnterpriseKind(Labelled):
    """What kind of organisation it is."""

    PRIVATE = "private", N_("Private company")
    STATE_OWNED = "state_owned", N_("State-owned company")
    FOREIGN = "foreign", N_("Foreign-invested company")
    JOINT_STOCK = "joint_stock", N_("Joint-stock company")
    SOLE_TRADER = "sole_trader", N_("Sole trader")
    INSTITUTION = "institution", N_("Institution or association")


_ITSELF = sa.text("same_as_id IS NULL")


class Enterprise(ChamberOwned, Base):
    """A company. The member is the enterprise, never the person. `capital` in fen; sorted by `pinyin_key`.

    `same_as_id` marks a record that a person found to be another one; it is kept, and counts no more.
    """

    __tablename__ = "enterprise"

    uscc: Mapped[str] = mapped_column(sa.String(18))
    name: Mapped[str] = mapped_column(sa.String(120))
    name_normal: Mapped[str] = mapped_column(sa.String(120))
    pinyin_key: Mapped[str] = mapped_column(SORTED_TEXT)
    kind: Mapped[EnterpriseKind] = mapped_column(choice(EnterpriseKind, "kind"))
    legal_representative: Mapped[str] = mapped_column(sa.String(80))
    capital: Mapped[int] = mapped_column(sa.BigInteger)
    industry: Mapped[str] = mapped_column(sa.String(5))
    region: Mapped[str] = mapped_column(sa.String(6))
    address: Mapped[str] = mapped_column(sa.String(200))
    licence_file_id: Mapped[uuid.UUID | None]
    same_as_id: Mapped[uuid.UUID | None]
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.Index("uq_enterprise_uscc", "chamber_id", "uscc", unique=True, postgresql_where=_ITSELF, sqlite_where=_ITSELF),
        owned_key("licence_file_id", "stored_file"),
        owned_key("same_as_id", "enterprise"),
        sa.Index("ix_enterprise_sorted", "chamber_id", "pinyin_key", "id"),
        sa.Index("ix_enterprise_name_normal", "chamber_id", "name_normal"),
    )
