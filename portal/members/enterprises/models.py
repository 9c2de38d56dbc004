"""The enterprise: a company known by its USCC inside one chamber.

Its former names, history, notes and tags; amendments of its identity.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import JSON, SORTED_TEXT, Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.tenancy.fences import append_only
from portal.tenancy.loose import may_be_gone
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class EnterpriseKind(Labelled):
    """What kind of organisation it is."""

    PRIVATE = "private", N_("Private company")
    STATE_OWNED = "state_owned", N_("State-owned company")
    FOREIGN = "foreign", N_("Foreign-invested company")
    JOINT_STOCK = "joint_stock", N_("Joint-stock company")
    SOLE_TRADER = "sole_trader", N_("Sole trader")
    INSTITUTION = "institution", N_("Institution or association")


class PartyKind(Labelled):
    """What somebody is to the chamber where money is due."""

    ENTERPRISE = "enterprise", N_("Enterprise")
    GUEST = "guest", N_("Guest")
    SPONSOR = "sponsor", N_("Sponsor")
    TENANT = "tenant", N_("Tenant of the hall")


_OUTSIDE = sa.text("name <> ''")


class Party(ChamberOwned, Base):
    """Whoever owes or pays: an enterprise, which has the id of its party.

    Or somebody outside, by name.
    """

    __tablename__ = "party"

    kind: Mapped[PartyKind] = mapped_column(choice(PartyKind, "kind"))
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    __table_args__ = (
        sa.CheckConstraint("(kind = 'enterprise') = (name = '')", name="outside_has_name"),
        sa.Index(
            "uq_party_outside",
            "chamber_id",
            "kind",
            "name",
            unique=True,
            postgresql_where=_OUTSIDE,
            sqlite_where=_OUTSIDE,
        ),
    )


_ITSELF = sa.text("same_as_id IS NULL")
_ASKED = sa.text("state = 'asked'")


class Enterprise(ChamberOwned, Base):
    """A company. The member is the enterprise, never the person. `capital` in fen.

    Sorted by `pinyin_key`.

    `same_as_id` marks a record that a person found to be another one; it is kept, and counts no
    more.
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
        sa.Index(
            "uq_enterprise_uscc",
            "chamber_id",
            "uscc",
            unique=True,
            postgresql_where=_ITSELF,
            sqlite_where=_ITSELF,
        ),
        owned_key("id", "party"),
        owned_key("licence_file_id", "stored_file"),
        owned_key("same_as_id", "enterprise"),
        sa.Index("ix_enterprise_sorted", "chamber_id", "pinyin_key", "id"),
        sa.Index("ix_enterprise_name_normal", "chamber_id", "name_normal"),
    )


@dataclass(frozen=True)
class Debtor:
    """Who owes or pays, as pages and papers name them; without an enterprise somebody outside."""

    party_id: uuid.UUID
    name: str
    uscc: str = ""
    enterprise_id: uuid.UUID | None = None


def as_debtor(party: Party, enterprise: Enterprise | None) -> Debtor:
    """A party, by the name of its enterprise or its own."""
    return debtor_of(enterprise) if enterprise else Debtor(party.id, party.name)


def debtor_of(enterprise: Enterprise) -> Debtor:
    """An enterprise as one who owes or pays."""
    return Debtor(enterprise.id, enterprise.name, enterprise.uscc, enterprise.id)


@append_only
class FormerName(ChamberOwned, Base):
    """A name (曾用名) under which an enterprise was known until a day; it stays searchable."""

    __tablename__ = "former_name"

    enterprise_id: Mapped[uuid.UUID]
    name: Mapped[str] = mapped_column(sa.String(120))
    until_on: Mapped[dt.date]
    __table_args__ = (
        owned_key("enterprise_id", "enterprise"),
        sa.Index("ix_former_name_enterprise", "chamber_id", "enterprise_id"),
    )


@append_only
class EnterpriseNote(ChamberOwned, Base):
    """What colleagues tell each other about an enterprise; the enterprise does not see it."""

    __tablename__ = "enterprise_note"

    enterprise_id: Mapped[uuid.UUID]
    body: Mapped[str] = mapped_column(sa.String(2_000))
    written_by: Mapped[str] = mapped_column(sa.String(120))
    written_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        owned_key("enterprise_id", "enterprise"),
        sa.CheckConstraint("body <> ''", name="has_body"),
        sa.Index("ix_enterprise_note", "chamber_id", "enterprise_id"),
    )


