"""Reading mails and failed jobs for those who look after them."""

from collections.abc import Sequence

import sqlalchemy as sa

from portal.jobs.models import Job, JobState, Mail
from portal.tenancy.session import ChamberSession


def list_mails(session: ChamberSession, limit: int = 50) -> Sequence[Mail]:
    """The newest mails."""
    return session.scalars(sa.select(Mail).order_by(Mail.created_at.desc(), Mail.id.desc()).limit(limit)).all()


def list_failed_jobs(session: ChamberSession, limit: int = 50) -> Sequence[Job]:
    """Jobs that failed each time, newest first."""
    return session.scalars(sa.select(Job).where(Job.state == JobState.FAILED).order_by(Job.created_at.desc()).limit(limit)).all()
