"""Reading enterprises."""

import sqlalchemy as sa

from portal.enterprises.models import Enterprise
from portal.tenancy.session import ChamberSession


def find_enterprise_by_uscc(session: ChamberSession, uscc: str) -> Enterprise | None:
    """The chamber's enterprise of this (normalised) code."""
    return session.scalars(sa.select(Enterprise).where(Enterprise.uscc == uscc, Enterprise.same_as_id.is_(None))).one_or_none()
