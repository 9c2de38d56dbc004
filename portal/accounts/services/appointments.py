"""Appointments: who works for the chamber, in which department and rank."""

import datetime as dt

from portal.accounts.actions import AccountAction
from portal.accounts.models import (
    Appointment,
    Department,
)
from portal.accounts.policies import may_appoint
from portal.accounts.services.people import ensure_person, invite_person
from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.tenancy.actor import Actor, Rank
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def appoint(
    session: ChamberSession,
    *,
    email: str,
    name: str,
    department: Department | None,
    rank: Rank,
    from_on: dt.date,
    until_on: dt.date | None = None,
    acting: bool = False,
    ceiling: int | None = None,
    actor: Actor,
) -> Appointment:
    """Appoints a person (made and invited where new).

    NotPermitted, or InvalidInput where the dates do not fit. `ceiling` in fen.
    """
    guard(may_appoint, actor)
    if department is None and rank is not Rank.SECRETARY_GENERAL:
        raise InvalidInput("department", N_("Choose a department."))
    _check_days(from_on, until_on, acting)
    person = ensure_person(session, email=email, name=name, actor=actor)
    department_id = department.id if department and rank is not Rank.SECRETARY_GENERAL else None
    appointment = Appointment(
        person_id=person.id,
        department_id=department_id,
        rank=rank,
        from_on=from_on,
        until_on=until_on,
        acting=acting,
        ceiling=ceiling,
    )
    session.add(appointment)
    where = department.code if department else ""
    told = {"person": person.name, "rank": rank.value, "department": where}
    record(session, AccountAction.APPOINTED, appointment, actor=actor, **told)
    invite_person(session, person, called=name, actor=actor)
    return appointment


def _check_days(from_on: dt.date, until_on: dt.date | None, acting: bool) -> None:
    if until_on is not None and until_on < from_on:
        raise InvalidInput("until_on", N_("The end lies before the beginning."))
    if acting and until_on is None:
        raise InvalidInput("until_on", N_("An acting deputy needs a last day."))


def end_appointment(session: ChamberSession, appointment: Appointment, *, actor: Actor) -> None:
    """Ends an appointment at once: its rights are gone with the next request.

    Refused for one's own, so that nobody locks the chamber out.
    """
    guard(may_appoint, actor)
    if appointment.person_id == actor.person_id:
        raise Refused(N_("You cannot end your own appointment. Ask a colleague who may."))
    appointment = session.lock(appointment)
    if appointment.ended_at is None:
        appointment.ended_at = session.now()
        record(session, AccountAction.APPOINTMENT_ENDED, appointment, actor=actor)
