"""A page asks the database as often for fifty rows as for five."""

import pytest

from tests.cast import House
from tests.crowded import furnish_applications, furnish_invoices
from tests.statements import statements_of

pytestmark = pytest.mark.both_databases
LISTS = {
    "finance": [
        "/billing/invoices",
        "/billing/invoices?state=overdue&q=jz",
        "/my-day",
        "/search?q=jz",
    ],
    "membership": [
        "/applications",
        "/applications?late=1&mine=1",
        "/meetings",
        "/trays",
        "/my-day",
        "/roll",
        "/roll?q=jz&standing=arrears&industry=C#rows",
        "/notices",
    ],
    "office": ["/settings/mails", "/settings/staff"],
}
MOST = 7
"""Six of a list's own, and the one that finds the chamber by its host."""


def _counts(house: House) -> dict[str, int]:
    found = {}
    for who, addresses in LISTS.items():
        browser = house.browser(who)
        for address in addresses:
            with statements_of(house) as asked:
                part = {"HX-Request": "true"} if address.endswith("#rows") else {}
                assert (
                    browser.client.get(
                        address.removesuffix("#rows"), headers={"Host": browser.host} | part
                    ).status_code
                    == 200
                )
            asked = [q for q in asked if not q.startswith(("BEGIN", "PRAGMA"))]
            found[f"{who} {address}"] = len(asked)
    return found


def test_a_page_of_many_rows_costs_no_more_queries_than_one_of_few(house: House) -> None:
    furnish_invoices(house, 3)
    furnish_applications(house, 3)
    few = _counts(house)
    furnish_invoices(house, 50, first=4)
    furnish_applications(house, 50, first=4)
    assert _counts(house) == few


def test_a_list_asks_seldom(house: House) -> None:
    furnish_invoices(house, 30)
    furnish_applications(house, 30)
    assert {
        page: count
        for page, count in _counts(house).items()
        if count > MOST and "/my-day" not in page and "/search" not in page
    } == {}
