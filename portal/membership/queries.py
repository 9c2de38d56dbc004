"""Reading grades, memberships and announcements."""

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from portal.enterprises.models import Enterprise
from portal.membership.models import Announcement, Grade, Membership, MembershipState, Office, OfficeHolding
from portal.tenancy.session import ChamberSession


def list_grades(session: ChamberSession, *, retired: bool = False) -> Sequence[Grade]:
    """The chamber's grades in its own order; without the retired ones unless asked."""
    query = sa.select(Grade).order_by(Grade.position, Grade.name_zh)
    return session.scalars(query if retired else query.where(Grade.retired_at.is_(None))).all()


def list_offices(session: ChamberSession, *, retired: bool = False) -> Sequence[Office]:
    """The chamber's offices in its own order; without the retired ones unless asked."""
    query = sa.select(Office).order_by(Office.position, Office.name_zh)
    return session.scalars(query if retired else query.where(Office.retired_at.is_(None))).all()


def list_holdings(session: ChamberSession, *, enterprise_id: uuid.UUID | None = None, on: dt.date | None = None) -> Sequence[OfficeHolding]:
    """Who holds which office: of one enterprise, or on a day, or all; by the order of the offices, with their names."""
    query = sa.select(OfficeHolding).join(Office, Office.id == OfficeHolding.office_id).join(Enterprise, Enterprise.id == OfficeHolding.enterprise_id)
    query = query.options(contains_eager(OfficeHolding.office), contains_eager(OfficeHolding.enterprise))
    if enterprise_id:
        query = query.where(OfficeHolding.enterprise_id == enterprise_id)
    if on:
        query = query.where(OfficeHolding.from_on <= on, sa.or_(OfficeHolding.until_on.is_(None), OfficeHolding.until_on >= on))
    return session.scalars(query.order_by(Office.position, Enterprise.pinyin_key, OfficeHolding.from_on, OfficeHolding.id)).all()


def find_open_membership(session: ChamberSession, enterprise_id: uuid.UUID) -> Membership | None:
    """The membership of an enterprise that has not ended."""
    query = sa.select(Membership).options(joinedload(Membership.grade)).where(Membership.enterprise_id == enterprise_id, Membership.state != MembershipState.EXITED)
    return session.scalars(query).one_or_none()


def find_membership_of_application(session: ChamberSession, application_id: uuid.UUID) -> Membership | None:
    """The membership to which an application led."""
    return session.scalars(sa.select(Membership).where(Membership.application_id == application_id)).one_or_none()


def list_announcements(session: ChamberSession, limit: int = 12) -> Sequence[Announcement]:
    """The newest admissions, with enterprise and grade."""
    with_names = joinedload(Announcement.membership)
    query = sa.select(Announcement).options(with_names.joinedload(Membership.enterprise), with_names.joinedload(Membership.grade))
    return session.scalars(query.order_by(Announcement.published_at.desc(), Announcement.id.desc()).limit(limit)).all()


def count_members(session: ChamberSession, on: dt.date) -> int:
    """How many enterprises are members on a day."""
    return session.scalar(sa.select(sa.func.count(Membership.id)).where(Membership.standing_on(on))) or 0
