"""Jobs, which are the outbox, and mails."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import JSON, Base, Instant, choice
from portal.foundation.ids import new_id
from portal.foundation.labels import N_, Labelled
from portal.tenancy.models import ChamberOwned, ChamberTagged, owned_key


class JobState(Labelled):
    """Where a job stands."""

    READY = "ready", N_("waiting")
    RUNNING = "running", N_("running")
    DONE = "done", N_("done")
    FAILED = "failed", N_("failed")


UNDONE = sa.text("state IN ('ready', 'running')")
ENDED_BADLY = sa.text("state = 'failed'")


class Job(ChamberTagged, Base):
    """Work for the worker, inserted in the transaction that calls for it. Global.

    `args` holds ids only.
    """

    __tablename__ = "job"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    task: Mapped[str] = mapped_column(sa.String(60))
    args: Mapped[dict[str, Any]] = mapped_column(JSON)
    unique_key: Mapped[str | None] = mapped_column(sa.String(200), unique=True)
    priority: Mapped[int] = mapped_column(default=0)
    state: Mapped[JobState] = mapped_column(choice(JobState, "state"), default=JobState.READY)
    run_at: Mapped[dt.datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    deaths: Mapped[int] = mapped_column(default=0)
    """How often its worker died over it."""
    lease_until: Mapped[dt.datetime | None] = mapped_column(Instant)
    lease_by: Mapped[str | None] = mapped_column(sa.String(80))
    error: Mapped[str | None] = mapped_column(sa.Text)
    progress: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    def put_back(self, at: dt.datetime) -> None:
        """In line again, as if it had never been tried."""
        self.state, self.attempts, self.deaths, self.run_at, self.finished_at = (
            JobState.READY,
            0,
            0,
            at,
            None,
        )

    __table_args__ = (
        sa.Index(
            "ix_job_turn",
            "chamber_id",
            "priority",
            "run_at",
            postgresql_where=UNDONE,
            sqlite_where=UNDONE,
        ),
        sa.Index(
            "ix_job_failed", "created_at", postgresql_where=ENDED_BADLY, sqlite_where=ENDED_BADLY
        ),
    )


class WorkerBeat(Base):
    """That a worker lives: when it was last heard of. Global."""

    __tablename__ = "worker_beat"

    name: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    began_at: Mapped[dt.datetime] = mapped_column(Instant)
    beat_at: Mapped[dt.datetime] = mapped_column(Instant)


class MailState(Labelled):
    """Where a mail stands."""

    QUEUED = "queued", N_("queued")
    SENT = "sent", N_("sent")
    HELD = "held", N_("held: to be passed on")
    FAILED = "failed", N_("failed")


class Mail(ChamberOwned, Base):
    """A message to one person: template and frozen context, rendered when sent or shown.

    Without an address, or without a mail server, it is held for the general office to pass on.
    `secret` is the one-time word of a link in it, sealed, and blanked once the mail has left.
    """

    __tablename__ = "mail"

    to_address: Mapped[str] = mapped_column(sa.String(254))
    to_name: Mapped[str] = mapped_column(sa.String(120), default="")
    template: Mapped[str] = mapped_column(sa.String(80))
    context: Mapped[dict[str, Any]] = mapped_column(JSON)
    secret: Mapped[str | None] = mapped_column(sa.String(300))
    language: Mapped[str] = mapped_column(sa.String(5), default="zh")
    attachment_file_id: Mapped[uuid.UUID | None]
    state: Mapped[MailState] = mapped_column(choice(MailState, "state"), default=MailState.QUEUED)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str] = mapped_column(sa.String(300), default="")
    """Why the last try failed."""
    next_try_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    sent_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    __table_args__ = (
        owned_key("attachment_file_id", "stored_file"),
        sa.Index("ix_mail_newest", "chamber_id", "created_at"),
        sa.Index("ix_mail_attachment", "chamber_id", "attachment_file_id"),
        sa.Index("ix_mail_to", "chamber_id", "to_address", "created_at"),
    )
