"""Signing in and out, counted tries, and the second factor."""

import datetime as dt
import hashlib
import hmac
import secrets

import pyotp
import sqlalchemy as sa

from portal.accounts.actions import AccountAction
from portal.accounts.models import Attempt, Person, RecoveryCode, SignIn
from portal.accounts.queries import list_representations, list_sign_ins
from portal.audit.record import record
from portal.foundation.errors import DomainError, InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.secrecy import Sealer, hash_word, new_word
from portal.tenancy.actor import VISITOR, Actor
from portal.tenancy.counters import hold
from portal.tenancy.session import ChamberSession

TRIES, WINDOW = 10, dt.timedelta(minutes=5)
STAYS = dt.timedelta(days=7)
CODES = 10
STEP = 30


class TooManyTries(DomainError):
    """More than TRIES tries in WINDOW for one account or one address (429)."""

    status = 429


def take_try(session: ChamberSession, *keys: str, most: int = TRIES, actor: Actor = VISITOR) -> None:
    """Counts one try under each key (an account, an address); TooManyTries where one has had `most` in WINDOW. Committed by the caller before the proof is checked."""
    hold(session, "tries")
    since = session.now() - WINDOW
    for key in (_key(k) for k in keys):
        if (session.scalar(sa.select(sa.func.count(Attempt.id)).where(Attempt.key == key, Attempt.at > since)) or 0) >= most:
            raise TooManyTries(N_("Too many tries. Wait five minutes, then try again."))
        session.add(Attempt(key=key, at=session.now()))
    session.execute(sa.delete(Attempt).where(Attempt.at <= since))


def forgive_tries(session: ChamberSession, account: str, address: str, *, actor: Actor = VISITOR) -> None:
    """Once the owner has proved who they are: forgets the tries of the account, and the one just taken at the address.

    An office behind one address is thus not shut out by its own signing in.
    """
    session.execute(sa.delete(Attempt).where(Attempt.key == _key(account)))
    newest = session.scalars(sa.select(Attempt).where(Attempt.key == _key(address)).order_by(Attempt.at.desc(), Attempt.id.desc()).limit(1)).first()
    if newest is not None:
        session.delete(newest)


def begin_sign_in(session: ChamberSession, person: Person, *, address: str, browser: str, actor: Actor = VISITOR) -> str:
    """Starts a sign-in after the password was proved; returns the word for the browser's cookie. Announces nothing."""
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
    forgive_tries(session, person.email, address)
    record(session, AccountAction.SIGNED_IN, sign_in, actor=actor, person=person.name)
    return word


def end_sign_in(session: ChamberSession, sign_in: SignIn, *, actor: Actor) -> None:
    """Signs one browser out. Ending it again changes nothing."""
    sign_in = session.lock(sign_in)
    if sign_in.ended_at is None:
        sign_in.ended_at = session.now()
        record(session, AccountAction.SIGNED_OUT, sign_in, actor=actor)


def end_all_sign_ins(session: ChamberSession, person: Person, *, actor: Actor) -> int:
    """Signs the person out everywhere; returns how many browsers."""
    live = sorted(list_sign_ins(session, person.id), key=lambda s: s.id)
    for sign_in in live:
        end_sign_in(session, sign_in, actor=actor)
    return len(live)


def choose_enterprise(session: ChamberSession, sign_in: SignIn, enterprise_id: str, *, actor: Actor) -> None:
    """A person of several enterprises says which one this sign-in acts for; Refused for one they do not represent."""
    mine = {str(r.enterprise_id): r.enterprise_id for r in list_representations(session, person_id=sign_in.person_id)}
    if enterprise_id not in mine:
        raise Refused(N_("You do not represent this enterprise."))
    sign_in.represents_id = mine[enterprise_id]
    record(session, AccountAction.ENTERPRISE_CHOSEN, sign_in, actor=actor, enterprise=enterprise_id)


def start_second_factor(session: ChamberSession, person: Person, sealer: Sealer, *, actor: Actor) -> None:
    """Makes a new TOTP secret (RFC 6238) that counts only once a code from it was given; Refused while one is on."""
    person = session.lock(person)
    if person.has_second_factor:
        raise Refused(N_("The second factor is on already."))
    person.totp_secret = sealer.seal(pyotp.random_base32())
    record(session, AccountAction.SECOND_FACTOR_STARTED, person, actor=actor)


def confirm_second_factor(session: ChamberSession, sign_in: SignIn, code: str, sealer: Sealer, *, actor: Actor) -> list[str]:
    """Switches the second factor on after one right code; returns the recovery codes, which are shown this once."""
    person = session.lock(sign_in.person)
    if person.totp_secret is None or person.has_second_factor:
        raise Refused(N_("Begin setting up the second factor again."))
    _use_code(session, person, code, sealer)
    person.totp_confirmed_at = session.now()
    sign_in.second_factor_passed = True
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = [f"{secrets.token_hex(4)}-{secrets.token_hex(4)}" for _ in range(CODES)]
    session.add_all(RecoveryCode(person_id=person.id, code_hash=hash_word(code)) for code in codes)
    record(session, AccountAction.SECOND_FACTOR_ON, person, actor=actor)
    return codes


def pass_second_factor(session: ChamberSession, sign_in: SignIn, code: str, sealer: Sealer, *, address: str, actor: Actor = VISITOR) -> None:
    """Takes a code of the app, or a recovery code, each once; InvalidInput where it does not fit."""
    person = session.lock(sign_in.person)
    spare = session.scalars(
        sa.select(RecoveryCode).where(RecoveryCode.person_id == person.id, RecoveryCode.code_hash == hash_word(code.strip().lower()), RecoveryCode.used_at.is_(None))
    ).first()
    if spare is not None:
        spare.used_at = session.now()
    else:
        _use_code(session, person, code, sealer)
    sign_in.second_factor_passed = True
    forgive_tries(session, f"code:{person.id}", address)
    record(session, AccountAction.SECOND_FACTOR_PASSED, sign_in, actor=actor, recovery=spare is not None)


def drop_second_factor(session: ChamberSession, person: Person, *, actor: Actor) -> None:
    """Switches the second factor off and forgets the recovery codes."""
    person.totp_secret = person.totp_confirmed_at = None
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    record(session, AccountAction.SECOND_FACTOR_OFF, person, actor=actor)


def _use_code(session: ChamberSession, person: Person, code: str, sealer: Sealer) -> None:
    totp = pyotp.TOTP(sealer.open(person.totp_secret or ""))
    present = int(session.now().timestamp()) // STEP
    typed = code.replace(" ", "")
    for step in (present - 1, present, present + 1):
        if step > person.totp_last_step and hmac.compare_digest(totp.at(step * STEP).encode(), typed.encode()):
            person.totp_last_step = step
            return
    raise InvalidInput("code", N_("This code does not fit. Codes change every 30 seconds and count once; check the clock of your phone."))


def _key(text: str) -> str:
    return hashlib.sha256(text.strip().lower().encode()).hexdigest()
