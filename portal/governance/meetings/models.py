"""Meetings (会议) of a body.

An agenda of matters, who was there, and what became of each matter.
"""

import abc
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.acts import Act
from portal.foundation.database import Base, Instant, choice
from portal.foundation.labels import N_, Labelled
from portal.governance.bodies.models import Body, VotingRule
from portal.governance.bodies.rules import Vote
from portal.jobs.mail_kinds import MailKind
from portal.papers.issuing.models import Keeping, PaperKind, Retention
from portal.tenancy.actor import MEMBERSHIP, OFFICE, Actor
from portal.tenancy.fences import append_only
from portal.tenancy.loose import refers_loosely
from portal.tenancy.models import ChamberOwned, belongs_to, has_many, owned_key
from portal.tenancy.session import ChamberSession


class MeetingAction(Act):
    """Acts on meetings, as the audit names them."""

    MEETING_CALLED = "meeting.called", N_("Meeting called")
    MEETING_CHANGED = "meeting.changed", N_("Meeting changed")
    MEETING_CANCELLED = "meeting.cancelled", N_("Meeting cancelled")
    MEETING_LISTED = "meeting.listed", N_("Agenda made")
    MEETING_NOTICE_SENT = "meeting.notice_sent", N_("Notice of the meeting sent")
    MEETING_HELD = "meeting.held", N_("Meeting held")
    MATTER_BROUGHT = "matter.brought", N_("Matter brought before a body")


class MeetingMail(MailKind):
    """Mails about meetings."""

    NOTICE = "meetings/notice", N_("Notice of a meeting")


class MeetingPaper(PaperKind):
    """Papers of meetings."""

    CANDIDATES = "candidates", N_("Agenda of a meeting"), Keeping((MEMBERSHIP, OFFICE), False)
    MINUTES = (
        "minutes",
        N_("Minutes of a meeting"),
        Keeping((MEMBERSHIP, OFFICE), False, OFFICE, Retention.PERMANENT),
    )


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
    """What a meeting made of a matter."""

    CARRIED = "carried", N_("carried")
    DECLINED = "declined", N_("declined")
    POSTPONED = "postponed", N_("postponed")
    FELL_AWAY = "fell_away", N_("no longer before the meeting")


class Meeting(ChamberOwned, Base):
    """A meeting of a body: when, where, who leads it and writes its minutes (会议纪要).

    `begins_at` is the hour in the chamber's zone; `notice_sent_at` when those entitled were last
    told of it.
    """

    __tablename__ = "council_meeting"

    body_id: Mapped[uuid.UUID]
    number: Mapped[str] = mapped_column(sa.String(20))
    title: Mapped[str] = mapped_column(sa.String(120))
    held_on: Mapped[dt.date]
    begins_at: Mapped[dt.time | None]
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    chaired_by: Mapped[str] = mapped_column(sa.String(80), default="")
    minutes_by: Mapped[str] = mapped_column(sa.String(80), default="")
    state: Mapped[MeetingState] = mapped_column(
        choice(MeetingState, "state"), default=MeetingState.PLANNED
    )
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    notice_sent_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "number"),
        owned_key("body_id", "body"),
        sa.Index("ix_council_meeting_newest", "chamber_id", "held_on", "id"),
    )
    body: Mapped[Body] = belongs_to("Meeting", "body_id", "Body", viewonly=True)

    @property
    def notice_seen(self) -> str:
        """What a page has seen of the notice, so that one sent twice leaves once."""
        return self.notice_sent_at.isoformat() if self.notice_sent_at else ""

    attendees: Mapped[list["MeetingAttendee"]] = has_many(
        "Meeting",
        "MeetingAttendee",
        "meeting_id",
        order_by="MeetingAttendee.position",
        viewonly=True,
    )
    items: Mapped[list["MeetingItem"]] = has_many(
        "Meeting", "MeetingItem", "meeting_id", order_by="MeetingItem.position", viewonly=True
    )


class MeetingAttendee(ChamberOwned, Base):
    """One who is entitled to vote in a meeting (应到), and whether they were there (实到).

    `enterprise_id` is for whom a holder of an office sits there; its contacts are told of the
    meeting.
    """

    __tablename__ = "meeting_attendee"

    meeting_id: Mapped[uuid.UUID]
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(80))
    capacity: Mapped[str] = mapped_column(sa.String(200), default="")
    enterprise_id: Mapped[uuid.UUID | None]
    present: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        owned_key("meeting_id", "council_meeting"),
        owned_key("enterprise_id", "enterprise"),
        sa.Index("ix_meeting_attendee_meeting", "chamber_id", "meeting_id"),
    )


