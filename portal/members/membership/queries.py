"""Reading grades, memberships and announcements."""

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.members.membership.models import Announcement, Grade, Membership, MembershipState
from portal.tenancy.session import ChamberSession


def list_grades(session: ChamberSession, *, retired: bool = False) -> Sequence[Grade]:
    """The chamber's grades in its own order; without the retired ones unless asked."""
    query = sa.select(Grade).order_by(Grade.position, Grade.name_zh)
    return session.scalars(query if retired else query.where(Grade.retired_at.is_(None))).all()


def find_open_membership(session: ChamberSession, enterprise_id: uuid.UUID) -> Membership | None:
    """The membership of an enterprise that has not ended."""
    query = (
        sa.select(Membership)
        .options(joinedload(Membership.grade))
        .where(
            Membership.enterprise_id == enterprise_id, Membership.state != MembershipState.EXITED
        )
    )
    return session.scalars(query).one_or_none()


def find_membership_of_application(
    session: ChamberSession, application_id: uuid.UUID
) -> Membership | None:
    """The membership to which an application led."""
    return session.scalars(
        sa.select(Membership).where(Membership.application_id == application_id)
    ).one_or_none()


def list_announcements(session: ChamberSession, limit: int = 12) -> Sequence[Announcement]:
    """The newest admissions, with enterprise and grade."""
    with_names = joinedload(Announcement.membership)
    query = sa.select(Announcement).options(
        with_names.joinedload(Membership.enterprise), with_names.joinedload(Membership.grade)
    )
    return session.scalars(
        query.order_by(Announcement.published_at.desc(), Announcement.id.desc()).limit(limit)
    ).all()


def count_members(session: ChamberSession, on: dt.date) -> int:
    """How many enterprises are members on a day."""
    return (
        session.scalar(sa.select(sa.func.count(Membership.id)).where(Membership.standing_on(on)))
        or 0
    )
