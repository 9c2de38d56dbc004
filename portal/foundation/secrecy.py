"""Words that prove something: made at random, kept as a hash; and secrets that must be read again: kept encrypted."""

import base64
import binascii
import hashlib
import hmac
import secrets
import uuid

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
        self._key = hashlib.sha256(b"marker:" + secret_key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"sealer:" + secret_key.encode()).digest()))

    def seal(self, secret: str) -> str:
        """The secret as text that can be stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret again; raises InvalidToken where the key is another."""
        return self._fernet.decrypt(sealed.encode()).decode()

    def mark(self, purpose: str, scope: uuid.UUID, id: uuid.UUID) -> str:
        """A word of 43 signs that stands for `id` within `scope` (a chamber), for one purpose; nothing of it is stored."""
        return base64.urlsafe_b64encode(id.bytes + self._proof(purpose, scope, id)).decode().rstrip("=")

    def read_mark(self, purpose: str, scope: uuid.UUID, word: str) -> uuid.UUID | None:
        """The id of a word that `mark` made for this purpose and scope; None for any other."""
        try:
            raw = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        except (binascii.Error, ValueError):
            return None
        if len(raw) != 32:
            return None
        found = uuid.UUID(bytes=raw[:16])
        return found if hmac.compare_digest(raw[16:], self._proof(purpose, scope, found)) else None

    def _proof(self, purpose: str, scope: uuid.UUID, id: uuid.UUID) -> bytes:
        return hmac.digest(self._key, purpose.encode() + scope.bytes + id.bytes, "sha256")[:16]
