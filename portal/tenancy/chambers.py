"""Finding chambers: by host for a request, one after another for work across the house."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator

import sqlalchemy as sa

from portal.foundation.clock import day_in
from portal.tenancy.models import Chamber, ChamberDomain, ChamberSettings
from portal.tenancy.session import ChamberSession, Doors, PlatformSession

SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


def chamber_of_host(session: PlatformSession, host: str, base_domain: str) -> Chamber | None:
    """The chamber whose own domain is `host`, or whose slug stands before the base domain."""
    slug = host.removesuffix("." + base_domain) if host.endswith("." + base_domain) else ""
    by_slug = Chamber.slug == slug if SLUG.fullmatch(slug) else sa.false()
    by_domain = (
        Chamber.id
        == sa.select(ChamberDomain.chamber_id).where(ChamberDomain.host == host).scalar_subquery()
    )
    return session.scalars(sa.select(Chamber).where(sa.or_(by_slug, by_domain))).first()


def every_chamber(doors: Doors) -> Iterator[Chamber]:
    """Each chamber, for work that crosses the house one chamber at a time."""
    with doors.platform() as session:
        chambers = session.scalars(sa.select(Chamber).order_by(Chamber.slug)).all()
    yield from chambers


def settings_of(session: ChamberSession) -> ChamberSettings:
    """The chamber's settings row."""
    return session.scalars(sa.select(ChamberSettings)).one()


def today_of(session: ChamberSession) -> dt.date:
    """The present day where the chamber is."""
    return day_in(session.now(), settings_of(session).zone)


def chamber_exists(session: PlatformSession, chamber_id: uuid.UUID) -> bool:
    """Whether the chamber is known."""
    return session.get(Chamber, chamber_id) is not None
