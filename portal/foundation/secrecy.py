"""Words that prove something: made at random, kept as a hash; and secrets that must be read again: kept encrypted."""

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet


def new_word() -> str:
    """A random word of 256 bits for a link or a cookie."""
    return secrets.token_urlsafe(32)


def hash_word(word: str) -> str:
    """What is kept of a word of full entropy: its SHA-256."""
    return hashlib.sha256(word.encode()).hexdigest()


class Sealer:
    """Encrypts secrets at rest under the installation's key."""

    def __init__(self, secret_key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"sealer:" + secret_key.encode()).digest()))

    def seal(self, secret: str) -> str:
        """The secret as text that can be stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret again; raises InvalidToken where the key is another."""
        return self._fernet.decrypt(sealed.encode()).decode()
