"""Reading people, their appointments and their sign-ins."""

import datetime as dt
import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.accounts.models import (
    Appointment,
    Department,
    MailedLink,
    Person,
    RecoveryCode,
    Representation,
    SignIn,
)
from portal.foundation.clock import day_in
from portal.foundation.secrecy import hash_word
from portal.tenancy.actor import VISITOR, Actor, ActorKind, Post
from portal.tenancy.models import ChamberSettings
from portal.tenancy.session import ChamberSession


def find_person_by_email(session: ChamberSession, email: str) -> Person | None:
    """The person who signs in with this address."""
    return session.scalars(
        sa.select(Person).where(Person.email == email.strip().lower())
    ).one_or_none()


def find_sign_in(session: ChamberSession, word: str) -> SignIn | None:
    """The live sign-in of a browser's word, with its person."""
    query = (
        sa.select(SignIn)
        .options(joinedload(SignIn.person))
        .where(
            SignIn.word_hash == hash_word(word),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > session.now(),
        )
    )
    return session.scalars(query).one_or_none()


def list_sign_ins(session: ChamberSession, person_id: uuid.UUID) -> Sequence[SignIn]:
    """The person's live sign-ins, newest first."""
    query = (
        sa.select(SignIn)
        .where(
            SignIn.person_id == person_id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > session.now(),
        )
        .order_by(SignIn.began_at.desc())
    )
    return session.scalars(query).all()


def posts_of(session: ChamberSession, person_id: uuid.UUID, today: dt.date) -> tuple[Post, ...]:
    """The posts that a person holds today."""
    query = (
        sa.select(Appointment, Department.code)
        .outerjoin(Department, Department.id == Appointment.department_id)
        .where(Appointment.person_id == person_id)
    )
    return tuple(
        a.as_post(code or "") for a, code in session.execute(query).all() if a.in_force(today)
    )


def build_actor(session: ChamberSession, sign_in: SignIn, settings: ChamberSettings) -> Actor:
    """Who the sign-in acts as today. Two queries.

    A sign-in whose second factor is still due acts as a visitor.
    """
    person = sign_in.person
    if person.has_second_factor and not sign_in.second_factor_passed:
        return VISITOR
    posts = posts_of(session, person.id, day_in(session.now(), settings.zone))
    if posts:
        lacking = settings.staff_need_second_factor and not sign_in.second_factor_passed
        return Actor(
            ActorKind.STAFF,
            person.name,
            person.id,
            () if lacking else posts,
            needs_second_factor=lacking,
        )
    represented = (
        find_representation(session, person.id, sign_in.represents_id)
        if sign_in.represents_id
        else None
    )
    return Actor(
        ActorKind.CONTACT if represented else ActorKind.VISITOR,
        person.name,
        person.id,
        enterprise_id=represented.enterprise_id if represented else None,
    )


def find_representation(
    session: ChamberSession, person_id: uuid.UUID, enterprise_id: uuid.UUID
) -> Representation | None:
    """The open representation of an enterprise by a person."""
    query = sa.select(Representation).where(
        Representation.person_id == person_id,
        Representation.enterprise_id == enterprise_id,
        Representation.ended_at.is_(None),
    )
    return session.scalars(query).one_or_none()


def list_representations(
    session: ChamberSession,
    *,
    person_id: uuid.UUID | None = None,
    enterprise_id: uuid.UUID | None = None,
) -> Sequence[Representation]:
    """Open representations of a person, or of an enterprise, oldest first, with their people."""
    query = (
        sa.select(Representation)
        .options(joinedload(Representation.person))
        .where(Representation.ended_at.is_(None))
        .order_by(Representation.began_at, Representation.id)
    )
    if person_id:
        query = query.where(Representation.person_id == person_id)
    if enterprise_id:
        query = query.where(Representation.enterprise_id == enterprise_id)
    return session.scalars(query).all()


def greeting_of(session: ChamberSession, email: str, name: str) -> str:
    """`name`, by which a mail greets its reader.

    None where somebody is known at this address who has never shown that it is theirs.
    """
    person = find_person_by_email(session, email)
    return "" if person is not None and not person.greeted else name


def find_link(session: ChamberSession, word: str) -> MailedLink | None:
    """The mailed link of this word while it can still be used."""
    query = (
        sa.select(MailedLink)
        .options(joinedload(MailedLink.person))
        .where(
            MailedLink.word_hash == hash_word(word),
            MailedLink.used_at.is_(None),
            MailedLink.expires_at > session.now(),
        )
    )
    return session.scalars(query).one_or_none()


def count_recovery_codes(session: ChamberSession, person_id: uuid.UUID) -> int:
    """How many recovery codes are left."""
    return (
        session.scalar(
            sa.select(sa.func.count(RecoveryCode.id)).where(
                RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None)
            )
        )
        or 0
    )


def list_departments(session: ChamberSession) -> Sequence[Department]:
    """The chamber's departments in its own order."""
    return session.scalars(
        sa.select(Department).order_by(Department.position, Department.code)
    ).all()


def list_appointments(session: ChamberSession, on: dt.date) -> Sequence[Appointment]:
    """Appointments in force on a day or later, by department and rank.

    With people and departments.
    """
    query = (
        sa.select(Appointment)
        .options(joinedload(Appointment.person), joinedload(Appointment.department))
        .where(
            Appointment.ended_at.is_(None),
            sa.or_(Appointment.until_on.is_(None), Appointment.until_on >= on),
        )
        .order_by(
            Appointment.department_id.is_(None).desc(),
            Appointment.department_id,
            Appointment.rank,
            Appointment.from_on,
            Appointment.id,
        )
    )
    return session.scalars(query).all()
