"""One enterprise whole.

How it stands and why, and everything that happened, in one line of time.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.admission.applications.models import Application
from portal.foundation.clock import day_in
from portal.foundation.labels import N_
from portal.foundation.money import yuan
from portal.members.enterprises.models import Amendment, AmendmentState, Enterprise
from portal.members.enterprises.queries import list_amendments, list_former_names, list_past_events
from portal.members.membership.models import Membership
from portal.members.offices.models import OfficeHolding
from portal.members.offices.queries import list_holdings
from portal.money.dues.queries import list_charges_of
from portal.money.dues.rules.coverage import Span
from portal.money.invoices.models import Allocation, CreditNote, Invoice, InvoiceVoid
from portal.money.invoices.queries import load_lines
from portal.money.ledger.models import Journal
from portal.money.payments.models import Payment
from portal.roll.rules import Judged, Owed, Stay, judge
from portal.tenancy.chambers import settings_of
from portal.tenancy.session import ChamberSession

MOST = 80


@dataclass(frozen=True)
class Moment:
    """One thing that happened.

    The day, a sentence that the page translates, its details, and where it is shown.
    """

    on: dt.date
    what: str
    about: str = ""
    endpoint: str = ""
    where: dict[str, uuid.UUID] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """What the portal keeps of an enterprise, oldest last."""

    memberships: Sequence[Membership]
    applications: Sequence[Application]
    invoices: Sequence[Invoice]
    holdings: Sequence[OfficeHolding]


def history_of(session: ChamberSession, enterprise_id: uuid.UUID) -> History:
    """Memberships, applications, invoices and offices of an enterprise."""
    stays = session.scalars(
        sa.select(Membership)
        .options(joinedload(Membership.grade))
        .where(Membership.enterprise_id == enterprise_id)
        .order_by(Membership.joined_on.desc())
    ).all()
    asked = session.scalars(
        sa.select(Application)
        .where(Application.enterprise_id == enterprise_id, Application.submitted_at.is_not(None))
        .order_by(Application.id.desc())
    ).all()
    invoices = session.scalars(
        sa.select(Invoice)
        .where(Invoice.party_id == enterprise_id)
        .order_by(Invoice.id.desc())
        .limit(200)
    ).all()
    load_lines(session, invoices)
    return History(stays, asked, invoices, list_holdings(session, enterprise_id=enterprise_id))


def standing_of(session: ChamberSession, history: History, on: dt.date) -> Judged:
    """How the enterprise stands on a day.

    From what had been raised, paid and taken back by then.
    """
    stays = [
        Stay(m.joined_on, m.ended_on, m.has_lapsed(on), m.paid_through) for m in history.memberships
    ]
    raised = [i for i in history.invoices if i.issued_on <= on]
    settled = _settled_by(session, [i.id for i in raised], on)
    spans = {
        c.invoice_id: Span(c.covers_from, c.covers_until) for c in list_charges_of(session, settled)
    }
    owed = [
        Owed(i.number, i.due_on, i.amount - settled[i.id], spans.get(i.id))
        for i in raised
        if i.id in settled
    ]
    return judge(stays, owed, on)


def _raised(invoice: Invoice) -> Moment:
    where = "billing.show_invoice", {"invoice_id": invoice.id}
    return Moment(invoice.issued_on, N_("Invoice raised"), invoice.number, *where)


def own_timeline_of(
    session: ChamberSession, enterprise: Enterprise, history: History
) -> list[Moment]:
    """What happened as the enterprise itself reads it, newest first.

    Without what colleagues wrote for one another, and of money only what was for its invoices.
    """
    zone = settings_of(session).zone
    found = [
        *_from_rows(history, zone),
        *map(_raised, history.invoices),
    ]
    settled = (
        sa.select(Journal.posted_on, Invoice.number, Allocation.amount)
        .join(Allocation, Allocation.journal_id == Journal.id)
        .join(Invoice, Invoice.id == Allocation.invoice_id)
    )
    for on, number, amount in session.execute(
        settled.where(Invoice.party_id == enterprise.id).order_by(Allocation.id.desc()).limit(MOST)
    ):
        found.append(
            Moment(
                on,
                N_("Paid") if amount > 0 else N_("Taken back"),
                f"{number} · {yuan(abs(amount))}",
            )
        )
    found += [
        Moment(n.until_on, N_("Former name"), n.name)
        for n in list_former_names(session, enterprise.id)
    ]
    return sorted(found, key=lambda m: m.on, reverse=True)[:MOST]


def timeline_of(
    session: ChamberSession, enterprise: Enterprise, history: History, *, money: bool
) -> list[Moment]:
    """Everything that happened, newest first.

    From before the portal, applications, memberships, offices, names; and money for those who may
    see it.

    Where each is shown, is where colleagues see it.
    """
    zone = settings_of(session).zone
    found = [
        *_from_rows(history, zone),
        *(_from_money(session, enterprise.id, history) if money else ()),
    ]
    found += [
        Moment(e.happened_on, N_("Before the portal"), e.wording)
        for e in list_past_events(session, enterprise.id)
    ]
    found += [
        Moment(n.until_on, N_("Former name"), n.name)
        for n in list_former_names(session, enterprise.id)
    ]
    found += list(_from_amendments(list_amendments(session, enterprise_id=enterprise.id), zone))
    return sorted(found, key=lambda m: m.on, reverse=True)[:MOST]


def _settled_by(
    session: ChamberSession, invoice_ids: Sequence[uuid.UUID], on: dt.date
) -> dict[uuid.UUID, int]:
    """What had been settled of some invoices by the end of a day, in fen.

    By payments, credit and credit notes; without those that were void or wholly taken back by then.
    """
    zone = settings_of(session).zone
    paid = sa.select(sa.func.coalesce(sa.func.sum(Allocation.amount), 0)).join(
        Journal, Journal.id == Allocation.journal_id
    )
    noted = sa.select(sa.func.coalesce(sa.func.sum(CreditNote.amount), 0)).where(
        CreditNote.invoice_id == Invoice.id, CreditNote.issued_on <= on
    )
    voided = sa.select(InvoiceVoid.voided_at).where(InvoiceVoid.invoice_id == Invoice.id)
    columns = (
        paid.where(Allocation.invoice_id == Invoice.id, Journal.posted_on <= on),
        noted,
        voided,
    )
    rows = session.execute(
        sa.select(
            Invoice.id,
            Invoice.amount,
            *(column.correlate(Invoice).scalar_subquery() for column in columns),
        ).where(Invoice.id.in_(invoice_ids))
    )
    standing = [
        row
        for row in rows
        if not (row[4] and day_in(row[4], zone) <= on) and not (row[3] and row[3] == row[1])
    ]
    return {row[0]: int(row[2]) + int(row[3]) for row in standing}


def _from_rows(history: History, zone: str) -> Iterator[Moment]:
    for application in history.applications:
        if application.submitted_at:
            where = {"application_id": application.id}
            yield Moment(
                day_in(application.submitted_at, zone),
                N_("Application submitted"),
                application.number or "",
                "reviews.show_application",
                where,
            )
    for membership in history.memberships:
        yield Moment(membership.joined_on, N_("Admitted"), membership.number)
        if membership.ended_on:
            yield Moment(membership.ended_on, N_("Left"), membership.number)
    for holding in history.holdings:
        yield Moment(
            holding.from_on, N_("Office given"), f"{holding.office.name_zh} · {holding.held_by}"
        )
        if holding.until_on:
            yield Moment(holding.until_on, N_("Office ended"), holding.office.name_zh)


def _from_money(
    session: ChamberSession, enterprise_id: uuid.UUID, history: History
) -> Iterator[Moment]:
    for invoice in history.invoices:
        yield Moment(
            invoice.issued_on,
            N_("Invoice raised"),
            invoice.number,
            "billing.show_invoice",
            {"invoice_id": invoice.id},
        )
    query = (
        sa.select(Payment)
        .options(joinedload(Payment.undoing))
        .where(
            Payment.id.in_(
                sa.select(Allocation.payment_id)
                .join(Invoice, Invoice.id == Allocation.invoice_id)
                .where(Invoice.party_id == enterprise_id)
            )
        )
    )
    for payment in session.scalars(query.order_by(Payment.id.desc()).limit(MOST)).all():
        what = N_("Payment undone") if payment.undoing else N_("Payment recorded")
        yield Moment(
            payment.received_on,
            what,
            f"{payment.payer} · {payment.reference}",
            "billing.show_payment",
            {"payment_id": payment.id},
        )


def _from_amendments(amendments: Sequence[Amendment], zone: str) -> Iterator[Moment]:
    for amendment in amendments:
        asked = {
            AmendmentState.ASKED: N_("Change of identity asked for"),
            AmendmentState.APPROVED: N_("Change of identity approved"),
        }
        what = asked.get(amendment.state, N_("Change of identity refused"))
        yield Moment(
            day_in(amendment.asked_at, zone),
            what,
            amendment.reason,
            "roll.show_amendment",
            {"amendment_id": amendment.id},
        )
