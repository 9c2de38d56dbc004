"""The second factor: switched on, asked for, switched off."""

import hmac
import secrets

import pyotp
import sqlalchemy as sa

from portal.accounts.actions import AccountAction, AccountMail
from portal.accounts.models import Person, RecoveryCode, SignIn
from portal.accounts.passwords import check_unchanged
from portal.accounts.services.sign_ins import forgive_tries
from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.secrecy import Sealer, hash_word
from portal.jobs.outbox import send_mail
from portal.tenancy.actor import VISITOR, Actor
from portal.tenancy.session import ChamberSession

CODES = 10
STEP = 30


def start_second_factor(
    session: ChamberSession, person: Person, sealer: Sealer, *, actor: Actor
) -> None:
    """Makes a new TOTP secret (RFC 6238) that counts only once a code from it was given.

    Refused while one is on.
    """
    person = session.lock(person)
    if person.has_second_factor:
        raise Refused(N_("The second factor is on already."))
    person.totp_secret = sealer.seal(pyotp.random_base32())
    record(session, AccountAction.SECOND_FACTOR_STARTED, person, actor=actor)


def confirm_second_factor(
    session: ChamberSession, sign_in: SignIn, code: str, sealer: Sealer, *, actor: Actor
) -> list[str]:
    """Switches the second factor on after one right code.

    Returns the recovery codes, which are shown this once.
    """
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


def pass_second_factor(
    session: ChamberSession,
    sign_in: SignIn,
    code: str,
    sealer: Sealer,
    *,
    tried: tuple[str, str],
    actor: Actor = VISITOR,
) -> None:
    """Takes a code of the app, or a recovery code, each once.

    InvalidInput where it does not fit. The keys it `tried` under are forgiven.
    """
    spare = _prove(session, session.lock(sign_in.person), code, sealer)
    sign_in.second_factor_passed = True
    forgive_tries(session, *tried)
    record(session, AccountAction.SECOND_FACTOR_PASSED, sign_in, actor=actor, recovery=spare)


def drop_second_factor(
    session: ChamberSession,
    person: Person,
    code: str,
    sealer: Sealer,
    *,
    proven: str | None,
    actor: Actor,
) -> None:
    """Switches the second factor off; the person is told by mail.

    For whoever has proved the password of the hash `proven` and gives a code.

    Refused where none is on, or another password was set meanwhile; InvalidInput where the code
    does not fit. **Locks** the person.
    """
    check_unchanged(session.lock(person).password_hash, proven)
    if not person.has_second_factor:
        raise Refused(N_("The second factor is off already."))
    _prove(session, person, code, sealer)
    person.totp_secret = person.totp_confirmed_at = None
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    record(session, AccountAction.SECOND_FACTOR_OFF, person, actor=actor)
    send_mail(
        session,
        AccountMail.SECOND_FACTOR_OFF,
        to=person.email,
        name=person.name,
        language=person.language,
        person=person.name,
    )


def _prove(session: ChamberSession, person: Person, code: str, sealer: Sealer) -> bool:
    """Uses up a recovery code, and says so, or a code of the app.

    InvalidInput where it is neither.
    """
    hashed = hash_word(code.strip().lower())
    spares = sa.select(RecoveryCode).where(
        RecoveryCode.person_id == person.id, RecoveryCode.code_hash == hashed
    )
    spare = session.scalars(spares.where(RecoveryCode.used_at.is_(None))).first()
    if spare is None:
        _use_code(session, person, code, sealer)
        return False
    spare.used_at = session.now()
    return True


def _use_code(session: ChamberSession, person: Person, code: str, sealer: Sealer) -> None:
    totp = pyotp.TOTP(sealer.open(person.totp_secret or ""))
    present = int(session.now().timestamp()) // STEP
    typed = code.replace(" ", "")
    for step in (present - 1, present, present + 1):
        if step > person.totp_last_step and hmac.compare_digest(
            totp.at(step * STEP).encode(), typed.encode()
        ):
            person.totp_last_step = step
            return
    raise InvalidInput(
        "code",
        N_(
            "This code does not fit. Codes change every 30 seconds and count once; check the "
            "clock of your phone."
        ),
    )
