"""Grades, memberships, their certificates and public announcements."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.members.enterprises.models import Enterprise
from portal.papers.issuing.models import Keeping, PaperKind, Retention
from portal.tenancy.actor import MEMBERSHIP, OFFICE
from portal.tenancy.models import ChamberOwned, belongs_to, owned_key


class Grade(ChamberOwned, Base):
    """A grade of membership (会员等级). A retired grade takes no new members."""

    __tablename__ = "grade"

    name_zh: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (sa.UniqueConstraint("chamber_id", "name_zh"),)


class MembershipPaper(PaperKind):
    """Papers of memberships."""

    CERTIFICATE = "certificate", N_("Membership certificate"), Keeping((MEMBERSHIP, OFFICE))
    ADMISSION = (
        "admission",
        N_("Record of admission"),
        Keeping((MEMBERSHIP, OFFICE), False, MEMBERSHIP, Retention.THIRTY_YEARS),
    )


class MembershipState(Labelled):
    """The lifecycle of a membership, kept as a column; its standing is computed."""

    ACTIVE = "active", N_("active")
    LAPSED = "lapsed", N_("lapsed")
    EXITED = "exited", N_("left")


MEMBERSHIP_MOVES: dict[MembershipState, frozenset[MembershipState]] = {
    MembershipState.ACTIVE: frozenset({MembershipState.LAPSED, MembershipState.EXITED}),
    MembershipState.LAPSED: frozenset({MembershipState.ACTIVE, MembershipState.EXITED}),
    MembershipState.EXITED: frozenset(),
}


class Membership(ChamberOwned, Base):
    """From admission to exit (会籍). One open membership per enterprise, one per application.

    `paid_through` is told of a member entered by hand, whose dues until then are in no invoice of
    the portal. `lapsed_on` is the day from which it has lapsed, so that the past can be asked.
    """

    __tablename__ = "membership"

    enterprise_id: Mapped[uuid.UUID]
    grade_id: Mapped[uuid.UUID]
    application_id: Mapped[uuid.UUID | None]
    number: Mapped[str] = mapped_column(sa.String(20))
    state: Mapped[MembershipState] = mapped_column(
        choice(MembershipState, "state"), default=MembershipState.ACTIVE
    )
    joined_on: Mapped[dt.date]
    paid_through: Mapped[dt.date | None]
    lapsed_on: Mapped[dt.date | None]
    ended_on: Mapped[dt.date | None]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "number"),
        sa.UniqueConstraint("chamber_id", "application_id"),
        owned_key("enterprise_id", "enterprise"),
        owned_key("grade_id", "grade"),
        owned_key("application_id", "application"),
        sa.Index("ix_membership_enterprise", "chamber_id", "enterprise_id", "joined_on"),
        sa.Index(
            "uq_membership_open",
            "chamber_id",
            "enterprise_id",
            unique=True,
            postgresql_where=sa.text("state <> 'exited'"),
            sqlite_where=sa.text("state <> 'exited'"),
        ),
    )

    def has_ended(self, on: dt.date) -> bool:
        """Whether the enterprise has left by a day."""
        return self.state is MembershipState.EXITED and (
            self.ended_on is None or self.ended_on <= on
        )

    def has_lapsed(self, on: dt.date) -> bool:
        """Whether the membership rests by a day."""
        return self.state is MembershipState.LAPSED and (
            self.lapsed_on is None or self.lapsed_on <= on
        )

    def stands(self, on: dt.date) -> bool:
        """Whether the enterprise is a member on a day.

        Joined by then, and neither left nor lapsed.
        """
        return self.joined_on <= on and not self.has_ended(on) and not self.has_lapsed(on)

    @classmethod
    def ended_by(cls, on: dt.date) -> sa.ColumnElement[bool]:
        """`has_ended`, for a query."""
        return sa.and_(
            cls.state == MembershipState.EXITED, sa.or_(cls.ended_on.is_(None), cls.ended_on <= on)
        )

    @classmethod
    def lapsed_by(cls, on: dt.date) -> sa.ColumnElement[bool]:
        """`has_lapsed`, for a query."""
        return sa.and_(
            cls.state == MembershipState.LAPSED,
            sa.or_(cls.lapsed_on.is_(None), cls.lapsed_on <= on),
        )

    @classmethod
    def standing_on(cls, on: dt.date) -> sa.ColumnElement[bool]:
        """`stands`, for a query."""
        return sa.and_(cls.joined_on <= on, ~cls.ended_by(on), ~cls.lapsed_by(on))

    enterprise: Mapped[Enterprise] = belongs_to(
        "Membership", "enterprise_id", "Enterprise", viewonly=True
    )
    grade: Mapped[Grade] = belongs_to("Membership", "grade_id", "Grade", viewonly=True)


class Announcement(ChamberOwned, Base):
    """The public announcement of an admission."""

    __tablename__ = "announcement"

    membership_id: Mapped[uuid.UUID]
    published_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "membership_id"),
        owned_key("membership_id", "membership"),
        sa.Index("ix_announcement_newest", "chamber_id", "published_at"),
    )
    membership: Mapped[Membership] = belongs_to(
        "Announcement", "membership_id", "Membership", viewonly=True
    )
