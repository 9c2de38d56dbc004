"""Certificates follow their money.

They say the days that are paid, and end with what they stood on, in the same transaction.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Membership, MembershipPaper
from portal.members.membership.services import issue_certificate
from portal.money.dues.models import DuesCharge
from portal.money.dues.rules.coverage import Span, merged
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.invoices.services.hooks import MONEY_MOVED
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.queries import list_papers
from portal.papers.issuing.services import void_paper
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.session import ChamberSession


def follow_money(
    session: ChamberSession, party_ids: Collection[uuid.UUID], reason: str, *, actor: Actor
) -> None:
    """Brings the certificates of members to what is paid, and to what they are called.

    Voids what stands on nothing, issues what is missing.

    A certificate says the unbroken days of paid charges, of days paid before the portal too. One
    that is void is followed by another under the next number as soon as today is paid again; those
    of a membership that has ended end with it. Nothing for who was never a member. **Locks** the
    memberships, sorted, then their papers.
    """
    session.flush()
    members = session.scalars(
        sa.select(Membership)
        .where(Membership.enterprise_id.in_(set(party_ids)))
        .order_by(Membership.id)
    ).all()
    for membership in [session.lock(member) for member in members]:
        _follow(session, membership, reason, actor=actor)


MONEY_MOVED.append(follow_money)


def _follow(session: ChamberSession, membership: Membership, reason: str, *, actor: Actor) -> None:
    enterprise = session.fetch(Enterprise, membership.enterprise_id)
    today = today_of(session)
    spans = (
        []
        if membership.has_ended(today)
        else merged([*_paid(session, enterprise.id), *_before_the_portal(membership)])
    )
    standing = []
    for paper in list_papers(session, [membership.id], MembershipPaper.CERTIFICATE):
        if paper.void is None and _holds(paper, spans, enterprise):
            standing.append(paper)
        elif paper.void is None:
            void_paper(session, paper, reason, actor=actor)
    span = next((span for span in spans if span.last >= today), None)
    if span is not None:
        told = Span(max(span.first, membership.joined_on), span.last)
        if not any(_tells(paper, told) for paper in standing):
            issue_certificate(session, membership, enterprise, told.first, told.last, actor=actor)


def _paid(session: ChamberSession, enterprise_id: uuid.UUID) -> Iterable[Span]:
    charges = sa.select(DuesCharge.covers_from, DuesCharge.covers_until).join(
        Invoice, Invoice.id == DuesCharge.invoice_id
    )
    charges = charges.where(
        DuesCharge.enterprise_id == enterprise_id,
        DuesCharge.supplement == 0,
        Invoice.state == InvoiceState.PAID,
    )
    for first, last in session.execute(charges):
        yield Span(first, last)


def _before_the_portal(membership: Membership) -> Iterable[Span]:
    if membership.paid_through is not None and membership.paid_through >= membership.joined_on:
        yield Span(membership.joined_on, membership.paid_through)


def _tells(paper: IssuedPaper, span: Span) -> bool:
    """Whether a certificate tells all days of a span.

    One that tells no first day tells those before its last.
    """
    said = paper.snapshot
    return bool(
        said.get("valid_from", "") <= str(span.first) and str(span.last) <= said["valid_through"]
    )


def _holds(paper: IssuedPaper, spans: Sequence[Span], enterprise: Enterprise) -> bool:
    """Whether what a certificate says is so.

    Its last day is paid, without a break since its first where it tells one, and its names are
    right.
    """
    said = paper.snapshot
    last = dt.date.fromisoformat(said["valid_through"])
    first = dt.date.fromisoformat(said["valid_from"]) if "valid_from" in said else last
    named = (said["enterprise"], said["uscc"]) == (enterprise.name, enterprise.uscc)
    return named and any(span.first <= first and last <= span.last for span in spans)
