"""Money: integer minor units (fen) with their currency, never a float."""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

import cn2an

from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_

LARGEST = 10**13
_AMOUNT = re.compile(r"(?P<whole>\d{1,3}(,\d{3})+|\d{1,12})(\.(?P<part>\d{1,2}))?")


@dataclass(frozen=True, order=True)
class Money:
    """An amount of `minor` units (fen for CNY). Arithmetic refuses mixed currencies (ValueError)."""

    minor: int
    currency: str = "CNY"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix")
        return other.minor

    def split(self, parts: int) -> list["Money"]:
        """`parts` amounts that differ by one fen at most and add up to the whole."""
        each, left = divmod(self.minor, parts)
        return [Money(each + (1 if n < left else 0), self.currency) for n in range(parts)]

    def __str__(self) -> str:
        return f"{'¥' if self.currency == 'CNY' else self.currency + ' '}{plain(self.minor)}"


def plain(minor: int) -> str:
    """Fen as text with thousands separators: 123456 → 1,234.56."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def half_up(exact: Fraction) -> int:
    """The one rounding of the house: to the nearest whole fen, a half away from zero upwards."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def parse_fen(text: str, field: str = "amount") -> int:
    """Reads yuan as a person types them (full-width digits, ¥, thousands separators) into fen.

    Refuses (InvalidInput) signs, exponents, NaN, a third decimal, zero and amounts of 10^13 fen or more.
    """
    half = unicodedata.normalize("NFKC", text).strip().removeprefix("¥").removeprefix("¥").removesuffix("元").strip()
    match = _AMOUNT.fullmatch(half) if half.isascii() else None
    if match is None:
        raise InvalidInput(field, N_("Write an amount in yuan such as 3,000.00, with two decimals at most."))
    fen = int(match["whole"].replace(",", "")) * 100 + int((match["part"] or "0").ljust(2, "0"))
    if fen == 0:
        raise InvalidInput(field, N_("The amount must be more than zero."))
    if fen >= LARGEST:
        raise InvalidInput(field, N_("The amount is too large."))
    return fen


def in_capitals(minor: int) -> str:
    """The amount in Chinese capitals for receipts (人民币银行结算账户管理 forms): 140950 → 人民币壹仟肆佰零玖元伍角."""
    if minor < 0:
        raise ValueError("capitals are for amounts of zero or more")
    return "人民币" + str(cn2an.an2cn(f"{minor // 100}.{minor % 100:02d}", "rmb"))
