"""Every page a role can open: fits its window, has no violation that axe knows, and can be walked by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Crowd

PUBLIC = ["/", "/apply", "/apply/sent", "/sign-in", "/password/forgotten", "/check/nothing", "/nothing-here"]
DESK = [
    "/my-day",
    "/applications?state=all",
    "/meetings",
    "/meetings/call",
    "/billing/invoices",
    "/billing/payments",
    "/billing/payments/record",
    "/billing/refunds",
    "/trays",
    "/account",
    "/account/password",
    "/account/second-factor",
]
SETTINGS = [
    "",
    "/chamber",
    "/bank",
    "/mail-sender",
    "/seal",
    "/departments",
    "/grades",
    "/offices",
    "/offices/give",
    "/dues",
    "/dues/new",
    "/dues/suspend",
    "/chain",
    "/questions",
    "/checklist",
    "/documents",
    "/staff",
    "/staff/appoint",
    "/mails",
]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_runs_over_or_breaks_axes_rules(crowd: Crowd, language: str) -> None:
    person = crowd.desk(language)
    faults = []
    for path in PUBLIC:
        faults += _examine(person.open(path), path, language == "zh")
    person.sign_in("secretary")
    for path in [*DESK, *(f"/settings{p}" for p in SETTINGS)]:
        faults += _examine(person.open(path), path, language == "zh")
    assert faults == []


def _examine(page: Page, path: str, chinese: bool) -> list[str]:
    """Every page must fit in both widths and languages; axe looks at the phone in Chinese and at the desk in English."""
    found = []
    for width in (390, 1280) if not chinese else (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{path} runs over {width}")
    for violation in Axe().run(page).response["violations"]:
        found.append(f"{path}: {violation['id']}: {violation['nodes'][0]['html'][:160]}")
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
