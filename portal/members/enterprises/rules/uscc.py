"""The unified social credit code (统一社会信用代码, GB 32100-2015)."""

import re
import unicodedata

from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {sign: number for number, sign in enumerate(ALPHABET)}
_WEIGHTS = [pow(3, place, 31) for place in range(17)]


def normalise_uscc(typed: str) -> str:
    """Half-width, upper case, without spaces and hyphens. A letter O stays an O.

    It is refused, never guessed.
    """
    return re.sub(r"[\s\-‐‑–—_]", "", unicodedata.normalize("NFKC", typed)).upper()


def check_sign(body: str) -> str:
    """The 18th sign over the first 17: (31 − Σ mod 31) mod 31."""
    total = sum(_VALUE[sign] * weight for sign, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def read_uscc(typed: str, field: str = "uscc") -> str:
    """The code in its normal form; InvalidInput says what is wrong with it."""
    code = normalise_uscc(typed)
    wrong = sorted({sign for sign in code if sign not in _VALUE})
    if wrong:
        raise InvalidInput(
            field,
            N_(
                "“%(sign)s” cannot stand in this code: it has digits and letters without I, "
                "O, S, V, Z."
            ),
            sign=wrong[0],
        )
    if len(code) != 18:
        raise InvalidInput(field, N_("The code has 18 signs; this has %(count)s."), count=len(code))
    if not code[2:8].isdigit():
        raise InvalidInput(
            field, N_("Signs 3 to 8 are the six digits of the registering district.")
        )
    if check_sign(code[:17]) != code[17]:
        raise InvalidInput(
            field,
            N_(
                "The last sign does not fit the others: a sign is mistyped. Compare with the "
                "licence."
            ),
        )
    return code


def read_legacy_number(typed: str, field: str = "uscc") -> str:
    """A 15-digit registration number from before the codes (GS 15-2006).

    Its check digit by ISO 7064 MOD 11,10; InvalidInput says what is wrong.
    """
    number = normalise_uscc(typed)
    if not re.fullmatch(r"[0-9]{15}", number):
        raise InvalidInput(
            field,
            N_(
                "An older registration number has 15 digits. Empty the reason below if you "
                "have a code of 18 signs."
            ),
        )
    product = 10
    for digit in number[:14]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    if (product + int(number[14])) % 10 != 1:
        raise InvalidInput(
            field,
            N_(
                "The last digit does not fit the others: a digit is mistyped. Compare with "
                "the licence."
            ),
        )
    return number