@append_only
class PastEvent(ChamberOwned, Base):
    """Something of an enterprise's history from before the portal, as it was entered by hand.

    The day, and what happened.
    """

    __tablename__ = "past_event"

    enterprise_id: Mapped[uuid.UUID]
    happened_on: Mapped[dt.date]
    wording: Mapped[str] = mapped_column(sa.String(200))
    entered_by: Mapped[str] = mapped_column(sa.String(120))
    __table_args__ = (
        owned_key("enterprise_id", "enterprise"),
        sa.Index("ix_past_event_enterprise", "chamber_id", "enterprise_id"),
    )


@may_be_gone
class Tag(ChamberOwned, Base):
    """A word of the chamber's own by which enterprises are grouped (标签)."""

    __tablename__ = "tag"

    name: Mapped[str] = mapped_column(sa.String(30))
    __table_args__ = (sa.UniqueConstraint("chamber_id", "name"),)


class EnterpriseTag(ChamberOwned, Base):
    """An enterprise carries a tag."""

    __tablename__ = "enterprise_tag"

    tag_id: Mapped[uuid.UUID]
    enterprise_id: Mapped[uuid.UUID]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "enterprise_id", "tag_id"),
        owned_key("tag_id", "tag"),
        owned_key("enterprise_id", "enterprise"),
        sa.Index("ix_enterprise_tag_tag", "chamber_id", "tag_id", "enterprise_id"),
    )
    tag: Mapped[Tag] = belongs_to("EnterpriseTag", "tag_id", "Tag", viewonly=True)


class AmendmentState(Labelled):
    """The way of an amendment."""

    ASKED = "asked", N_("waiting for approval")
    APPROVED = "approved_amendment", N_("approved")
    REFUSED = "refused", N_("refused")


AMENDMENT_MOVES: dict[AmendmentState, frozenset[AmendmentState]] = {
    AmendmentState.ASKED: frozenset({AmendmentState.APPROVED, AmendmentState.REFUSED}),
    AmendmentState.APPROVED: frozenset(),
    AmendmentState.REFUSED: frozenset(),
}


class Amendment(ChamberOwned, Base):
    """A change of an enterprise's identity that one asks for and another approves.

    变更登记: name, code, legal representative, licence.

    `changes` holds, by field, what stood and what shall stand. One waits per enterprise.
    """

    __tablename__ = "amendment"

    enterprise_id: Mapped[uuid.UUID]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(sa.String(500))
    licence_file_id: Mapped[uuid.UUID | None]
    state: Mapped[AmendmentState] = mapped_column(
        choice(AmendmentState, "state"), default=AmendmentState.ASKED
    )
    asked_by: Mapped[str] = mapped_column(sa.String(120))
    asked_by_id: Mapped[uuid.UUID | None]
    asked_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        owned_key("enterprise_id", "enterprise"),
        owned_key("licence_file_id", "stored_file"),
        owned_key("asked_by_id", "person"),
        sa.Index(
            "uq_amendment_asked",
            "chamber_id",
            "enterprise_id",
            unique=True,
            postgresql_where=_ASKED,
            sqlite_where=_ASKED,
        ),
        sa.Index("ix_amendment_enterprise", "chamber_id", "enterprise_id"),
    )
    enterprise: Mapped[Enterprise] = belongs_to(
        "Amendment", "enterprise_id", "Enterprise", viewonly=True
    )
    decision: Mapped["AmendmentDecision | None"] = has_many(
        "Amendment", "AmendmentDecision", "amendment_id", uselist=False, viewonly=True
    )


@append_only
class AmendmentDecision(ChamberOwned, Base):
    """Who approved or refused an amendment, when and why."""

    __tablename__ = "amendment_decision"

    amendment_id: Mapped[uuid.UUID]
    approved: Mapped[bool]
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    decided_by: Mapped[str] = mapped_column(sa.String(120))
    decided_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "amendment_id"),
        owned_key("amendment_id", "amendment"),
        sa.CheckConstraint("approved OR reason <> ''", name="refusal_has_reason"),
    )
