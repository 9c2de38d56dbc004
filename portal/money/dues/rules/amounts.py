"""Fixed amounts of a dues schedule."""

import re

from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.foundation.money import half_width, parse_fen

_RANGE = re.compile(r"[\d万千元.,，]\s*([-–—~～]|至|到)\s*\d")
_CHOICE = re.compile(r"[\d元]\s*([/／、;；]|或|or)\s*\S*\d", re.IGNORECASE)
_FLOATING = re.compile(
    r"以上|以下|以内|不低于|不少于|不超过|最低|最高|至少|至多|左右|上下|大约|约|浮动|面议|酌情|起$"
    r"|\+$|%|％|min|max|from|up to|about",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"[$€£₩]|(?<![a-z])(usd|cad|aud|hkd|mop|twd|sgd|eur|gbp|jpy|us|hk)(?![a-z])|美元|美金|加元|港币|港元|澳元|欧元|英镑|日元|新元",
    re.IGNORECASE,
)
_SPAN = re.compile(r"终身|永久|life|半年|季|每月|/月|month|quarter", re.IGNORECASE)
_NOTHING = re.compile(r"0+(\.0{1,2})?")
MOST_LEVELS = 4
"""At most four levels: 会费档次一般不超过4级.

Guidance of the registration authority, http://shzzpt.org.cn/home/operate/wenda/id/1147.html,
2024-06-27.
"""
REFUSALS = (
    (_FOREIGN, N_("“%(text)s” is in another currency. The portal keeps dues in yuan (CNY) only.")),
    (
        _SPAN,
        N_(
            "“%(text)s” is for another span. An amount is for one to five whole years: dues "
            "for life, by halves, quarters or months cannot be entered."
        ),
    ),
    (
        _RANGE,
        N_(
            "“%(text)s” is a range. Dues are fixed figures (民发〔2014〕166号): give each "
            "level one amount."
        ),
    ),
    (
        _CHOICE,
        N_(
            "“%(text)s” names more than one amount. Give each level, and each number of "
            "years, a line of its own."
        ),
    ),
    (
        _FLOATING,
        N_(
            "“%(text)s” is no fixed figure. Dues are fixed figures (民发〔2014〕166号): give "
            "each level one amount."
        ),
    ),
)


def parse_fixed(text: str, field: str) -> int:
    """Reads a yearly or term amount in yuan into fen.

    0 is an amount (a free level, no joining fee).

    InvalidInput, with its reason, for what a schedule cannot hold: another currency, dues for life
    or parts of a year, a range, several amounts, a floating figure (民发〔2014〕166号 asks for
    fixed ones).
    """
    for pattern, sentence in REFUSALS:
        if pattern.search(text):
            raise InvalidInput(field, sentence, text=text[:40])
    return 0 if _NOTHING.fullmatch(half_width(text).removesuffix("元")) else parse_fen(text, field)
