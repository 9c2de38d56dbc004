"""Payment codes: words for the remittance note of a transfer (附言).

Short, with a check character.
"""

import re
import unicodedata

from portal.members.enterprises.rules.uscc import ALPHABET

SIGN = "D"


def payment_code(year: int, sequence: int) -> str:
    """Writes the payment code of a number in the sequence.

    `D`, two digits of the year, five of the sequence (more where needed), and a check character.
    """
    body = f"{SIGN}{year % 100:02d}{sequence:05d}"
    return body + _check(body)


def read_payment_code(typed: str) -> str | None:
    """The code in its normal form where it is whole and its check character fits, else None."""
    code = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed)).upper()
    if not re.fullmatch(r"D\d{7,9}[0-9A-Y]", code) or _check(code[:-1]) != code[-1]:
        return None
    return code


def _check(body: str) -> str:
    total = sum(ALPHABET.index(sign) * pow(3, place + 1, 31) for place, sign in enumerate(body))
    return ALPHABET[(31 - total % 31) % 31]
