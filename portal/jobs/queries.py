"""Reading what became of work that was called for."""

import sqlalchemy as sa

from portal.jobs.models import Job, JobState
from portal.tenancy.session import ChamberSession


def has_failed(session: ChamberSession, unique_key: str) -> bool:
    """Whether the job that was called for under this key has failed each time, and waits for a person."""
    return session.scalar(sa.select(Job.id).where(Job.unique_key == unique_key, Job.state == JobState.FAILED)) is not None
