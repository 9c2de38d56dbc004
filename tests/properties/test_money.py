"""Properties of amounts."""

import random
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from portal.foundation.money import LARGEST, half_up, in_capitals, parse_fen, plain

DIGITS = {sign: n for n, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1_000}


def read_capitals(words: str) -> int:
    """An independent reader of capitals, back into fen."""
    words = words.removeprefix("人民币").removesuffix("整")
    yuan, _, rest = words.partition("元") if "元" in words else ("", "", words)
    total = _read_yuan(yuan) * 100
    for sign, unit in (("角", 10), ("分", 1)):
        if sign in rest:
            head, _, rest = rest.partition(sign)
            total += DIGITS[head[-1]] * unit
    return total


def _read_yuan(words: str) -> int:
    for sign, unit in (("亿", 10**8), ("万", 10**4)):
        if sign in words:
            head, _, tail = words.rpartition(sign)
            return _read_yuan(head) * unit + _read_yuan(tail)
    total, digit = 0, 0
    for sign in words:
        if sign in DIGITS:
            digit = DIGITS[sign]
        else:
            total, digit = total + digit * UNITS[sign], 0
    return total + digit


def test_capitals_round_trip() -> None:
    """Ten thousand amounts of every length."""
    dice = random.Random(714)
    amounts = [dice.randrange(10 ** dice.randrange(1, 16)) % LARGEST for _ in range(10_000)]
    assert [fen for fen in amounts if not _is_right(in_capitals(fen), fen)] == []


@given(st.integers(0, LARGEST - 1))
def test_capitals_of_awkward_amounts_round_trip(fen: int) -> None:
    assert _is_right(in_capitals(fen), fen)


def _is_right(words: str, fen: int) -> bool:
    """Whether the words say just this amount, and 整 where no fen follow."""
    return (
        read_capitals(words) == fen
        and "零零" not in words
        and words.endswith("整") is (fen % 10 == 0)
    )


@given(st.integers(1, LARGEST - 1))
def test_what_is_shown_is_read_again(fen: int) -> None:
    assert parse_fen(plain(fen)) == fen
    full_width = plain(fen).translate({ord(a): chr(ord(a) + 0xFEE0) for a in "0123456789.,"})
    assert parse_fen(full_width) == fen


@given(st.integers(0, 10**12), st.integers(1, 366))
def test_rounding_is_half_up_and_once(fen: int, days: int) -> None:
    exact = Fraction(fen * days, 366)
    rounded = half_up(exact)
    assert abs(rounded - exact) <= Fraction(1, 2)
    assert rounded - exact != Fraction(-1, 2)
