"""Money: integer minor units, fen for CNY, never a float.

Yuan are text, as people type and read them, and decimals in spreadsheets.
"""

import re
from decimal import Decimal
from fractions import Fraction

from babel.numbers import format_decimal

from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_

LARGEST = 10**13
WITHOUT_CENTS = {
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "JPY",
    "KMF",
    "KRW",
    "MGA",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
}
"""Currencies whose smallest unit is the whole.

https://docs.stripe.com/currencies#zero-decimal
"""
_HALF_WIDTH = {**{0xFF01 + n: chr(0x21 + n) for n in range(94)}, 0x3000: " ", 0xFFE5: "¥"}
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_AMOUNT = re.compile(r"(?P<whole>\d{1,3}(,\d{3})+|\d{1,12})(\.(?P<part>\d{1,2}))?")


def plain(minor: int) -> str:
    """Fen as text with thousands separators: 123456 → 1,234.56."""
    return format_decimal(Decimal(minor).scaleb(-2), "#,##0.00", locale="en")


def in_currency(minor: int, currency: str) -> str:
    """An amount in the smallest unit of its currency as people write it.

    ¥1,234.56, −USD 1,234.56, JPY 1,234.
    """
    sign, amount = "−" if minor < 0 else "", abs(minor)
    if currency == "CNY":
        return f"{sign}¥{plain(amount)}"
    return sign + (
        f"{currency} {amount:,}"
        if currency in WITHOUT_CENTS
        else f"{currency} {plain(amount)}".strip()
    )


def yuan(fen: int) -> str:
    """Fen as ¥1,234.56; what is less than nothing as −¥1,234.56."""
    return in_currency(fen, "CNY")


def half_up(exact: Fraction) -> int:
    """The one rounding of the house: to the nearest whole fen, a half away from zero upwards."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def half_width(text: str) -> str:
    """An amount as typed, in half-width signs and without ¥ before it."""
    return text.translate(_HALF_WIDTH).strip().removeprefix("¥").strip()


def parse_fen(text: str, field: str = "amount") -> int:
    """Reads yuan as a person types them (full-width digits, ¥, thousands separators) into fen.

    Refuses (InvalidInput) signs, exponents, NaN, a third decimal, zero and amounts of 10^13 fen or
    more.
    """
    half = half_width(text).removesuffix("元").strip()
    match = _AMOUNT.fullmatch(half) if half.isascii() else None
    if match is None:
        raise InvalidInput(
            field, N_("Write an amount in yuan such as 3,000.00, with two decimals at most.")
        )
    fen = int(match["whole"].replace(",", "")) * 100 + int((match["part"] or "0").ljust(2, "0"))
    if fen == 0:
        raise InvalidInput(field, N_("The amount must be more than zero."))
    if fen >= LARGEST:
        raise InvalidInput(field, N_("The amount is too large."))
    return fen


def in_capitals(minor: int) -> str:
    """An amount of fen in Chinese capitals (中文大写金额).

    By the rules for settlement vouchers, 支付结算办法 annex 1.

    140950 → 人民币壹仟肆佰零玖元伍角; inner zeros once; 整 after 元 and after 角; 零 before 角
    where no single yuan stands.
    """
    if not 0 <= minor < LARGEST * 1000:
        raise ValueError(
            "capitals are for amounts from zero to below ten thousand million million fen"
        )
    whole, jiao, fen = minor // 100, minor // 10 % 10, minor % 10
    words = _whole_yuan(whole) + "元" if whole else ""
    if words and (jiao or fen) and (whole % 10 == 0 or jiao == 0):
        words += "零"
    words += (_DIGITS[jiao] + "角" if jiao else "") + (_DIGITS[fen] + "分" if fen else "")
    return "人民币" + (words or "零元") + ("" if fen else "整")


def _whole_yuan(yuan: int) -> str:
    """Groups of four digits with 万, 亿 and 万亿; a gap between two groups is one 零."""
    words, gap = "", False
    groups = [yuan // 10_000**n % 10_000 for n in (3, 2, 1, 0)]
    for group, unit in zip(groups, ("万亿", "亿", "万", ""), strict=True):
        if not group:
            gap = bool(words)
            continue
        if words and (gap or group < 1_000):
            words += "零"
        words, gap = words + _group(group) + unit, False
    return words.replace("万亿", "万") if "万亿" in words and groups[1] else words


def _group(group: int) -> str:
    words = ""
    for place, unit in ((1_000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit = group // place % 10
        if digit:
            words += _DIGITS[digit] + unit
        elif words and group % place:
            words += "" if words.endswith("零") else "零"
    return words
