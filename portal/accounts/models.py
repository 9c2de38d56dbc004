"""People of a chamber, what they are appointed to, and how they prove who they are."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.tenancy.actor import Post, Rank
from portal.tenancy.models import ChamberOwned, belongs_to, owned_key

RANK_LABELS = {
    Rank.CLERK: N_("Clerk"),
    Rank.OFFICER: N_("Officer"),
    Rank.HEAD: N_("Head"),
    Rank.SECRETARY_GENERAL: N_("Secretary-general"),
}


class Person(ChamberOwned, Base):
    """An account in one chamber. `email` is kept in lower case and is what one signs in with."""

    __tablename__ = "person"

    email: Mapped[str] = mapped_column(sa.String(254))
    name: Mapped[str] = mapped_column(sa.String(120))
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    language: Mapped[str] = mapped_column(sa.String(5), default="zh")
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    totp_secret: Mapped[str | None] = mapped_column(sa.String(200))
    totp_confirmed_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    totp_last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (sa.UniqueConstraint("chamber_id", "email"),)

    @property
    def has_second_factor(self) -> bool:
        """Whether sign-in asks for a code."""
        return self.totp_confirmed_at is not None

    @property
    def greeted(self) -> str:
        """The name by which a mail may greet them.

        None before they have shown that the mailbox is theirs, as anybody may have typed it.
        """
        return self.name if self.password_hash is not None else ""


class Department(ChamberOwned, Base):
    """A department of the chamber. Its `code` stands in file numbers.

    The four defaults carry rights.
    """

    __tablename__ = "department"

    code: Mapped[str] = mapped_column(sa.String(6))
    name_zh: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    position: Mapped[int] = mapped_column(default=0)
    __table_args__ = (sa.UniqueConstraint("chamber_id", "code"),)


class Appointment(ChamberOwned, Base):
    """A person works for the chamber.

    Department (none for the secretary-general) and rank, from a day to a day.

    An acting deputy (代行) has an end and a ceiling in fen.
    """

    __tablename__ = "appointment"

    person_id: Mapped[uuid.UUID]
    department_id: Mapped[uuid.UUID | None]
    rank: Mapped[Rank] = mapped_column(choice(Rank, "rank"))
    from_on: Mapped[dt.date]
    until_on: Mapped[dt.date | None]
    acting: Mapped[bool] = mapped_column(default=False)
    ceiling: Mapped[int | None] = mapped_column(sa.BigInteger)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (
        owned_key("person_id", "person"),
        owned_key("department_id", "department"),
        sa.CheckConstraint("acting = false OR until_on IS NOT NULL", name="acting_ends"),
        sa.CheckConstraint(
            "department_id IS NOT NULL OR rank = 'secretary_general'", name="department_or_all"
        ),
        sa.Index("ix_appointment_person", "chamber_id", "person_id"),
    )
    person: Mapped[Person] = belongs_to("Appointment", "person_id", "Person", viewonly=True)
    department: Mapped[Department | None] = belongs_to(
        "Appointment", "department_id", "Department", viewonly=True
    )

    def as_post(self, code: str) -> Post:
        """The appointment as an actor carries it, `code` being its department's."""
        return Post(
            self.id, code, self.rank, self.acting, self.ceiling, self.department_id, self.until_on
        )

    def in_force(self, on: dt.date) -> bool:
        """Whether the appointment gives rights on the day `on`."""
        return (
            self.ended_at is None
            and self.from_on <= on
            and (self.until_on is None or on <= self.until_on)
        )


class Representation(ChamberOwned, Base):
    """A person acts for an enterprise, until it ends."""

    __tablename__ = "representation"

    person_id: Mapped[uuid.UUID]
    enterprise_id: Mapped[uuid.UUID]
    is_member_representative: Mapped[bool] = mapped_column(default=False)
    is_dues_contact: Mapped[bool] = mapped_column(default=False)
    began_at: Mapped[dt.datetime] = mapped_column(Instant)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (
        owned_key("person_id", "person"),
        owned_key("enterprise_id", "enterprise"),
        sa.Index(
            "uq_representation_open",
            "chamber_id",
            "person_id",
            "enterprise_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_representation_enterprise", "chamber_id", "enterprise_id"),
    )
    person: Mapped[Person] = belongs_to("Representation", "person_id", "Person", viewonly=True)


class SignIn(ChamberOwned, Base):
    """A signed-in browser, known by the SHA-256 of its word.

    `represents_id` is the enterprise acted for.
    """

    __tablename__ = "sign_in"

    person_id: Mapped[uuid.UUID]
    word_hash: Mapped[str] = mapped_column(sa.String(64))
    began_at: Mapped[dt.datetime] = mapped_column(Instant)
    expires_at: Mapped[dt.datetime] = mapped_column(Instant)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    address: Mapped[str] = mapped_column(sa.String(64))
    browser: Mapped[str] = mapped_column(sa.String(200))
    second_factor_passed: Mapped[bool] = mapped_column(default=False)
    represents_id: Mapped[uuid.UUID | None]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "word_hash"),
        owned_key("person_id", "person"),
        owned_key("represents_id", "enterprise"),
    )
    person: Mapped[Person] = belongs_to("SignIn", "person_id", "Person", viewonly=True)


class LinkKind(Labelled):
    """What a mailed link is for."""

    INVITATION = "invitation", N_("invitation")
    RESET = "reset", N_("password reset")


class MailedLink(ChamberOwned, Base):
    """A one-time link to a person, known by the SHA-256 of its word."""

    __tablename__ = "mailed_link"

    person_id: Mapped[uuid.UUID]
    kind: Mapped[LinkKind] = mapped_column(choice(LinkKind, "kind"))
    word_hash: Mapped[str] = mapped_column(sa.String(64))
    expires_at: Mapped[dt.datetime] = mapped_column(Instant)
    used_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "word_hash"),
        owned_key("person_id", "person"),
    )
    person: Mapped[Person] = belongs_to("MailedLink", "person_id", "Person", viewonly=True)


class RecoveryCode(ChamberOwned, Base):
    """A one-time code for whoever lost the second factor, known by its SHA-256."""

    __tablename__ = "recovery_code"

    person_id: Mapped[uuid.UUID]
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    used_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (owned_key("person_id", "person"),)


class Attempt(ChamberOwned, Base):
    """A failed proof of identity, counted per account and per address.

    `key` is a SHA-256 of either.
    """

    __tablename__ = "attempt"

    key: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (sa.Index("ix_attempt_key", "chamber_id", "key", "at"),)
