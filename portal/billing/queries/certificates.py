"""Which members' certificates do not say what is so today."""

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from portal.billing.models import Invoice, InvoiceState
from portal.members.membership.models import Membership
from portal.papers.issuing.models import IssuedPaper, PaperKind, PaperVoid
from portal.tenancy.session import ChamberSession


def list_out_of_step(session: ChamberSession, on: dt.date) -> Sequence[uuid.UUID]:
    """The enterprises that have paid for a day and hold no certificate of it, and those that hold one and have left."""
    said = IssuedPaper.snapshot
    first, last = sa.func.coalesce(said["valid_from"].as_string(), ""), said["valid_through"].as_string()
    holds = (
        sa.exists()
        .where(IssuedPaper.subject_id == Membership.id, IssuedPaper.kind == PaperKind.CERTIFICATE, last >= str(on))
        .where(~sa.exists().where(PaperVoid.paper_id == IssuedPaper.id))
    )
    charged = (
        sa.exists()
        .where(Invoice.enterprise_id == Membership.enterprise_id, Invoice.state == InvoiceState.PAID, Invoice.supplement == 0)
        .where(Invoice.covers_from <= on, Invoice.covers_until >= on)
    )
    left = Membership.ended_by(on)
    lacking = sa.and_(sa.or_(charged, Membership.paid_through >= on), ~holds.where(first <= str(on)))
    query = sa.select(Membership.enterprise_id).where(Membership.joined_on <= on, sa.or_(sa.and_(~left, lacking), sa.and_(left, holds)))
    return session.scalars(query.distinct().order_by(Membership.enterprise_id)).all()
