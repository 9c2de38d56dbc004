"""The one search: every source, each behind its wall."""

import pytest

from portal.web.search import SOURCES, add_source
from tests.cast import House, invented_uscc
from tests.house.sightseeing import ids_of

pytestmark = pytest.mark.either_database
NAME = "测试企业"


def found(house: House, who: str, words: str, slug: str = "jia") -> str:
    """The hits of somebody's search, without the page around."""
    browser = house.browser(who, slug)
    answer = browser.client.get(
        "/search",
        query_string={"q": words},
        headers={"Host": browser.host, "HX-Request": "true", "Accept-Language": "en"},
    )
    assert answer.status_code == 200
    return answer.text


def test_a_name_finds_all_that_is_called_so_and_each_role_sees_its_own(furnished: House) -> None:
    ids = ids_of(furnished, "jia")
    seen = {
        "enterprise": f"/enterprises/{ids['enterprise_id']}",
        "invoice": "/billing/invoices/",
        "payment": "/billing/payments/",
        "application": "/applications/",
    }
    roles = {
        "secretary": {"enterprise", "invoice", "payment", "application"},
        "membership": {"enterprise", "invoice", "payment", "application"},
        "finance": {"enterprise", "invoice", "payment"},
        "rights": set(),
    }
    for who, wanted in roles.items():
        page = found(furnished, who, NAME)
        assert {name for name, address in seen.items() if f'href="{address}' in page} == wanted, who


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("JF2026-00001", "/billing/invoices/"),
        ("SJ2026-00001", "/papers/"),
        ("trays", "/trays"),
        (invented_uscc(1), "/enterprises/"),
    ],
)
def test_numbers_codes_and_pages_are_found(furnished: House, words: str, address: str) -> None:
    assert f'href="{address}' in found(furnished, "secretary", words)
    assert f'href="{address}' not in found(furnished, "rights", words) or address == "/trays"


def test_nothing_of_another_chamber_is_found(furnished: House) -> None:
    there = ids_of(furnished, "yi")
    page = "".join(
        found(furnished, "secretary", words) for words in (NAME, "JF2026-00001", "SJ2026-00001")
    )
    assert not any(str(value) in page for value in there.values())


def test_the_empty_search_says_what_it_finds_and_what_matches_nothing_says_so(house: House) -> None:
    assert "are found here" in found(house, "secretary", "")
    assert "Nothing matches" in found(house, "secretary", "不存在的词")


@pytest.mark.parametrize("words", ["%", "_", "'", "x" * 5_000, "\0", "\ud7ff", "1e400", "𠮷"])
def test_whatever_is_typed_makes_no_fault(house: House, words: str) -> None:
    assert found(house, "secretary", words)


def test_it_is_for_colleagues_alone(furnished: House) -> None:
    assert furnished.browser().get("/search?q=x").status_code == 302
    assert furnished.browser("secretary", "yi").get("/search?q=x").status_code == 200


def test_a_source_is_registered_once() -> None:
    with pytest.raises(LookupError):
        add_source(1, SOURCES[0].words, lambda _: True, lambda _: [])
