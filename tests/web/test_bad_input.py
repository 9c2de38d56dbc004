"""What people and machines may throw at the portal.

Never a server error, half a change, or the loss of what was typed.
"""

import re
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import TestResponse

from portal.admission.applications.models import Application
from portal.jobs.models import Job
from tests.cast import PNG, Browser, House, application_form
from tests.house.sightseeing import MEMBER_PASSWORD, applicant_browser, ids_of
from tests.house.test_routes import ROWS
from tests.scenes import grade_id

NAUGHTY = [
    "",
    " ",
    "\0",
    "a\0b",
    "undefined",
    'NULL\' OR ""="\'; DROP TABLE person; --',
    "<script>alert(1)</script>{{ 7 * 7 }}{% raise %}",
    "=cmd|' /C calc'!A0 %(name)s %s %n ../../../etc/passwd",
    "\u202etxt.exe Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍ 👩‍👩‍👧‍👦🏳️‍🌈",
    "社會科學院語學研究所𠜎𠜱𠝹𠱓",
    "\ufeff\u200b\u2028\u2029\ud7ff\uffff\ufffe",
    "１２３４５６７８９０",
    "-1",
    "1e309",
    "NaN",
    "9" * 400,
    "0x7fffffffffffffff",
    "9223372036854775808",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "x" * 10_000,
]
"""Kinds of trouble that do not hide one another stand in one word, short enough for most fields to
be read at all.
"""
SKIPPED = {"sign_in.sign_out", "sign_in.sign_out_everywhere", "sign_in.open_link"}


def _fields(page: str) -> list[str]:
    return [
        n
        for n in re.findall(r'<(?:input|select|textarea)[^>]*\bname="([^"]+)"', page)
        if n != "csrf_token"
    ]


def _who(endpoint: str) -> str:
    """The least that may open a route."""
    return next(
        who for who in ("visitor", "applicant", "contact", "secretary") if who in ROWS[endpoint]
    )


class Heard(ImmutableMultiDict[str, str]):
    """The arguments or fields of a request, and which of them anybody reads."""

    names: ClassVar[set[str]] = set()

    def __getitem__(self, key: str) -> str:
        self.names.add(key)
        return super().__getitem__(key)

    def getlist(self, key: str, *more: Any, **named: Any) -> list[Any]:
        self.names.add(key)
        return super().getlist(key, *more, **named)


def _is_heard(ask: Callable[[], object]) -> bool:
    """Whether anything but the CSRF word is read of what is sent.

    Where nothing is, no other word can make a difference.
    """
    Heard.names.clear()
    ask()
    return bool(Heard.names - {"csrf_token"})


def test_naughty_strings_in_every_field_and_argument(
    furnished: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = furnished.browser()
    member.send("/sign-in", email="contact1@enterprise.example", password=MEMBER_PASSWORD)
    browsers = {
        "visitor": furnished.browser(),
        "secretary": furnished.browser("secretary"),
        "contact": member,
        "applicant": applicant_browser(furnished),
    }
    ids = ids_of(furnished, "jia")
    monkeypatch.setattr(
        furnished.app,
        "request_class",
        type("Hearing", (furnished.app.request_class,), {"parameter_storage_class": Heard}),
    )
    tried = 0
    for rule in furnished.app.url_map.iter_rules():
        if rule.endpoint not in SKIPPED and not rule.endpoint.startswith("platform."):
            address = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(ids.get(m[1], 1)), rule.rule)
            tried += _throw(browsers[_who(rule.endpoint)], address, rule.methods or set(), NAUGHTY)
    assert tried > 200, "hardly anything was heard"


def _throw(browser: Browser, address: str, methods: set[str], words: list[str]) -> int:
    """Each word in all arguments, and in all fields of the page's form.

    Returns how many requests read what was thrown.
    """
    fields, tried = ["value", "reason"], 0
    if "GET" in methods:
        fields = assert_page_stands(browser, address, words[0])
        for word in (
            words[1:] if _is_heard(lambda: assert_page_stands(browser, address, words[0])) else ()
        ):
            assert_page_stands(browser, address, word)
            tried += 1
    if "POST" in methods:
        heard = _is_heard(
            lambda: assert_answered(
                browser.send(address, **dict.fromkeys(fields, words[0])), address, words[0]
            )
        )
        for word in words[1:] if heard else ():
            assert_answered(browser.send(address, **dict.fromkeys(fields, word)), address, word)
            tried += 1
    return tried


def assert_page_stands(browser: Browser, address: str, word: str) -> list[str]:
    """The fields of a page that was asked for with the word in every argument."""
    page = browser.get(
        address,
        query_string=dict.fromkeys(
            (
                "q",
                "state",
                "after",
                "department",
                "mine",
                "next",
                "uscc",
                "year",
                "late_from",
                "channel",
                "undone",
                "held",
                "late",
                "newest",
                "draft",
                "new",
            ),
            word,
        ),
    )
    assert_answered(page, address, word)
    return _fields(page.text) if page.mimetype == "text/html" else []


