"""Council meetings (理事会会议) that decide many applications at once."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.applications.models.application import Application
from portal.applications.models.review import ApplicationStep
from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.tenancy.fences import append_only
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key


class MeetingState(Labelled):
    """Where a meeting stands."""

    PLANNED = "planned", N_("planned")
    HELD = "held", N_("held")
    CANCELLED = "cancelled", N_("cancelled")


MEETING_MOVES: dict[MeetingState, frozenset[MeetingState]] = {
    MeetingState.PLANNED: frozenset({MeetingState.HELD, MeetingState.CANCELLED}),
    MeetingState.HELD: frozenset(),
    MeetingState.CANCELLED: frozenset(),
}


class MeetingOutcome(Labelled):
    """What a meeting made of one candidate."""

    CARRIED = "carried", N_("carried")
    DECLINED = "declined", N_("declined")
    POSTPONED = "postponed", N_("postponed")
    FELL_AWAY = "fell_away", N_("no longer before the council")


class CouncilMeeting(ChamberOwned, Base):
    """A meeting of the council: when, where, who leads it and writes its minutes (会议纪要)."""

    __tablename__ = "council_meeting"

    number: Mapped[str] = mapped_column(sa.String(20))
    title: Mapped[str] = mapped_column(sa.String(120))
    held_on: Mapped[dt.date]
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    chaired_by: Mapped[str] = mapped_column(sa.String(80), default="")
    minutes_by: Mapped[str] = mapped_column(sa.String(80), default="")
    state: Mapped[MeetingState] = mapped_column(choice(MeetingState, "state"), default=MeetingState.PLANNED)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (sa.UniqueConstraint("chamber_id", "number"), sa.Index("ix_council_meeting_newest", "chamber_id", "held_on", "id"))
    attendees: Mapped[list["MeetingAttendee"]] = has_many("CouncilMeeting", "MeetingAttendee", "meeting_id", order_by="MeetingAttendee.position", viewonly=True)
    items: Mapped[list["MeetingItem"]] = has_many("CouncilMeeting", "MeetingItem", "meeting_id", order_by="MeetingItem.position", viewonly=True)


class MeetingAttendee(ChamberOwned, Base):
    """One who is entitled to vote in a meeting (应到), and whether they were there (实到)."""

    __tablename__ = "meeting_attendee"

    meeting_id: Mapped[uuid.UUID]
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(80))
    capacity: Mapped[str] = mapped_column(sa.String(200), default="")
    present: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (owned_key("meeting_id", "council_meeting"), sa.Index("ix_meeting_attendee_meeting", "chamber_id", "meeting_id"))


class MeetingItem(ChamberOwned, Base):
    """A candidate on a meeting's list. Open until it has its result."""

    __tablename__ = "meeting_item"

    meeting_id: Mapped[uuid.UUID]
    step_id: Mapped[uuid.UUID]
    application_id: Mapped[uuid.UUID]
    position: Mapped[int]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "meeting_id", "step_id"),
        owned_key("meeting_id", "council_meeting"),
        owned_key("step_id", "application_step"),
        owned_key("application_id", "application"),
        sa.Index("ix_meeting_item_step", "chamber_id", "step_id"),
    )
    application: Mapped[Application] = belongs_to("MeetingItem", "application_id", "Application", viewonly=True)
    step: Mapped[ApplicationStep] = belongs_to("MeetingItem", "step_id", "ApplicationStep", viewonly=True)
    result: Mapped["MeetingResult | None"] = has_many("MeetingItem", "MeetingResult", "item_id", uselist=False, viewonly=True)


@append_only
class MeetingResult(ChamberOwned, Base):
    """What the meeting made of a candidate, with the votes in favour and the reason of a refusal."""

    __tablename__ = "meeting_result"

    item_id: Mapped[uuid.UUID]
    outcome: Mapped[MeetingOutcome] = mapped_column(choice(MeetingOutcome, "outcome"))
    in_favour: Mapped[int | None]
    reason: Mapped[str] = mapped_column(sa.String(1_000), default="")
    __table_args__ = (sa.UniqueConstraint("chamber_id", "item_id"), owned_key("item_id", "meeting_item"))
