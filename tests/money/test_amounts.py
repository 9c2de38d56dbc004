"""What a dues schedule can hold: fixed amounts in yuan.

Everything else is refused with its own reason.
"""

import pytest

from portal.foundation.errors import InvalidInput
from portal.money.dues.rules.amounts import parse_fixed

REFUSED = {
    "another currency": (
        "C$10000",
        "10000 CAD",
        "$75",
        "US$250",
        "HK$3,000",
        "港币3000",
        "8000美元",
        "€5",
    ),
    "another span": ("50000终身", "500/月", "300每月", "1000半年", "lifetime 500"),
    "a range": ("1000-3000", "1000至3000", "１０００～３０００元", "1万—3万"),
    "more than one amount": ("1000或3000", "1000/3000", "1000、3000"),
    "no fixed figure": (
        "20000（浮动）",
        "最低1000",
        "10000元左右",
        "约1000",
        "1000以上",
        "5000起",
        "不低于3000",
        "min 500",
    ),
}


@pytest.mark.parametrize(
    ("reason", "text"), [(reason, text) for reason, texts in REFUSED.items() for text in texts]
)
def test_what_cannot_be_held_is_refused_with_its_reason(reason: str, text: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        parse_fixed(text, "amount")


@pytest.mark.parametrize(
    ("text", "fen"),
    [("0", 0), ("0.00元", 0), ("1,000", 100_000), ("２０００元", 200_000), ("¥ 500.5", 50_050)],
)
def test_fixed_amounts(text: str, fen: int) -> None:
    assert parse_fixed(text, "amount") == fen
