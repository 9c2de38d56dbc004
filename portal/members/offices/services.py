"""Offices: added, retired, given and ended."""

import datetime as dt

from portal.audit.acts import Act
from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.members.enterprises.models import Enterprise
from portal.members.offices.models import Office, OfficeHolding
from portal.members.offices.policies import may_keep_offices
from portal.members.offices.queries import list_offices
from portal.tenancy.actor import Actor
from portal.tenancy.counters import hold, next_number
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


class OfficeAction(Act):
    """Acts on offices."""

    OFFICE_ADDED = "office.added", N_("Office added")
    OFFICE_RETIRED = "office.retired", N_("Office retired")
    OFFICE_GIVEN = "office.given", N_("Office given")
    OFFICE_ENDED = "office.ended", N_("Office ended")


def add_office(session: ChamberSession, *, name_zh: str, name_en: str, actor: Actor) -> Office:
    """Adds an office at the end of the chamber's list.

    NotPermitted, or InvalidInput where there is one of this name. **Locks** their latch.
    """
    guard(may_keep_offices, actor)
    hold(session, "office")
    if any(office.name_zh == name_zh for office in list_offices(session, retired=True)):
        raise InvalidInput("name_zh", N_("There is an office of this name."))
    office = Office(name_zh=name_zh, name_en=name_en, position=next_number(session, "office"))
    session.add(office)
    record(session, OfficeAction.OFFICE_ADDED, office, actor=actor, name=name_zh)
    return office


def retire_office(session: ChamberSession, office: Office, *, actor: Actor) -> None:
    """Closes an office: it is given no more; who holds it keeps it to the end of the term.

    **Locks** the office.
    """
    guard(may_keep_offices, actor)
    office = session.lock(office)
    if office.retired_at is None:
        office.retired_at = session.now()
        record(session, OfficeAction.OFFICE_RETIRED, office, actor=actor, name=office.name_zh)


def give_office(
    session: ChamberSession,
    office: Office,
    enterprise: Enterprise,
    *,
    held_by: str,
    from_on: dt.date,
    until_on: dt.date | None,
    actor: Actor,
) -> OfficeHolding:
    """Writes down that an enterprise holds an office through a person.

    NotPermitted; InvalidInput where the dates do not fit; Refused for a retired office. **Locks**
    the office.
    """
    guard(may_keep_offices, actor)
    office = session.lock(office)
    if office.retired_at is not None:
        raise Refused(N_("This office is given no more."))
    if until_on is not None and until_on < from_on:
        raise InvalidInput("until_on", N_("The end lies before the beginning."))
    holding = OfficeHolding(
        office_id=office.id,
        enterprise_id=enterprise.id,
        held_by=held_by,
        from_on=from_on,
        until_on=until_on,
    )
    session.add(holding)
    record(
        session,
        OfficeAction.OFFICE_GIVEN,
        holding,
        actor=actor,
        office=office.name_zh,
        enterprise=enterprise.name,
    )
    return holding


def end_office(
    session: ChamberSession, holding: OfficeHolding, on: dt.date, *, actor: Actor
) -> None:
    """Ends a holding with the day `on`; one that has ended by then is left as it is.

    NotPermitted, or InvalidInput where it lies before the beginning.
    """
    guard(may_keep_offices, actor)
    if on < holding.from_on:
        raise InvalidInput("until_on", N_("The end lies before the beginning."))
    holding = session.lock(holding)
    if holding.until_on is not None and holding.until_on <= on:
        return
    holding.until_on = on
    record(session, OfficeAction.OFFICE_ENDED, holding, actor=actor, until=on.isoformat())
