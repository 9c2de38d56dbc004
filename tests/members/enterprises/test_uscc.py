"""The unified social credit code, GB 32100-2015."""

import pytest

from portal.foundation.errors import InvalidInput
from portal.members.enterprises.rules.codes import (
    industries,
    industry_choices,
    region_choices,
    region_name,
    regions,
)
from portal.members.enterprises.rules.uscc import ALPHABET, check_sign, read_uscc
from tests.cast import invented_uscc


def test_the_worked_example() -> None:
    assert check_sign("91350100M000100Y4") == "3"
    assert read_uscc("91350100M000100Y43") == "91350100M000100Y43"


@pytest.mark.parametrize(
    "typed",
    [
        "91350100m000100y43",
        " 9135 0100-M000 100Y-43 ",
        "９１３５０１００Ｍ０００１００Ｙ４３",
        "91350100–M000100Y43",
    ],
)
def test_spaces_hyphens_case_and_width_are_forgiven(typed: str) -> None:
    assert read_uscc(typed) == "91350100M000100Y43"


def test_letters_are_allowed_in_the_first_two_places() -> None:
    body = "Y1350100M000100Y4"
    assert read_uscc(body + check_sign(body)) == body + check_sign(body)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "9135",
        "91350100M000100Y44",
        "9135O100M000100Y43",
        "91350100M000100Y431",
        "91350100M0001００Y4S",
        "企业",
        "91A50100M000100Y43",
    ],
)
def test_a_wrong_code_is_refused_with_its_reason(typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_uscc(typed)
    assert caught.value.field == "uscc"


def test_a_remainder_of_zero_gives_zero() -> None:
    zeros = [n for n in range(2_000) if invented_uscc(n)[-1] == "0"]
    assert zeros
    assert all(read_uscc(invented_uscc(n)) for n in zeros)


def test_every_single_mistyped_sign_is_noticed() -> None:
    code = "91350100M000100Y43"
    for place in range(18):
        for sign in ALPHABET:
            if sign != code[place]:
                with pytest.raises(InvalidInput):
                    read_uscc(code[:place] + sign + code[place + 1 :])


def test_the_codes_are_whole() -> None:
    assert len(industries()) == 20 + 97 + 473 + 1381
    assert len(regions()) == 31 + 342 + 2978
    assert sum(map(len, industry_choices().values())) == 97
    assert sum(map(len, region_choices().values())) == 342
    assert region_name("4403") == "广东省深圳市"
    assert region_name("1101") == "北京市"
    assert region_name("9999") == "9999"
