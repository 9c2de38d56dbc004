"""Who acts for an enterprise: called in, and ended."""

import uuid

from portal.accounts.actions import AccountAction
from portal.accounts.models import (
    Person,
    Representation,
)
from portal.accounts.policies import may_manage_colleagues
from portal.accounts.queries import find_representation, list_representations
from portal.accounts.services.people import ensure_person, invite_person
from portal.audit.record import record
from portal.foundation.errors import Refused
from portal.foundation.labels import N_
from portal.jobs.news import News
from portal.jobs.outbox import announce
from portal.tenancy.actor import Actor
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def add_representation(
    session: ChamberSession,
    person: Person,
    enterprise_id: uuid.UUID,
    *,
    member_representative: bool = False,
    dues_contact: bool = False,
    actor: Actor,
) -> Representation:
    """Lets a person act for an enterprise; an open representation is kept and gains the flags.

    Announces `contacts_changed`.
    """
    known = find_representation(session, person.id, enterprise_id)
    if known is None:
        known = Representation(
            person_id=person.id,
            enterprise_id=enterprise_id,
            is_member_representative=False,
            is_dues_contact=False,
            began_at=session.now(),
        )
        session.add(known)
    known.is_member_representative = known.is_member_representative or member_representative
    known.is_dues_contact = known.is_dues_contact or dues_contact
    if session.is_modified(known) or known in session.new:
        session.flush()
        votes, pays = known.is_member_representative, known.is_dues_contact
        record(
            session,
            AccountAction.REPRESENTATION_BEGUN,
            known,
            actor=actor,
            person=person.name,
            votes=votes,
            pays=pays,
        )
    announce(session, News.CONTACTS_CHANGED, enterprise_id=enterprise_id)
    return known


def invite_colleague(
    session: ChamberSession,
    enterprise_id: uuid.UUID,
    *,
    email: str,
    name: str,
    member_representative: bool = False,
    dues_contact: bool = False,
    actor: Actor,
) -> Representation:
    """Lets somebody act for an enterprise; they are mailed an invitation.

    Called in by a colleague there or by those who keep the roll. NotPermitted for anyone else.
    """
    guard(may_manage_colleagues, actor, enterprise_id)
    person = ensure_person(session, email=email, name=name, actor=actor)
    representation = add_representation(
        session,
        person,
        enterprise_id,
        member_representative=member_representative,
        dues_contact=dues_contact,
        actor=actor,
    )
    record(
        session, AccountAction.COLLEAGUE_INVITED, representation, actor=actor, person=person.name
    )
    invite_person(session, person, called=name, actor=actor)
    return representation


def end_representation(
    session: ChamberSession, representation: Representation, *, actor: Actor
) -> None:
    """Takes the right to act for the enterprise from a colleague, at once.

    Ending it again changes nothing.

    NotPermitted; Refused for the last contact of an enterprise. Announces `contacts_changed`.
    **Locks** all its representations, sorted: two colleagues cannot remove each other.
    """
    guard(may_manage_colleagues, actor, representation.enterprise_id)
    theirs = list_representations(session, enterprise_id=representation.enterprise_id)
    acting = [
        one
        for one in (session.lock(one) for one in sorted(theirs, key=lambda r: r.id))
        if one.ended_at is None
    ]
    if representation not in acting:
        return
    if len(acting) < 2:
        raise Refused(N_("This is the last contact of the enterprise. Invite another one first."))
    representation.ended_at = session.now()
    announce(session, News.CONTACTS_CHANGED, enterprise_id=representation.enterprise_id)
    record(session, AccountAction.REPRESENTATION_ENDED, representation, actor=actor)
