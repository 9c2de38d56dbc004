"""Fixed amounts of a dues schedule."""

import re

from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.foundation.money import parse_fen

_RANGE = re.compile(r"[\d万千元.,，]\s*([-–—~～]|至|到)\s*\d")
_FLOATING = re.compile(r"以上|以下|不低于|不少于|起$|\+$|%|％")
MOST_LEVELS = 4
"""会费档次一般不超过4级 (guidance of the registration authority, http://shzzpt.org.cn/home/operate/wenda/id/1147.html, 2024-06-27)."""


def parse_fixed(text: str, field: str) -> int:
    """Reads a yearly or term amount in yuan into fen. A range or a floating figure is refused (InvalidInput): 民发〔2014〕166号 asks for fixed ones."""
    if _RANGE.search(text):
        raise InvalidInput(field, N_("“%(text)s” is a range. Dues are fixed figures (民发〔2014〕166号): give each level one amount."), text=text[:40])
    if _FLOATING.search(text):
        raise InvalidInput(field, N_("“%(text)s” is no fixed figure. Dues are fixed figures (民发〔2014〕166号): give each level one amount."), text=text[:40])
    return parse_fen(text, field)
