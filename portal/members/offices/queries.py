"""Reading offices and who holds them."""

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from portal.members.enterprises.models import Enterprise
from portal.members.offices.models import Office, OfficeHolding
from portal.tenancy.session import ChamberSession


def list_offices(session: ChamberSession, *, retired: bool = False) -> Sequence[Office]:
    """The chamber's offices in its own order; without the retired ones unless asked."""
    query = sa.select(Office).order_by(Office.position, Office.name_zh)
    return session.scalars(query if retired else query.where(Office.retired_at.is_(None))).all()


def list_holdings(
    session: ChamberSession, *, enterprise_id: uuid.UUID | None = None, on: dt.date | None = None
) -> Sequence[OfficeHolding]:
    """Who holds which office: of one enterprise, or on a day, or all.

    By the order of the offices, with their names.
    """
    query = (
        sa.select(OfficeHolding)
        .join(Office, Office.id == OfficeHolding.office_id)
        .join(Enterprise, Enterprise.id == OfficeHolding.enterprise_id)
    )
    query = query.options(
        contains_eager(OfficeHolding.office), contains_eager(OfficeHolding.enterprise)
    )
    if enterprise_id:
        query = query.where(OfficeHolding.enterprise_id == enterprise_id)
    if on:
        query = query.where(
            OfficeHolding.from_on <= on,
            sa.or_(OfficeHolding.until_on.is_(None), OfficeHolding.until_on >= on),
        )
    return session.scalars(
        query.order_by(
            Office.position, Enterprise.pinyin_key, OfficeHolding.from_on, OfficeHolding.id
        )
    ).all()
