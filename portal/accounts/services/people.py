"""Accounts made by invitation, and passwords set by mailed link.

Appointments, and colleagues of an enterprise.
"""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from portal.accounts.actions import AccountAction, AccountMail
from portal.accounts.models import (
    Appointment,
    Department,
    LinkKind,
    MailedLink,
    Person,
    Representation,
)
from portal.accounts.passwords import check_unchanged
from portal.accounts.policies import may_appoint, may_manage_colleagues
from portal.accounts.queries import find_person_by_email, find_representation, list_representations
from portal.accounts.services.sign_ins import sign_out_everywhere
from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.ids import new_id
from portal.foundation.labels import N_
from portal.foundation.secrecy import hash_word, new_word
from portal.jobs.news import News
from portal.jobs.outbox import announce, enqueue, send_mail
from portal.tenancy.actor import VISITOR, Actor, Rank
from portal.tenancy.chambers import settings_of
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession

INVITATION_LASTS = dt.timedelta(days=14)
RESET_LASTS = dt.timedelta(hours=2)


def ensure_person(
    session: ChamberSession,
    *,
    email: str,
    name: str,
    phone: str = "",
    language: str = "zh",
    actor: Actor,
) -> Person:
    """The person with this e-mail address, made where new.

    An existing person keeps their own name.
    """
    known = find_person_by_email(session, email)
    if known is not None:
        return known
    person = Person(
        email=email.strip().lower(),
        name=name.strip(),
        phone=phone,
        language=language,
        created_at=session.now(),
    )
    try:
        with session.begin_nested():
            session.add(person)
            session.flush()
    except IntegrityError:
        return session.scalars(sa.select(Person).where(Person.email == email.strip().lower())).one()
    record(session, AccountAction.PERSON_ADDED, person, actor=actor)
    return person


def make_link(session: ChamberSession, person: Person, kind: LinkKind, *, actor: Actor) -> str:
    """A one-time word for a mailed link; an earlier link of the kind stops working.

    **Locks** the person.
    """
    session.lock(person)
    session.execute(
        _open_links(person).where(MailedLink.kind == kind).values(used_at=session.now())
    )
    word = new_word()
    lasts = INVITATION_LASTS if kind is LinkKind.INVITATION else RESET_LASTS
    session.add(
        MailedLink(
            person_id=person.id,
            kind=kind,
            word_hash=hash_word(word),
            expires_at=session.now() + lasts,
        )
    )
    record(session, AccountAction.LINK_SENT, person, actor=actor, kind=kind.value)
    return word


def invite_person(session: ChamberSession, person: Person, *, called: str, actor: Actor) -> None:
    """Mails an invitation to set a password, to a person who has none yet.

    It greets them as `actor` `called` them, and names the actor, only where that is a colleague of
    the chamber: nobody has shown yet that the mailbox is theirs.
    """
    if person.password_hash is None:
        word = make_link(session, person, LinkKind.INVITATION, actor=actor)
        name, by = (called.strip(), actor.name) if actor.is_staff or actor.is_system else ("", "")
        send_mail(
            session,
            AccountMail.INVITATION,
            to=person.email,
            name=name,
            language=person.language,
            secret=word,
            person=name,
            by=by,
        )


def ask_for_reset(session: ChamberSession, email: str, *, actor: Actor = VISITOR) -> None:
    """Calls for a link to whoever signs in with this address.

    Does the same work and says the same where nobody does.
    """
    person = find_person_by_email(session, email)
    enqueue(session, "mail_reset", priority=5, person_id=person.id if person else new_id())
    record(session, AccountAction.RESET_ASKED, settings_of(session), actor=actor)


def mail_reset(session: ChamberSession, person_id: uuid.UUID, *, actor: Actor) -> None:
    """Mails a link for a new password; nothing where there is no such person."""
    person = session.find(Person, person_id)
    if person is not None:
        word = make_link(session, person, LinkKind.RESET, actor=actor)
        send_mail(
            session,
            AccountMail.RESET,
            to=person.email,
            name=person.greeted,
            language=person.language,
            secret=word,
            person=person.greeted,
        )


def set_password_by_link(
    session: ChamberSession, link: MailedLink, password_hash: str, *, actor: Actor = VISITOR
) -> Person:
    """Sets the password (hashed before, outside the transaction).

    Ends every link of the person and signs every browser out.

    Refused where the link was used meanwhile. **Locks** the person, then their sign-ins.
    """
    person = session.lock(link.person)
    session.refresh(link)
    if link.used_at is not None:
        raise Refused(N_("This link was used already. Ask for a new one."))
    _set_password(session, person, password_hash, actor=actor)
    return person


def change_password(
    session: ChamberSession, person: Person, password_hash: str, *, proven: str | None, actor: Actor
) -> None:
    """Sets a new password (hashed before) for a person who proved the one of the hash `proven`.

    Every link ends, every browser is signed out.

    Refused where another was set meanwhile. **Locks** the person, then their sign-ins.
    """
    check_unchanged(session.lock(person).password_hash, proven)
    _set_password(session, person, password_hash, actor=actor)


def _open_links(person: Person) -> sa.Update:
    """The links of a person that still work. Who makes, uses or ends one holds the person."""
    return sa.update(MailedLink).where(
        MailedLink.person_id == person.id, MailedLink.used_at.is_(None)
    )


def _set_password(
    session: ChamberSession, person: Person, password_hash: str, *, actor: Actor
) -> None:
    """A new secret leaves no other way in.

    No invitation, no link for a password that somebody forgot, no browser.
    """
    person.password_hash = password_hash
    session.execute(_open_links(person).values(used_at=session.now()))
    sign_out_everywhere(session, person, actor=actor)
    record(session, AccountAction.PASSWORD_SET, person, actor=actor)


def choose_language(
    session: ChamberSession, person: Person, language: str, *, actor: Actor
) -> None:
    """Keeps the language in which pages and mails speak to the person."""
    person.language = "en" if language == "en" else "zh"
    record(session, AccountAction.LANGUAGE_CHOSEN, person, actor=actor, language=person.language)


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
    if until_on is not None and until_on < from_on:
        raise InvalidInput("until_on", N_("The end lies before the beginning."))
    if acting and until_on is None:
        raise InvalidInput("until_on", N_("An acting deputy needs a last day."))
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
    record(
        session,
        AccountAction.APPOINTED,
        appointment,
        actor=actor,
        person=person.name,
        rank=rank.value,
        department=department.code if department else "",
    )
    invite_person(session, person, called=name, actor=actor)
    return appointment


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
