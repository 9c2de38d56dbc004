"""Tokens: what is found under what."""

import pytest

from portal.foundation.paging import decode_cursor, encode_cursor
from portal.foundation.search import normalise_name, pinyin_key, tokens_of, tokens_to_find


@pytest.mark.parametrize(
    "query", ["鹿城", "皮革商", "温州鹿城皮革", "革", "wzlc", "lcpg", "WZ", "商会 777", "7", "777"]
)
def test_a_name_is_found(query: str) -> None:
    assert tokens_to_find(query) <= tokens_of("温州鹿城皮革商会 777")


@pytest.mark.parametrize("query", ["城鹿", "上海", "zw", "888"])
def test_another_name_is_not(query: str) -> None:
    assert not tokens_to_find(query) <= tokens_of("温州鹿城皮革商会 777")


@pytest.mark.parametrize("query", ["zyq", "syq", "cdp", "zdp"])
def test_every_reading_of_a_surname_counts(query: str) -> None:
    assert tokens_to_find(query) <= tokens_of("曾雅琴") | tokens_of("单雅琴") | tokens_of("重大牌")


def test_nothing_to_search_by_finds_nothing() -> None:
    assert tokens_to_find(" !?。 ") == set()


def test_names_are_compared_normalised() -> None:
    assert (
        normalise_name("北京（甲）科技有限公司")
        == normalise_name("北京(甲) 科技 有限责任公司")
        == "北京甲科技"
    )
    assert normalise_name("公司") == "公司"


def test_sorting_follows_the_sound() -> None:
    assert sorted(["云泽", "安和", "博远"], key=pinyin_key) == ["安和", "博远", "云泽"]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        None,
        "x",
        "!!!",
        "bnVsbA",
        encode_cursor("a"),
        encode_cursor("a", "b", "c"),
        encode_cursor("a", "b\0"),
    ],
)
def test_a_bent_cursor_is_none(cursor: str | None) -> None:
    assert decode_cursor(cursor, str, str) is None
    assert decode_cursor(encode_cursor("甲", "2"), str, str) == ("甲", "2")


@pytest.mark.parametrize("query", ["szds", "szdss", "szdssp", "szdsspyxgs", "SZDSSPYX"])
def test_initials_of_a_whole_long_name_find_it(query: str) -> None:
    assert tokens_to_find(query) <= tokens_of("深圳单氏食品有限公司")


def test_a_long_word_is_found_by_its_beginning_and_a_code_by_itself() -> None:
    assert tokens_to_find("Huiguan") <= tokens_of("Huiguan Trading")
    assert tokens_to_find("huiguna") - tokens_of("Huiguan Trading")
    assert tokens_to_find("91350100M000100Y43") == {"91350100m000100y43"}
