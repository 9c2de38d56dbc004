"""Words that prove something: made at random, kept as a hash.

And secrets that must be read again: kept encrypted.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import uuid

from cryptography.fernet import Fernet, MultiFernet
from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

SHORTEST_SEALED = 100


def new_word() -> str:
    """A random word of 256 bits for a link or a cookie."""
    return secrets.token_urlsafe(32)


def hash_word(word: str) -> str:
    """What is kept of a word of full entropy: its SHA-256."""
    return hashlib.sha256(word.encode()).hexdigest()


class Sealer:
    """Encrypts secrets at rest: the first key seals, and every key that is listed opens."""

    def __init__(self, secret_key: str, *older: str) -> None:
        keys = (secret_key, *older)
        self._keys = [key.encode() for key in reversed(keys)]
        self._markers = [hashlib.sha256(b"marker:" + key.encode()).digest() for key in keys]
        self._fernet = MultiFernet(
            [
                Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"sealer:" + key.encode()).digest()))
                for key in keys
            ]
        )
        self.fingerprint = hashlib.sha256(b"fingerprint:" + secret_key.encode()).hexdigest()[:12]
        """Which key seals, without telling it."""

    def seal(self, secret: str) -> str:
        """The secret as text that can be stored."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret again; raises InvalidToken where none of the keys is its own."""
        return self._fernet.decrypt(sealed.encode()).decode()

    def seal_anew(self, sealed: str) -> str:
        """The same secret under the first key; raises InvalidToken as `open`."""
        return self._fernet.rotate(sealed.encode()).decode()

    def mark(self, purpose: str, scope: uuid.UUID, id: uuid.UUID) -> str:
        """A signed word that stands for `id` within `scope` (a chamber), for one purpose.

        66 signs; nothing of it is stored.
        """
        return self._signer(purpose, scope).sign(base64_encode(id.bytes)).decode()

    def read_mark(self, purpose: str, scope: uuid.UUID, word: str) -> uuid.UUID | None:
        """The id of a word that `mark` made for this purpose and scope under any of the keys.

        None for any other.
        """
        if "." not in word:
            return self._read_earlier(purpose, scope, word)
        try:
            found = base64_decode(self._signer(purpose, scope).unsign(word))
        except BadData:
            return None
        return uuid.UUID(bytes=found) if len(found) == 16 else None

    def _signer(self, purpose: str, scope: uuid.UUID) -> Signer:
        """By itsdangerous, which signs with the last key that is listed, and reads by every one."""
        salt = b"portal.mark:" + purpose.encode() + scope.bytes
        return Signer(self._keys, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)

    def _read_earlier(self, purpose: str, scope: uuid.UUID, word: str) -> uuid.UUID | None:
        """A word as it was made before words were signed by itsdangerous: mails carry it still."""
        try:
            raw = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        except (binascii.Error, ValueError):
            return None
        if len(raw) != 32:
            return None
        found = uuid.UUID(bytes=raw[:16])
        fits = [
            hmac.compare_digest(raw[16:], _proof(marker, purpose, scope, found))
            for marker in self._markers
        ]
        return found if any(fits) else None


def is_sealed(text: str) -> bool:
    """Whether a text is what a Sealer makes: words from before they were sealed are not."""
    return len(text) >= SHORTEST_SEALED and text.startswith("gAAAAA")


def _proof(key: bytes, purpose: str, scope: uuid.UUID, id: uuid.UUID) -> bytes:
    return hmac.digest(key, purpose.encode() + scope.bytes + id.bytes, "sha256")[:16]
