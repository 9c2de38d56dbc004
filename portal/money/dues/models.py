"""Dues schedules (会费标准): what each grade and office owes, and when nothing is owed."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.acts import Act
from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.governance.resolutions.models import Resolution
from portal.jobs.mail_kinds import MailKind
from portal.members.membership.models import Grade
from portal.members.offices.models import Office
from portal.money.invoices.models import Invoice
from portal.tenancy.fences import kept_apart
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class DuesAction(Act):
    """Acts on dues schedules, as the audit names them."""

    SCHEDULE_ENTERED = "dues_schedule.entered", N_("Dues schedule entered")
    SCHEDULE_ADOPTED = "dues_schedule.adopted", N_("Dues schedule adopted")
    DUES_SUSPENDED = "dues.suspended", N_("Dues suspended")
    SUSPENSION_TAKEN_BACK = "dues.suspension_taken_back", N_("Suspension of dues taken back")


class DuesMail(MailKind):
    """Mails about dues."""

    NOTICE = "billing/notice_of_dues", N_("Notice of dues")


class ScheduleState(Labelled):
    """A dues schedule's way.

    Whether an adopted one is in force or superseded follows from the day.
    """

    DRAFT = "draft", N_("draft")
    ADOPTED = "adopted", N_("adopted")


SCHEDULE_MOVES: dict[ScheduleState, frozenset[ScheduleState]] = {
    ScheduleState.DRAFT: frozenset({ScheduleState.ADOPTED}),
    ScheduleState.ADOPTED: frozenset(),
}


class ScheduleStanding(Labelled):
    """Where a schedule stands on a day."""

    DRAFT = "draft", N_("draft")
    COMING = "coming", N_("adopted, not yet in force")
    IN_FORCE = "in_force", N_("in force")
    SUPERSEDED = "superseded", N_("superseded")


class Period(Labelled):
    """What a year of dues is."""

    CALENDAR = "calendar", N_("calendar year")
    ROLLING = "rolling", N_("twelve months from joining")


class Proration(Labelled):
    """What an enterprise that joins within a calendar year owes for the rest of it."""

    FULL = "full", N_("the full amount")
    HALF_YEAR = "half_year", N_("by half-years: from 1 July half of the year")
    MONTHLY = "monthly", N_("by months, the month of joining included")
    DAILY = "daily", N_("by days, the day of joining included")


class DuesSchedule(ChamberOwned, Base):
    """Fixed amounts adopted by a resolution of the members' assembly (民发〔2014〕166号).

    In force from a day until the next one; never edited.

    `due_month` and `due_day` name the last day to pay within the first year of a period; without
    them the chamber's days to pay count.
    """

    __tablename__ = "dues_schedule"

    name: Mapped[str] = mapped_column(sa.String(120))
    state: Mapped[ScheduleState] = mapped_column(
        choice(ScheduleState, "state"), default=ScheduleState.DRAFT
    )
    in_force_from: Mapped[dt.date]
    period: Mapped[Period] = mapped_column(choice(Period, "period"), default=Period.CALENDAR)
    proration: Mapped[Proration] = mapped_column(
        choice(Proration, "proration"), default=Proration.FULL
    )
    due_month: Mapped[int | None]
    due_day: Mapped[int | None]
    resolution_id: Mapped[uuid.UUID | None]
    __table_args__ = (
        owned_key("resolution_id", "resolution"),
        sa.CheckConstraint(
            "state = 'draft' OR resolution_id IS NOT NULL", name="adopted_by_resolution"
        ),
        sa.CheckConstraint("(due_month IS NULL) = (due_day IS NULL)", name="due_day_is_whole"),
    )
    resolution: Mapped[Resolution | None] = belongs_to(
        "DuesSchedule", "resolution_id", "Resolution", viewonly=True
    )
    rates: Mapped[list["DuesRate"]] = has_many(
        "DuesSchedule", "DuesRate", "schedule_id", order_by="DuesRate.amount.desc()", viewonly=True
    )


class DuesRate(ChamberOwned, Base):
    """A level (档): the fixed amount of one grade or one office for `years` years.

    With what is paid once on joining. In fen.
    """

    __tablename__ = "dues_rate"

    schedule_id: Mapped[uuid.UUID]
    grade_id: Mapped[uuid.UUID | None]
    office_id: Mapped[uuid.UUID | None]
    years: Mapped[int] = mapped_column(default=1)
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    joining_fee: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "schedule_id", "grade_id", "years"),
        sa.UniqueConstraint("chamber_id", "schedule_id", "office_id", "years"),
        owned_key("schedule_id", "dues_schedule"),
        owned_key("grade_id", "grade"),
        owned_key("office_id", "office"),
        sa.CheckConstraint("amount >= 0 AND joining_fee >= 0", name="not_negative"),
        sa.CheckConstraint("(grade_id IS NULL) <> (office_id IS NULL)", name="grade_or_office"),
        sa.CheckConstraint("years BETWEEN 1 AND 5", name="years_of_a_term"),
    )
    grade: Mapped[Grade | None] = belongs_to("DuesRate", "grade_id", "Grade", viewonly=True)
    office: Mapped[Office | None] = belongs_to("DuesRate", "office_id", "Office", viewonly=True)

    @property
    def level(self) -> Grade | Office:
        """Whose amount it is."""
        level = self.grade or self.office
        if level is None:
            raise LookupError("a rate without a level")
        return level


class DuesSuspension(ChamberOwned, Base):
    """Days for which the chamber asks no dues (暂停收取), by a resolution.

    One that was entered wrongly is taken back.
    """

    __tablename__ = "dues_suspension"

    from_on: Mapped[dt.date]
    until_on: Mapped[dt.date]
    resolution: Mapped[str] = mapped_column(sa.String(200))
    taken_back_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (sa.CheckConstraint("until_on >= from_on", name="in_order"),)


@kept_apart
class DuesCharge(ChamberOwned, Base):
    """What an enterprise owes for a period, and the invoice that asks for it.

    The period is `covers_from` to `covers_until`.

    One charge of an enterprise stands for any day: the database refuses another whose period
    overlaps. Beside it stand supplements 1, 2 … where the enterprise rose to a higher level (补差),
    which overlap by nature. A charge whose invoice is taken back whole stands no more. `inherited`
    ones overlapped already when that rule came. `rate_id` is the level (none before that was kept).
    """

    __tablename__ = "dues_charge"

    enterprise_id: Mapped[uuid.UUID]
    invoice_id: Mapped[uuid.UUID]
    dues_year: Mapped[int]
    supplement: Mapped[int] = mapped_column(default=0)
    rate_id: Mapped[uuid.UUID | None]
    covers_from: Mapped[dt.date]
    covers_until: Mapped[dt.date]
    standing: Mapped[bool] = mapped_column(default=True)
    inherited: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "invoice_id"),
        owned_key("enterprise_id", "enterprise"),
        owned_key("invoice_id", "invoice"),
        owned_key("rate_id", "dues_rate"),
        sa.CheckConstraint("covers_until >= covers_from", name="covers_in_order"),
        sa.Index(
            "uq_dues_charge_standing",
            "chamber_id",
            "enterprise_id",
            "dues_year",
            "supplement",
            unique=True,
            postgresql_where=sa.text("standing"),
            sqlite_where=sa.text("standing"),
        ),
        sa.Index("ix_dues_charge_enterprise", "chamber_id", "enterprise_id", "covers_from"),
    )
    invoice: Mapped[Invoice] = belongs_to("DuesCharge", "invoice_id", "Invoice", viewonly=True)