def assert_answered(answer: TestResponse, address: str, word: str) -> None:
    """No server error, and nothing of the word that a browser would run."""
    assert answer.status_code < 500, (address, word, answer.status)
    assert "<script>alert(1)</script>" not in answer.get_data().decode(errors="replace")


@pytest.mark.parametrize("where", ["/apply", "/sign-in", "/password/forgotten"])
def test_ten_megabytes_in_a_field_are_refused_with_a_page(house: House, where: str) -> None:
    browser = house.browser()
    answer = browser.send(where, name="x" * 10_000_000, email="y")
    assert answer.status_code == 413
    assert "go back" in answer.text
    answer = browser.send(
        where, name="x" * 10_000_000, email="y", files={"licence": (PNG, "x.png")}
    )
    assert answer.status_code == 413


def test_a_hundred_thousand_keys_are_refused_with_a_page(house: House) -> None:
    browser = house.browser()
    assert browser.send("/sign-in", **{f"k{n}": "1" for n in range(100_000)}).status_code == 413
    many = browser.send(
        "/apply", **{f"k{n}": "1" for n in range(3_000)}, files={"licence": (PNG, "x.png")}
    )
    assert many.status_code == 413


def test_a_file_over_the_limit_is_refused_beside_its_field_and_the_form_is_kept(
    house: House,
) -> None:
    form = application_form() | {"grade": grade_id(house)}
    answer = house.browser().send(
        "/apply", **form, files={"licence": (b"\x89PNG" + b"\0" * (10 * 1024 * 1024 + 1), "x.png")}
    )
    assert answer.status_code == 422
    assert "larger than 10 MB" in answer.text
    assert form["name"] in answer.text


@pytest.mark.parametrize("word", ["   ", "\0", "\u200b\ufeff", "\u2028\u3000"])
@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/settings/chamber", "name_zh"),
        ("/settings/bank", "bank_account_number"),
        ("/settings/questions", "title_zh"),
        ("/settings/dues/suspend", "resolution"),
        ("/notices/new", "body"),
    ],
)
def test_what_has_to_be_filled_in_is_not_filled_with_nothing(
    house: House, address: str, name: str, word: str
) -> None:
    browser = house.browser("finance" if "dues" in address else "secretary")
    answer = browser.send(address, **{name: word})
    assert answer.status_code == 422
    assert f'id="{name}-error">Please fill this in.' in answer.text


@pytest.mark.parametrize("on", ["0206-06-15", "9999-12-31"])
def test_a_day_that_nobody_meant_is_refused_beside_its_field(house: House, on: str) -> None:
    answer = house.browser("finance").send(
        "/settings/dues/suspend", from_on=on, until_on="2026-12-31", resolution="决议"
    )
    assert answer.status_code == 422
    assert "A day from 1900-01-01 to 2100-12-31" in answer.text


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=gb2312",
    ],
)
def test_bodies_that_are_no_forms(house: House, content_type: str) -> None:
    browser = house.browser()
    token = browser.token()
    answer = browser.client.post(
        "/apply",
        data=b"\xff\xfe{]--x",
        headers={"Host": "jia.localhost", "X-CSRFToken": token},
        content_type=content_type,
    )
    assert answer.status_code in {400, 422}


def test_a_stale_form_says_so(house: House) -> None:
    browser = house.browser()
    answer = browser.client.post(
        "/apply",
        data={"csrf_token": "stale"},
        headers={"Host": "jia.localhost", "Accept-Language": "en"},
    )
    assert answer.status_code == 400
    assert "reload the page" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/applications/%00",
        "/application/open/%00%ff",
        "/papers/x.pdf",
        "/billing/invoices/" + "9" * 300,
        "/" + "a/" * 500,
        "/%2e%2e/etc/passwd",
    ],
)
def test_strange_paths(house: House, path: str) -> None:
    assert house.browser("secretary").get(path).status_code == 404


def test_strange_cookies(house: House) -> None:
    browser = house.browser()
    for value in ("x", "." * 4_000, "eyJhcHBsaWNhbnQiOiJ4In0.aaaa.bbbb"):
        browser.client.set_cookie("huiguan", value, domain="jia.localhost")
        assert browser.get("/").status_code == 200
        assert browser.get("/application").status_code == 302


def test_a_view_that_fails_changes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(house.app.config, "PROPAGATE_EXCEPTIONS", False)
    browser = house.browser()
    before = _counts(house)
    form = application_form() | {"grade": grade_id(house)}
    house.world.store.put = _broken  # type: ignore[method-assign]
    answer = browser.send("/apply", **form, files={"licence": (PNG, "x.png")})
    assert answer.status_code == 500
    assert "Nothing was changed" in answer.text
    assert _counts(house) == before


def _broken(_key: str, _data: bytes) -> None:
    raise OSError("the disk is full")


def _counts(house: House) -> tuple[int, int]:
    with house.doors.chamber(house.jia.id) as session:
        return len(session.scalars(sa.select(Application)).all()), len(
            session.scalars(sa.select(Job)).all()
        )
