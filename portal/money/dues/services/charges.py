"""What raises a charge of dues: its invoice and its row; and what frees it again."""

import datetime as dt

from portal.foundation.clock import day_in
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.members.enterprises.models import Enterprise, debtor_of
from portal.money.dues.models import DuesCharge, DuesSchedule
from portal.money.dues.queries import (
    Level,
    find_charge_of,
    find_charge_within,
    list_supplements_within,
    list_suspensions,
)
from portal.money.dues.rules.proration import Charge, Span
from portal.money.dues.services.certificates import follow_money
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.invoices.services.hooks import TAKEN_BACK, TAKING_BACK
from portal.money.invoices.services.raising import Addressee, Line, issue_invoice
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.session import ChamberSession


def raise_charge(
    session: ChamberSession,
    enterprise: Enterprise,
    addressee: Addressee,
    level: Level,
    charge: Charge,
    lines: list[Line],
    dues_year: int,
    *,
    supplement: int = 0,
    actor: Actor,
) -> Invoice:
    """Issues the invoice of a charge and writes the charge down.

    Certificates follow where nothing is owed.

    InvalidInput where a charge of one of these days stands already, a supplement aside.
    """
    settings = settings_of(session)
    today = day_in(session.now(), settings.zone)
    due_on = today + dt.timedelta(days=settings.days_to_pay)
    if not supplement:
        _check_apart(session, enterprise, charge.span)
        due_on = _due_day(level.schedule, dues_year, today, settings.days_to_pay)
    debtor, schedule = debtor_of(enterprise), level.schedule.name
    invoice = issue_invoice(
        session, debtor, addressee, lines, due_on=due_on, actor=actor, schedule=schedule
    )
    row = DuesCharge(enterprise_id=enterprise.id, invoice_id=invoice.id, rate_id=level.rate.id)
    row.dues_year, row.supplement = dues_year, supplement
    row.covers_from, row.covers_until = charge.span.first, charge.span.last
    session.add(row)
    if invoice.state is InvoiceState.PAID:
        follow_money(session, [enterprise.id], invoice.number, actor=actor)
    return invoice


def _check_apart(session: ChamberSession, enterprise: Enterprise, span: Span) -> None:
    other = find_charge_within(session, enterprise.id, span.first, span.last)
    if other is not None:
        raise InvalidInput(
            "year",
            N_("%(number)s asks for dues from %(first)s to %(last)s already."),
            number=other.invoice.number,
            first=other.covers_from.isoformat(),
            last=other.covers_until.isoformat(),
        )


def _due_day(
    schedule: DuesSchedule, dues_year: int, issued_on: dt.date, days_to_pay: int
) -> dt.date:
    """The schedule's last day to pay where it lies ahead.

    Otherwise the chamber's days to pay after the issue.
    """
    if schedule.due_month and schedule.due_day:
        fixed = dt.date(dues_year, schedule.due_month, schedule.due_day)
        if fixed > issued_on:
            return fixed
    return issued_on + dt.timedelta(days=days_to_pay)


def suspended_spans(session: ChamberSession) -> list[Span]:
    """The days for which the chamber asks no dues."""
    return [
        Span(s.from_on, s.until_on) for s in list_suspensions(session) if s.taken_back_at is None
    ]


def check_supplements(session: ChamberSession, invoice: Invoice) -> None:
    """A charge to which a supplement was raised is not taken back under it.

    What is raised anew would hold the difference too. Refused, naming it.
    """
    charge = find_charge_of(session, invoice.id)
    if charge is None or charge.supplement:
        return
    standing = list_supplements_within(
        session, charge.enterprise_id, charge.covers_from, charge.covers_until
    )
    if standing:
        raise Refused(
            N_("%(number)s was raised for the difference to a higher level. Take it back first."),
            number=standing[-1].invoice.number,
        )


def free_charge(session: ChamberSession, invoice: Invoice) -> None:
    """The charge of an invoice that was taken back whole stands no more.

    Its period can be charged anew.
    """
    charge = find_charge_of(session, invoice.id)
    if charge is not None:
        charge.standing = False


TAKING_BACK.append(check_supplements)
TAKEN_BACK.append(free_charge)