@refers_loosely("subject")
class Matter(VotingRule, ChamberOwned, Base):
    """What a body decides (议题).

    Of a kind that a feature registers, about a row of that feature, by its own rule.

    Whether it still waits for a decision, its kind knows.
    """

    __tablename__ = "matter"

    kind: Mapped[str] = mapped_column(sa.String(40))
    body_id: Mapped[uuid.UUID]
    title: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    subject_type: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[uuid.UUID]
    brought_at: Mapped[dt.datetime] = mapped_column(Instant)
    __table_args__ = (
        owned_key("body_id", "body"),
        sa.Index("ix_matter_subject", "chamber_id", "subject_id"),
        sa.Index("ix_matter_waiting", "chamber_id", "body_id", "brought_at", "id"),
    )


class MeetingItem(ChamberOwned, Base):
    """A matter on a meeting's agenda. Open until it has its result."""

    __tablename__ = "meeting_item"

    meeting_id: Mapped[uuid.UUID]
    matter_id: Mapped[uuid.UUID]
    position: Mapped[int]
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "meeting_id", "matter_id"),
        owned_key("meeting_id", "council_meeting"),
        owned_key("matter_id", "matter"),
        sa.Index("ix_meeting_item_matter", "chamber_id", "matter_id"),
    )
    matter: Mapped[Matter] = belongs_to("MeetingItem", "matter_id", "Matter", viewonly=True)
    result: Mapped["MeetingResult | None"] = has_many(
        "MeetingItem", "MeetingResult", "item_id", uselist=False, viewonly=True
    )


@append_only
class MeetingResult(ChamberOwned, Base):
    """What the meeting made of a matter, with the votes in favour and the reason of a refusal."""

    __tablename__ = "meeting_result"

    item_id: Mapped[uuid.UUID]
    outcome: Mapped[MeetingOutcome] = mapped_column(choice(MeetingOutcome, "outcome"))
    in_favour: Mapped[int | None]
    reason: Mapped[str] = mapped_column(sa.String(1_000), default="")
    __table_args__ = (
        sa.UniqueConstraint("chamber_id", "item_id"),
        owned_key("item_id", "meeting_item"),
    )


@dataclass(frozen=True)
class Verdict:
    """What a meeting of a day decided of a matter.

    Its outcome, the counts where it voted, and the reason.
    """

    outcome: MeetingOutcome
    held_on: dt.date
    vote: Vote
    reason: str = ""


@dataclass(frozen=True)
class Described:
    """How a matter is told on pages and papers.

    Number, name, its page, and a cell for each column of its kind.

    A Decimal is an amount in yuan. `standing` says where its subject stands, once it waits no more.
    """

    number: str
    name: str
    cells: tuple[str | Decimal, ...] = ()
    endpoint: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    standing: Labelled | None = None


class MatterKind(abc.ABC):
    """A kind of matter, which a feature registers by `register_kind`.

    What it does not say fails at import.
    """

    code: str
    """Its name in the table `matter`, kept for ever."""
    label: str
    columns: tuple[str, ...] = ()
    """The heads of its cells in agenda and minutes, as msgids."""

    @abc.abstractmethod
    def waits(self) -> sa.ColumnElement[bool]:
        """The condition that a matter of this kind still waits for its body, over Matter."""

    @abc.abstractmethod
    def describe(
        self, session: ChamberSession, matters: Sequence[Matter]
    ) -> Mapping[uuid.UUID, Described]:
        """How each of some matters is told, by its id; a few queries, however many there are."""

    @abc.abstractmethod
    def lock(self, session: ChamberSession, matters: Sequence[Matter]) -> None:
        """**Locks** whatever deciding these matters will change, table by table and sorted."""

    @abc.abstractmethod
    def settle(
        self, session: ChamberSession, matter: Matter, verdict: Verdict, *, actor: Actor
    ) -> None:
        """What follows from a matter that was carried or declined.

        Refuses (InvalidInput, Refused) what cannot be entered.
        """

    @abc.abstractmethod
    def resolution_title(self, names: Sequence[str]) -> str:
        """The title, in Chinese, of the resolution on what a meeting carried.

        Of the matters of this kind.
        """


MATTER_KINDS: dict[str, MatterKind] = {}
"""Every kind of matter, by its code."""


def register_kind(kind: MatterKind) -> None:
    """Makes a kind known; LookupError for a second one of its code."""
    if MATTER_KINDS.setdefault(kind.code, kind) is not kind:
        raise LookupError(f"{kind.code} is known already")
