"""What is the same for everybody is kept for a minute, named by an ETag and compressed.

What is not, is not.
"""

import base64

import pytest

from portal.money.invoices.models import Invoice
from tests.cast import House, applicant_of
from tests.scenes import invoice_of

ASKED = {"Host": "jia.localhost", "Accept-Encoding": "br, gzip", "Accept-Language": "en"}


@pytest.mark.parametrize("path", ["/", "/news"])
def test_public_pages_are_cached_and_compressed(house: House, path: str) -> None:
    client = house.app.test_client()
    first = client.get(path, headers=ASKED)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert first.headers["Content-Encoding"] == "br"
    assert {"Cookie", "Accept-Language", "Accept-Encoding"} <= {
        name.strip() for name in first.headers["Vary"].split(",")
    }
    assert "Set-Cookie" not in first.headers
    again = client.get(path, headers=ASKED | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert (
        client.get(path, headers=ASKED | {"Accept-Encoding": "identity"}).headers.get(
            "Content-Encoding"
        )
        is None
    )


@pytest.mark.parametrize("path", ["/apply", "/sign-in", "/language", "/nothing-here"])
def test_pages_with_a_form_are_neither(house: House, path: str) -> None:
    answer = house.app.test_client().get(path, headers=ASKED)
    assert "public" not in answer.headers.get("Cache-Control", "")
    assert "Content-Encoding" not in answer.headers


@pytest.mark.stage("three_approved")
def test_a_page_that_only_some_know_is_neither(house: House) -> None:
    invoice: Invoice = invoice_of(house, "jia", applicant_of(house)[1].id)
    answer = house.app.test_client().get(
        f"/billing/pay/{house.world.sealer.mark('pay', house.jia.id, invoice.id)}", headers=ASKED
    )
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_part_of_a_page_that_needs_a_sign_in_takes_its_page_there(house: House) -> None:
    answer = house.app.test_client().get(
        "/roll?q=x",
        headers=ASKED
        | {"HX-Request": "true", "HX-Current-URL": "http://jia.localhost/roll?q=ab&state=member"},
    )
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/roll?q%3Dab%26state%3Dmember"
    assert answer.headers["Cache-Control"] == "no-store"


def test_signed_in_pages_are_never_kept(house: House) -> None:
    browser = house.browser("secretary")
    for path in ("/", "/roll", "/my-day"):
        answer = browser.client.get(path, headers=ASKED)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Content-Encoding" not in answer.headers


def test_visitors_choose_their_language_on_a_page_of_its_own(house: House) -> None:
    visitor = house.browser()
    assert "/language?next=/news" in visitor.get("/news").text.replace("%2F", "/")
    assert visitor.get("/language?next=/news").status_code == 200
    answer = visitor.send("/language", value="zh", next="/news")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/news")
    assert "新闻" in visitor.get("/news").text
    assert (
        house.browser()
        .send("/language", value="en", next="https://evil.example/")
        .headers["Location"]
        == "/start"
    )


def test_a_form_seen_twice_is_not_kept_either(house: House) -> None:
    client = house.app.test_client()
    for _ in range(2):
        answer = client.get("/sign-in", headers=ASKED)
        assert "csrf_token" in answer.text
        assert "public" not in answer.headers.get("Cache-Control", "")
        assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "keys",
    [
        '["\\ud800","00000000-0000-0000-0000-000000000000"]',
        '["2026-01-01T00:00:00","00000000-0000-0000-0000-000000000000"]',
        "[" * 700,
        "[" * 9_000,
    ],
)
def test_a_cursor_that_nobody_made_is_none(house: House, keys: str) -> None:
    cursor = base64.urlsafe_b64encode(keys.encode()).decode()
    browser = house.browser("secretary")
    for address in (
        "/applications",
        "/roll",
        "/settings/mails",
        "/billing/invoices",
        "/billing/payments",
        "/meetings",
    ):
        assert browser.get(f"{address}?after={cursor}").status_code < 500, address
