"""Every page a role can open.

Fits its window, has no violation that axe knows, and can be walked by keyboard.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from portal.foundation.clock import StandingClock
from portal.papers.issuing.models import IssuedPaper
from tests.browser.conftest import Crowd, Person, Site
from tests.cast import PASSWORD, House
from tests.house.sightseeing import MEMBER_PASSWORD, ids_of
from tests.house.test_routes import ROWS
from tests.scenes import word_of_mail
from tests.servers import portal_serving
from tests.stripe_stand_in import Stripe
from tests.templates import NOON, settings_on

ELSEWHERE = {
    "billing.show_pay_page",
    "applicants.open_application",
    "applicants.open_saved",
    "sign_in.open_link",
    "public_pages.check_paper",
}
"""Addresses with a word of their own.

The first and the last are opened by theirs, the others lead on to pages of the map.
"""
FILES = {
    "issuing.read_paper",
    "reviews.download_file",
    "reviews.show_licence",
    "billing.download_slip",
    "circulars.download_attachment",
    "applicants.check_uscc",
}
FILES |= {
    "billing.show_slip",
    "roll.show_licence",
    "roll.show_new_licence",
    "public_pages.style",
    "public_pages.seal",
    "public_pages.theme",
}
APPLICANT = "applicant"
AXE = Axe().axe_script
WORDLESS = [
    "/nothing-here",
    "/check/nothing",
    "/roll?q=xx",
    "/billing/invoices?q=xx",
    "/applications?state=all",
    "/roll/chosen?state=member",
]


def _pages(furnished: House) -> dict[str, list[str]]:
    """Every address of the map that is a page, by who opens it.

    The secretary what staff may see, a contact what only contacts see.
    """
    ids, found = (
        ids_of(furnished, "jia"),
        {"secretary": list(WORDLESS), "contact1@enterprise.example": [], APPLICANT: [], "": []},
    )
    for rule in furnished.app.url_map.iter_rules():
        name = rule.endpoint
        if (
            "GET" not in (rule.methods or ())
            or name.startswith("platform.")
            or name in ELSEWHERE | FILES
        ):
            continue
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(ids.get(m[1], 1)), rule.rule)
        who = (
            "secretary"
            if "secretary" in ROWS[name]
            else "contact1@enterprise.example"
            if "contact" in ROWS[name]
            else ""
            if "visitor" in ROWS[name]
            else APPLICANT
        )
        found[who].append(address)
    sealer = furnished.world.sealer
    with furnished.doors.chamber(furnished.jia.id) as session:
        paper = session.fetch(IssuedPaper, ids["paper_id"])
        found[""] += [
            f"/billing/pay/{sealer.mark('pay', furnished.jia.id, ids['invoice_id'])}",
            f"/check/{paper.check_word}",
        ]
    return found


@pytest.fixture(scope="module")
def furnished_site(
    furnished_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, House]]:
    """`portal serve` on a database with one of everything, and a house to ask for ids."""
    folder = tmp_path_factory.mktemp("furnished-site")
    shutil.copytree(furnished_template, folder / "house")
    url = f"sqlite:///{folder / 'house' / 'portal.db'}"
    house = House(settings_on(url, url, folder / "house" / "files"), StandingClock(NOON))
    shutil.copytree(folder / "house" / "files", folder / "files")
    with portal_serving(url, folder, PORTAL_DEMO="1") as (port, _):
        yield Site(port, folder, Stripe()), house
    house.close()


@pytest.mark.parametrize("who", ["secretary", "contact1@enterprise.example", APPLICANT, ""])
def test_no_page_of_the_map_runs_over_or_breaks_axes_rules(
    furnished_site: tuple[Site, House], chromium: Browser, who: str, pytestconfig: pytest.Config
) -> None:
    """In turn in Chinese and English, at the phone and at the desk.

    With --figures every page in both languages and both widths.
    """
    site, house = furnished_site
    crowd, faults, full = Crowd(site, chromium), [], bool(pytestconfig.getoption("--figures"))
    for language in ("zh", "en"):
        person = crowd.desk(language)
        person.context.add_init_script(AXE)
        if who == APPLICANT:
            person.open(
                f"/application/open/{word_of_mail(house, 'jia', 'contact2@enterprise.example')}"
            )
        elif who:
            person.sign_in(who, MEMBER_PASSWORD if "@" in who else PASSWORD)
        for address in [
            *(_pages(house)[who] if full else _pages(house)[who][language == "en" :: 2]),
            "/",
            "/_style",
        ]:
            answer = person.page.goto(site.address(address))
            assert answer is not None
            if "text/html" in (answer.headers.get("content-type") or ""):
                assert answer.status in {200, 404, 409}, address
                assert "/sign-in" not in person.page.url or "/sign-in" in address, (
                    f"{who} was sent away from {address}"
                )
                faults += _examine(person.page, address, twice=full)
    for context in crowd.contexts:
        context.close()
    assert not faults, "\n".join(faults)


def test_in_the_dark(furnished_site: tuple[Site, House], chromium: Browser) -> None:
    site, house = furnished_site
    context = chromium.new_context(
        color_scheme="dark", locale="zh-CN", viewport={"width": 1280, "height": 900}
    )
    context.add_init_script(AXE)
    person, faults = Person(site, context, context.new_page()), []
    person.sign_in("secretary")
    ids = ids_of(house, "jia")
    for address in (
        "/",
        "/_style",
        "/apply",
        "/my-day",
        "/roll",
        f"/enterprises/{ids['enterprise_id']}",
        f"/billing/invoices/{ids['invoice_id']}",
        "/roll/new",
    ):
        faults += _examine(person.open(address), address)
    context.close()
    assert not faults, "\n".join(faults)


def _examine(page: Page, path: str, *, twice: bool = False) -> list[str]:
    """Every page must fit in both widths.

    Axe looks at it in the one that comes second, which is the first of the next page, or in both.
    """
    found, here = [], (page.viewport_size or {})["width"]
    for width in (here, 390 if here == 1280 else 1280):
        if width != here:
            page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{path} runs over {width}")
        if twice or width != here:
            violations = page.evaluate(
                "axe.run(document, {resultTypes: ['violations']}).then(r => "
                "r.violations.map(v => [v.id, v.nodes[0].html]))"
            )
            found += [f"{path} at {width}: {name}: {html[:160]}" for name, html in violations]
    return found


def test_signing_in_by_keyboard_alone(crowd: Crowd) -> None:
    person = crowd.desk("en")
    page = person.open("/sign-in")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#email")).to_be_focused()
    page.keyboard.type("finance@jia.example")
    page.keyboard.press("Tab")
    page.keyboard.type("a quiet long sentence")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/my-day" in url)


def test_everything_works_without_scripts(crowd: Crowd) -> None:
    context = crowd.chromium.new_context(java_script_enabled=False, locale="en-GB")
    crowd.contexts.append(context)
    page = context.new_page()
    page.goto(crowd.site.address("/sign-in"))
    page.fill("#email", "finance@jia.example")
    page.fill("#password", "a quiet long sentence")
    page.click("main form button")
    page.goto(crowd.site.address("/billing/invoices"))
    page.fill("#q", "nobody")
    page.click(".filters button")
    expect(page.locator("#rows")).to_contain_text("Nothing matches")


def test_the_menu_beside_a_wide_page_and_before_a_narrow_one(
    furnished_site: tuple[Site, House], chromium: Browser
) -> None:
    """On a desk it can be put away, and stays so.

    On a phone it opens by a link, without any script too, and closes again.
    """
    site, _ = furnished_site
    crowd = Crowd(site, chromium)
    person = crowd.desk("en")
    person.sign_in("secretary")
    page = person.open("/roll")
    menu = page.locator("#desk-nav")
    expect(menu.locator("[aria-current]")).to_have_text("Roll")
    expect(menu).to_be_in_viewport()
    page.click("#menu-open")
    expect(menu).to_be_hidden()
    page.reload()
    expect(menu).to_be_hidden()
    page.click("#menu-open")
    expect(menu).to_be_visible()
    phone = chromium.new_context(
        viewport={"width": 390, "height": 800}, java_script_enabled=False, locale="en-GB"
    )
    phone.add_cookies(page.context.cookies())
    narrow = phone.new_page()
    narrow.goto(site.address("/roll"))
    menu = narrow.locator("#desk-nav")
    expect(menu).to_be_hidden()
    narrow.click("#menu-open")
    expect(menu).to_be_in_viewport()
    narrow.click(".menu-close")
    expect(menu).to_be_hidden()
    narrow.click("#menu-open")
    menu.get_by_role("link", name="Meetings").click()
    expect(narrow.locator("h1")).to_have_text("Meetings")
    phone.close()
    for context in crowd.contexts:
        context.close()


def test_a_queue_by_keyboard(furnished_site: tuple[Site, House], chromium: Browser) -> None:
    """Down a list, into a row, to the main action and back; the keys can be switched off.

    The dense mode is kept.
    """
    site, _ = furnished_site
    crowd = Crowd(site, chromium)
    person = crowd.desk("en")
    person.sign_in("secretary")
    page = person.open("/applications?state=in_review")
    page.keyboard.press("j")
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.href")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.href") != first
    page.keyboard.press("o")
    page.wait_for_url(lambda url: "/applications/0" in url)
    page.keyboard.press("a")
    expect(page.locator(".next-step .btn").first).to_be_focused()
    page.goto(site.address("/roll"))
    first = page.locator("tr:has([data-row])").first
    address = first.locator("[data-row]").get_attribute("href")
    first.locator("td").last.click()
    page.wait_for_url(lambda url: url.endswith(str(address)))
    page.go_back()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("j")
    page.keyboard.press("Escape")
    assert page.evaluate("document.documentElement.hasAttribute('data-dense')")
    page.click("#dense")
    assert not page.evaluate("document.documentElement.hasAttribute('data-dense')")
    page.reload()
    expect(page.locator("html:not([data-dense])")).to_have_count(1)
    page.click("h1")
    page.keyboard.press("s")
    page.wait_for_url("**/search")
    expect(page.locator("#q")).to_be_focused()
    page.go_back()
    page.click("h1")
    page.keyboard.press("?")
    page.uncheck("#keys-on")
    page.click("#keys-close")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "q"
    for context in crowd.contexts:
        context.close()


def test_at_two_hundred_per_cent_nothing_is_lost(
    furnished_site: tuple[Site, House], chromium: Browser
) -> None:
    """A desk of 1280 pixels at 200 % has 640 to lay out."""
    site, house = furnished_site
    crowd = Crowd(site, chromium)
    person = crowd.person(width=640, language="zh")
    person.sign_in("secretary")
    ids = ids_of(house, "jia")
    for address in (
        "/",
        "/my-day",
        "/roll",
        f"/enterprises/{ids['enterprise_id']}",
        "/billing/invoices",
        f"/applications/{ids['application_id']}",
        "/roll/new",
    ):
        page = person.open(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, address
        expect(page.locator("h1")).to_be_visible()
    for context in crowd.contexts:
        context.close()
