"""Amounts as people type and read them."""

import pytest

from portal.foundation.errors import InvalidInput
from portal.foundation.money import in_capitals, in_currency, parse_fen, plain, yuan


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("3000", 300_000),
        ("3,000.00", 300_000),
        ("１，０００．００", 100_000),
        ("￥1,234.5", 123_450),
        ("¥0.01", 1),
        (" 12.30 元 ", 1_230),
        ("1,000,000", 100_000_000),
    ],
)
def test_an_amount_is_read_as_it_is_typed(typed: str, fen: int) -> None:
    assert parse_fen(typed) == fen


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1e5",
        "NaN",
        "inf",
        "-0",
        "-5",
        "+5",
        "0",
        "0.00",
        "0.005",
        "1,00",
        "1,0000",
        "十",
        "٣",
        "1.2.3",
        "0x10",
        "1_000",
        "99999999999999",
        "²",
        "1 000",
    ],
)
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        parse_fen(typed)


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (140_950, "人民币壹仟肆佰零玖元伍角"),
        (600_714, "人民币陆仟零柒元壹角肆分"),
        (32_504, "人民币叁佰贰拾伍元零肆分"),
        (1_000, "人民币壹拾元整"),
        (200_000, "人民币贰仟元整"),
        (1, "人民币壹分"),
    ],
)
def test_capitals(fen: int, words: str) -> None:
    assert in_capitals(fen).removesuffix("整") == words.removesuffix("整")


def test_what_is_less_than_nothing_is_written_one_way() -> None:
    assert yuan(-123_456) == in_currency(-123_456, "CNY") == "−¥1,234.56"
    assert in_currency(-123_456, "USD") == "−USD 1,234.56"
    assert yuan(-1) == "−¥0.01"


def test_capitals_of_the_case_with_two_right_answers() -> None:
    assert in_capitals(10_700_053) in {
        "人民币壹拾万柒仟元零伍角叁分",
        "人民币壹拾万零柒仟元伍角叁分",
    }


def test_amounts_are_plain_where_no_currency_stands() -> None:
    assert plain(123_456) == "1,234.56"
    assert plain(-5) == "-0.05"
