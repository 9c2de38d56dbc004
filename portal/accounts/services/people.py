"""Accounts made by invitation, and passwords set by mailed link."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from portal.accounts.actions import AccountAction, AccountMail
from portal.accounts.models import (
    LinkKind,
    MailedLink,
    Person,
)
from portal.accounts.passwords import check_unchanged
from portal.accounts.queries import find_person_by_email
from portal.accounts.services.sign_ins import sign_out_everywhere
from portal.audit.record import record
from portal.foundation.errors import Refused
from portal.foundation.ids import new_id
from portal.foundation.labels import N_
from portal.foundation.secrecy import hash_word, new_word
from portal.jobs.outbox import enqueue, send_mail
from portal.tenancy.actor import VISITOR, Actor
from portal.tenancy.chambers import settings_of
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
