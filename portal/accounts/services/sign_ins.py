"""Signing in and out, counted tries, and the second factor."""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from portal.accounts.actions import AccountAction
from portal.accounts.models import Attempt, Person, SignIn
from portal.accounts.passwords import check_unchanged
from portal.accounts.queries import find_person_by_email, list_representations, list_sign_ins
from portal.audit.record import record
from portal.foundation.errors import DomainError, Refused
from portal.foundation.ids import new_id
from portal.foundation.labels import N_
from portal.foundation.secrecy import hash_word, new_word
from portal.tenancy.actor import VISITOR, Actor
from portal.tenancy.counters import hold
from portal.tenancy.session import ChamberSession

TRIES, WINDOW = 10, dt.timedelta(minutes=5)
SEEN = dt.timedelta(days=90)
STAYS = dt.timedelta(days=7)


class TooManyTries(DomainError):
    """More than TRIES tries in WINDOW for one account or one address (429)."""

    status = 429


def take_try(session: ChamberSession, *keys: str, most: int = TRIES) -> None:
    """Counts one try under each key (an account, an address).

    TooManyTries where one has had `most` in WINDOW. Committed by the caller before the proof is
    checked.
    """
    hold(session, "tries")
    since = session.now() - WINDOW
    for key in (_key(k) for k in keys):
        if (
            session.scalar(
                sa.select(sa.func.count(Attempt.id)).where(Attempt.key == key, Attempt.at > since)
            )
            or 0
        ) >= most:
            raise TooManyTries(N_("Too many tries. Wait five minutes, then try again."))
        session.add(Attempt(key=key, at=session.now()))
    session.execute(sa.delete(Attempt).where(Attempt.at <= since))


@dataclass(frozen=True)
class Visit:
    """From where somebody tries to prove who they are.

    The address, and whom this browser has signed in before.
    """

    address: str
    known_person_id: uuid.UUID | None = None


def keys_of_try(
    session: ChamberSession, purpose: str, account: str, visit: Visit
) -> tuple[str, str]:
    """Under which keys a try of `actor` is counted: the account's, and the address's.

    A browser that signed this person in before, and an address from which it did within SEEN, are
    counted apart: strangers who try again and again use up the tries of strangers, and never lock
    the owner out.
    """
    person = find_person_by_email(session, account)
    was_here = _was_here(
        session,
        person.id if person else new_id(),
        visit.address,
        passed=person is not None and person.has_second_factor,
    )
    kind = f"known address {visit.address}" if was_here else "anywhere"
    if person is not None and visit.known_person_id == person.id:
        kind = "known browser"
    return f"{purpose} {kind}:{account}", f"address:{visit.address}"


def _was_here(session: ChamberSession, person_id: uuid.UUID, address: str, *, passed: bool) -> bool:
    """Whether a person signed in from an address within SEEN.

    Whole, by the second factor too, where one is on.
    """
    here = (
        SignIn.person_id == person_id,
        SignIn.address == address[:64],
        SignIn.began_at > session.now() - SEEN,
    )
    whole = SignIn.second_factor_passed.in_([True, passed])
    return session.scalars(sa.select(SignIn.id).where(*here, whole).limit(1)).first() is not None


def forgive_tries(session: ChamberSession, account: str, address: str) -> None:
    """Once the owner has proved who they are.

    Forgets the tries under the account's key, and the one just taken under the address's.

    An office behind one address is thus not shut out by its own signing in.
    """
    session.execute(sa.delete(Attempt).where(Attempt.key == _key(account)))
    newest = session.scalars(
        sa.select(Attempt)
        .where(Attempt.key == _key(address))
        .order_by(Attempt.at.desc(), Attempt.id.desc())
        .limit(1)
    ).first()
    if newest is not None:
        session.delete(newest)


def begin_sign_in(
    session: ChamberSession,
    person: Person,
    *,
    proven: str | None,
    address: str,
    browser: str,
    tried: tuple[str, str] | None = None,
    actor: Actor = VISITOR,
) -> str:
    """Starts a sign-in of a person who proved the password of the hash `proven`.

    Returns the word for the browser's cookie.

    The keys it `tried` under are forgiven. Refused where another password was set meanwhile.
    **Locks** the person.
    """
    check_unchanged(session.lock(person).password_hash, proven)
    word = new_word()
    represented = list_representations(session, person_id=person.id)
    sign_in = SignIn(
        person_id=person.id,
        word_hash=hash_word(word),
        began_at=session.now(),
        expires_at=session.now() + STAYS,
        address=address[:64],
        browser=browser[:200],
        represents_id=represented[0].enterprise_id if len(represented) == 1 else None,
    )
    session.add(sign_in)
    if tried is not None:
        forgive_tries(session, *tried)
    record(session, AccountAction.SIGNED_IN, sign_in, actor=actor, person=person.name)
    return word


def end_sign_in(session: ChamberSession, sign_in: SignIn, *, actor: Actor) -> None:
    """Signs one browser out. Ending it again changes nothing."""
    sign_in = session.lock(sign_in)
    if sign_in.ended_at is None:
        sign_in.ended_at = session.now()
        record(session, AccountAction.SIGNED_OUT, sign_in, actor=actor)


def sign_out_everywhere(session: ChamberSession, person: Person, *, actor: Actor) -> int:
    """Signs the person out everywhere; returns how many browsers."""
    live = sorted(list_sign_ins(session, person.id), key=lambda s: s.id)
    for sign_in in live:
        end_sign_in(session, sign_in, actor=actor)
    return len(live)


def choose_enterprise(
    session: ChamberSession, sign_in: SignIn, enterprise_id: str, *, actor: Actor
) -> None:
    """A person of several enterprises says which one this sign-in acts for.

    Refused for one they do not represent.
    """
    mine = {
        str(r.enterprise_id): r.enterprise_id
        for r in list_representations(session, person_id=sign_in.person_id)
    }
    if enterprise_id not in mine:
        raise Refused(N_("You do not represent this enterprise."))
    sign_in.represents_id = mine[enterprise_id]
    record(session, AccountAction.ENTERPRISE_CHOSEN, sign_in, actor=actor, enterprise=enterprise_id)


def _key(text: str) -> str:
    return hashlib.sha256(text.strip().lower().encode()).hexdigest()
