"""Reading bodies and who sits in them."""

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, selectinload

from portal.governance.bodies.models import Body, BodySeat
from portal.members.offices.models import Office, OfficeHolding
from portal.members.offices.queries import list_holdings
from portal.tenancy.session import ChamberSession


def list_bodies(session: ChamberSession, *, retired: bool = False) -> Sequence[Body]:
    """The chamber's bodies in its own order; without the retired ones unless asked."""
    query = sa.select(Body).order_by(Body.position, Body.id)
    return session.scalars(query if retired else query.where(Body.retired_at.is_(None))).all()


def list_seats(session: ChamberSession) -> Sequence[BodySeat]:
    """Which office sits in which body, by the order of the offices."""
    query = sa.select(BodySeat).join(Office, Office.id == BodySeat.office_id)
    return session.scalars(
        query.options(contains_eager(BodySeat.office)).order_by(Office.position, Office.name_zh)
    ).all()


def find_body(session: ChamberSession, id: uuid.UUID) -> Body | None:
    """A body with the offices that sit in it."""
    query = sa.select(Body).options(selectinload(Body.seats).joinedload(BodySeat.office))
    return session.scalars(query.where(Body.id == id)).one_or_none()


def body_of_code(session: ChamberSession, code: str) -> Body:
    """The council or the assembly, which every chamber has. LookupError for another code."""
    body = session.scalars(sa.select(Body).where(Body.code == code)).one_or_none()
    if body is None:
        raise LookupError(code)
    return body


def list_seated(session: ChamberSession, body: Body, on: dt.date) -> list[OfficeHolding]:
    """Who sits in a body on a day, by the order of the offices.

    Of the assembly nobody, for every member does.
    """
    offices = set(session.scalars(sa.select(BodySeat.office_id).where(BodySeat.body_id == body.id)))
    return [holding for holding in list_holdings(session, on=on) if holding.office_id in offices]
