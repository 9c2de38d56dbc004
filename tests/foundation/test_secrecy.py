"""Signed words: for one purpose and chamber, under any listed key, also those of earlier mails."""

import base64
import hashlib
import hmac
import uuid

import pytest

from portal.foundation.secrecy import Sealer

KEY, OTHER = "k" * 40, "o" * 40
CHAMBER, THING = uuid.UUID(int=7), uuid.UUID(int=2**127 + 9)


def _made_before(purpose: str, key: str = KEY) -> str:
    """A word as it was made before words were signed by itsdangerous."""
    marker = hashlib.sha256(b"marker:" + key.encode()).digest()
    proof = hmac.digest(marker, purpose.encode() + CHAMBER.bytes + THING.bytes, "sha256")[:16]
    return base64.urlsafe_b64encode(THING.bytes + proof).decode().rstrip("=")


@pytest.mark.parametrize(
    "word",
    [Sealer(KEY).mark("pay", CHAMBER, THING), _made_before("pay")],
    ids=["today", "before"],
)
def test_a_word_stands_for_one_thing_of_one_chamber_and_purpose(word: str) -> None:
    sealer = Sealer(KEY)
    assert sealer.read_mark("pay", CHAMBER, word) == THING
    assert Sealer(OTHER, KEY).read_mark("pay", CHAMBER, word) == THING, "a key that was replaced"
    assert Sealer(OTHER).read_mark("pay", CHAMBER, word) is None
    assert sealer.read_mark("application", CHAMBER, word) is None
    assert sealer.read_mark("pay", uuid.UUID(int=8), word) is None
    for at in range(len(word) - 1):
        changed = word[:at] + ("A" if word[at] != "A" else "B") + word[at + 1 :]
        assert sealer.read_mark("pay", CHAMBER, changed) != THING, at


@pytest.mark.parametrize(
    "word", ["", ".", "x", "x.y", "é" * 43, "A" * 10_000, "A" * 43, "." * 66], ids=range(8)
)
def test_nonsense_stands_for_nothing(word: str) -> None:
    assert Sealer(KEY).read_mark("pay", CHAMBER, word) is None
