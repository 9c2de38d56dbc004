"""Saved views and exports of the roll; entering an existing member by hand."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from portal.accounts.services.people import ensure_person, invite_person
from portal.accounts.services.representing import add_representation
from portal.audit.record import record
from portal.foundation.errors import InvalidInput, NotPermitted, Refused
from portal.foundation.labels import N_
from portal.jobs.outbox import enqueue
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.policies import may_keep_roll, may_see_roll
from portal.members.enterprises.services import (
    Identity,
    ensure_enterprise,
    index_enterprise,
    take_over_identity,
)
from portal.members.enterprises.services.keeping import enter_history
from portal.members.membership.models import Grade, Membership
from portal.members.membership.queries import find_open_membership
from portal.members.membership.services import enter_membership
from portal.money.dues.services.certificates import follow_money
from portal.money.invoices.queries import find_open_invoice
from portal.roll.models import ExportFormat, RollAction, RollExport, SavedView
from portal.roll.queries.listing import count_roll
from portal.roll.queries.narrowing import RollFilter
from portal.roll.rules import read_history
from portal.tenancy.actor import MEMBERSHIP, Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession

MOST_VIEWS = 30
MOST_ROWS = 200_000


@dataclass(frozen=True)
class Colleague:
    """Whoever speaks for an enterprise; `email` may be empty: then nobody signs in for it yet."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True)
class Entry:
    """A member as the chamber's old list has it.

    `number` empty for the next one, `history` one line a day, `paid_through` the last day its dues
    are paid.
    """

    grade: Grade
    joined_on: dt.date
    number: str = ""
    paid_through: dt.date | None = None
    history: str = ""


def enter_member(
    session: ChamberSession, identity: Identity, entry: Entry, contact: Colleague, *, actor: Actor
) -> Membership:
    """Enters a company that was a member before the portal.

    Enterprise, membership with its number and day, history, contact.

    NotPermitted; InvalidInput where it is a member already or applies and owes its first dues, a
    day lies ahead, the number is taken, a line of history has no day, or a contact has no e-mail
    address. What is typed stands, also for an enterprise that the chamber knew.
    """
    guard(may_keep_roll, actor)
    today = today_of(session)
    events = read_history(entry.history, today)
    _check_entry(entry, contact, today)
    enterprise = session.lock(ensure_enterprise(session, identity, actor=actor))
    _check_no_member(session, enterprise)
    known = replace(identity, licence_file_id=enterprise.licence_file_id)
    take_over_identity(session, enterprise, known, actor=actor)
    membership = enter_membership(
        session,
        enterprise,
        entry.grade,
        number=entry.number,
        joined_on=entry.joined_on,
        paid_through=entry.paid_through,
        actor=actor,
    )
    follow_money(session, [enterprise.id], membership.number, actor=actor)
    enter_history(session, enterprise, events, actor=actor)
    if contact.email:
        _call_in(session, enterprise, contact, actor=actor)
    session.flush()
    index_enterprise(session, enterprise)
    return membership


def _check_entry(entry: Entry, contact: Colleague, today: dt.date) -> None:
    if (contact.name or contact.phone) and not contact.email:
        raise InvalidInput(
            "contact_email",
            N_(
                "A contact needs an e-mail address. Without one, leave the contact empty and "
                "write it into a note."
            ),
        )
    if not dt.date(1949, 10, 1) <= entry.joined_on <= today:
        raise InvalidInput("joined_on", N_("It cannot have joined on this day."))


def _check_no_member(session: ChamberSession, enterprise: Enterprise) -> None:
    if find_open_membership(session, enterprise.id) is not None:
        raise InvalidInput("uscc", N_("%(name)s is a member already."), name=enterprise.name)
    if (owed := find_open_invoice(session, enterprise.id)) is not None:
        raise InvalidInput(
            "uscc",
            N_("%(name)s has applied and owes %(number)s: it becomes a member by paying it."),
            name=enterprise.name,
            number=owed.number,
        )


def _call_in(
    session: ChamberSession, enterprise: Enterprise, contact: Colleague, *, actor: Actor
) -> None:
    """Makes the contact a person who represents the enterprise, and invites them."""
    called = {"email": contact.email, "name": contact.name, "phone": contact.phone}
    person = ensure_person(session, **called, actor=actor)
    roles = {"member_representative": True, "dues_contact": True}
    add_representation(session, person, enterprise.id, **roles, actor=actor)
    invite_person(session, person, called=contact.name, actor=actor)


def save_view(session: ChamberSession, name: str, narrow: RollFilter, *, actor: Actor) -> SavedView:
    """Keeps what narrows the roll under a name of the colleague's own.

    The same name again replaces it. NotPermitted; InvalidInput without a name; Refused beyond 30.
    """
    if not may_see_roll(actor) or actor.person_id is None:
        raise NotPermitted(N_("Only colleagues who work with the roll save views of it."))
    name = " ".join(name.split())
    if not 0 < len(name) <= 40:
        raise InvalidInput("name", N_("A name has 1 to 40 signs."))
    known = session.scalars(
        sa.select(SavedView).where(SavedView.person_id == actor.person_id)
    ).all()
    view = next((v for v in known if v.name == name), None)
    if view is None and len(known) >= MOST_VIEWS:
        raise Refused(N_("You have 30 views. Remove one first."))
    if view is None:
        view = SavedView(person_id=actor.person_id, name=name)
        session.add(view)
    view.query = narrow.as_query()
    session.flush()
    record(session, RollAction.VIEW_SAVED, view, actor=actor, department=MEMBERSHIP, name=name)
    return view


def drop_view(session: ChamberSession, view: SavedView, *, actor: Actor) -> None:
    """Removes a saved view. NotPermitted for another colleague's."""
    if view.person_id != actor.person_id:
        raise NotPermitted(N_("This is another colleague's view."))
    record(
        session, RollAction.VIEW_DROPPED, view, actor=actor, department=MEMBERSHIP, name=view.name
    )
    session.execute(sa.delete(SavedView).where(SavedView.id == view.id))


def export_roll(
    session: ChamberSession, narrow: RollFilter, form: ExportFormat, language: str, *, actor: Actor
) -> RollExport:
    """Calls for an export, which the worker writes.

    That it was asked for, by what and how many rows, is written down (个人信息保护法).
    NotPermitted.
    """
    if not may_see_roll(actor) or actor.person_id is None:
        raise NotPermitted(N_("Only colleagues who work with the roll export it."))
    today = today_of(session)
    total = count_roll(session, narrow, today)
    export = RollExport(
        person_id=actor.person_id,
        format=form,
        narrow=narrow.asked(),
        language=language,
        total=total,
        asked_at=session.now(),
    )
    session.add(export)
    session.flush()
    enqueue(
        session,
        "write_roll_export",
        unique_key=f"write_roll_export:{export.id}",
        export_id=export.id,
    )
    record(
        session,
        RollAction.EXPORTED,
        export,
        actor=actor,
        department=MEMBERSHIP,
        format=form.value,
        rows=total,
        narrow=_told(narrow.asked()),
    )
    return export


def note_download(session: ChamberSession, export: RollExport, *, actor: Actor) -> None:
    """Writes down that a list with people's names left the portal.

    NotPermitted for another colleague's export.
    """
    if export.person_id != actor.person_id:
        raise NotPermitted(N_("This is another colleague's export. Make one of your own."))
    record(
        session,
        RollAction.DOWNLOADED,
        export,
        actor=actor,
        department=MEMBERSHIP,
        rows=export.total,
    )


def _told(narrow: Mapping[str, str]) -> dict[str, str]:
    return {name: value[:200] for name, value in narrow.items()}
