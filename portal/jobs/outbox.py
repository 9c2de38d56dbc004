"""Calling for work and telling news, in the caller's transaction."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa

from portal.foundation.ids import new_id
from portal.jobs.mail_kinds import MailKind
from portal.jobs.models import Job, JobState, Mail, MailState
from portal.jobs.news import News
from portal.jobs.registry import REACTIONS, TASKS
from portal.tenancy.session import ChamberSession, PlatformSession

BACKGROUND = -10


def enqueue(
    session: ChamberSession | PlatformSession,
    task: str,
    *,
    unique_key: str | None = None,
    priority: int = 0,
    run_at: dt.datetime | None = None,
    **args: object,
) -> Job:
    """Adds a job for `task`. It runs only if the caller commits. `args` are ids and short words."""
    if task not in TASKS:
        raise LookupError(f"no task is called {task}")
    now = session.now()
    job = Job(
        task=task,
        args={k: str(v) for k, v in args.items()},
        unique_key=unique_key,
        priority=priority,
        run_at=run_at or now,
        created_at=now,
    )
    session.add(job)
    return job


def announce(session: ChamberSession, news: News, **args: Any) -> None:
    """Tells `news` to everyone who reacts to it.

    One job for each reaction, unique by (announcement, reaction).
    """
    announcement = new_id()
    for reaction in REACTIONS.get(news, ()):
        enqueue(session, reaction, unique_key=f"{announcement}:{reaction}", priority=5, **args)


def send_mail(
    session: ChamberSession,
    kind: MailKind,
    *,
    to: str,
    name: str = "",
    language: str = "zh",
    secret: str | None = None,
    attachment_file_id: uuid.UUID | None = None,
    **context: Any,
) -> Mail:
    """Queues a mail of a kind from its template in `templates/emails`.

    It leaves after the commit. `context` is JSON and holds no secret.
    """
    sealed = session.sealer.seal(secret) if secret else None
    mail = Mail(
        to_address=to,
        to_name=name,
        template=kind.value,
        context=context,
        secret=sealed,
        language=language,
        attachment_file_id=attachment_file_id,
        created_at=session.now(),
    )
    session.add(mail)
    session.flush()
    deliver(session, mail)
    return mail


def deliver(session: ChamberSession, mail: Mail) -> None:
    """Calls for the delivery of a mail, once however often it is called for.

    Its one job is put in line, anew where it ended.
    """
    mail.state, mail.next_try_at = MailState.QUEUED, None
    key = f"deliver_mail:{mail.id}"
    known = session.scalars(sa.select(Job).where(Job.unique_key == key)).one_or_none()
    if known is None:
        enqueue(session, "deliver_mail", unique_key=key, priority=5, mail_id=mail.id)
    elif known.state is not JobState.RUNNING:
        known.put_back(session.now())
