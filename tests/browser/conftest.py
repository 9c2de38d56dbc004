"""A real server and a real Chromium.

Where no Chromium is found, the journeys say so loudly and are skipped.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.waiting import PATIENCE
from tests.cast import PASSWORD
from tests.servers import portal_serving
from tests.stripe_stand_in import Stripe, stripe_standing_in

CHROMIUM = next(
    filter(
        None,
        map(
            shutil.which,
            ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"),
        ),
    ),
    None,
)
expect.set_options(timeout=PATIENCE * 1000)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.localhost 127.0.0.1",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(
                        reason="NO CHROMIUM ON THIS MACHINE: the browser journeys did NOT run "
                        "(apt-get install chromium)"
                    )
                )


@dataclass
class Site:
    """A portal that serves on loopback, with a worker of its own."""

    port: int
    folder: Path
    stripe: Stripe

    def address(self, path: str, slug: str = "jia") -> str:
        """The full address of a page."""
        return f"http://{slug}.localhost:{self.port}{path}"


@pytest.fixture(scope="session")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`portal serve`, as it is run for real, on a database with the cast."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(sqlite_template, folder / "portal.db")
    with (
        stripe_standing_in() as stripe,
        portal_serving(
            f"sqlite:///{folder / 'portal.db'}", folder, PORTAL_STRIPE_URL=stripe.address
        ) as (port, _),
    ):
        yield Site(port, folder, stripe)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all journeys."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Person:
    """Somebody with a window of a certain width, in one language."""

    site: Site
    context: BrowserContext
    page: Page

    def open(self, path: str) -> Page:
        """Goes to a page."""
        self.page.goto(self.site.address(path))
        return self.page

    def sign_in(self, who: str, password: str = PASSWORD) -> None:
        """Signs in as somebody of the cast, or by e-mail address."""
        self.open("/sign-in")
        self.page.fill("#email", who if "@" in who else f"{who}@jia.example")
        self.page.fill("#password", password)
        self.page.click("main form button")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)


class Crowd:
    """Makes people with windows, and closes them after the test."""

    def __init__(self, site: Site, chromium: Browser) -> None:
        self.site, self.chromium = site, chromium
        self.contexts: list[BrowserContext] = []

    def person(self, *, width: int, language: str) -> Person:
        """A new window: 390 is a phone, 1280 a desk."""
        context = self.chromium.new_context(
            viewport={"width": width, "height": 844 if width < 500 else 900},
            locale="zh-CN" if language == "zh" else "en-GB",
        )
        context.set_default_timeout(PATIENCE * 1000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        page.on(
            "console",
            lambda message: (
                pytest.fail(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        return Person(self.site, context, page)

    def phone(self, language: str) -> Person:
        """A member's window."""
        return self.person(width=390, language=language)

    def desk(self, language: str) -> Person:
        """A colleague's window."""
        return self.person(width=1280, language=language)


@pytest.fixture
def crowd(site: Site, chromium: Browser) -> Iterator[Crowd]:
    """People with windows."""
    made = Crowd(site, chromium)
    yield made
    for context in made.contexts:
        context.close()
