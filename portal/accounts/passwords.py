"""Passwords: argon2id, 19 MiB, two passes, one lane.

One verification whether the name is known or not.
"""

import secrets

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_

_HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
_NOBODY = _HASHER.hash(secrets.token_hex(16))
SHORTEST, LONGEST = 10, 200


def hash_password(password: str) -> str:
    """The argon2id hash. Slow on purpose: never inside a writing transaction."""
    return _HASHER.hash(password)


def verify_password(password: str, known_hash: str | None) -> bool:
    """Whether the password fits; takes as long where there is no hash to compare with."""
    fits = _HASHER.verify(password[:LONGEST], known_hash or _NOBODY)
    return fits and known_hash is not None


def check_new_password(password: str, *, email: str, field: str = "password") -> None:
    """Refuses (InvalidInput) a weak password.

    One that is short, very long, all one character, or the e-mail address.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(
            field,
            N_("Use %(least)s to %(most)s characters. A short sentence works well."),
            least=SHORTEST,
            most=LONGEST,
        )
    if len(set(password)) < 4 or password.lower() in {email.lower(), email.lower().split("@")[0]}:
        raise InvalidInput(field, N_("This password is too easy to guess."))


def check_unchanged(known_hash: str | None, proven: str | None) -> None:
    """Refused where the password that was proved, of the hash `proven`, was changed since.

    Asked under the person's lock.
    """
    if known_hash != proven:
        raise Refused(N_("The password was changed at the same moment. Sign in with the new one."))
