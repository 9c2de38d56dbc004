"""In a real browser: a form that saves itself in two tabs, a meeting that decides twenty, and an
approval that expires unpaid.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.admission.applications.models import Application
from portal.admission.reviewing.services.ending import expire_application
from portal.foundation.clock import Clock, StandingClock, day_in
from portal.tenancy.actor import SYSTEM
from tests.browser.conftest import Crowd, Site
from tests.browser.test_the_way import fits, mailed_link, until
from tests.cast import House, apply_through_pages, invented_uscc
from tests.templates import settings_on

WORDS = {
    "zh": {
        "saved": "已自动保存",
        "rival": "另一个页面中填写的是",
        "use": "使用此内容",
        "nothing": "尚未录入任何内容",
        "held": "已召开",
        "minutes": "会议纪要",
        "expired": "未按时到账",
    },
    "en": {
        "saved": "Saved as you type",
        "rival": "Typed here in another tab",
        "use": "Use this",
        "nothing": "nothing is entered yet",
        "held": "held",
        "minutes": "Minutes of a meeting",
        "expired": "did not arrive in time",
    },
}


@pytest.fixture
def behind(site: Site) -> Iterator[House]:
    """The same installation, seen from behind: to put twenty applicants there without typing."""
    url = f"sqlite:///{site.folder / 'portal.db'}"
    house = House(settings_on(url, url, site.folder / "files"), StandingClock(Clock().now()))
    yield house
    house.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_tabs_of_a_form_that_saves_itself(crowd: Crowd, language: str) -> None:
    words, phone = WORDS[language], crowd.phone(language)
    first = phone.open("/apply")
    first.fill("#name", "第一个名称")
    expect(first.locator("#draft-state")).to_contain_text(words["saved"])
    second = phone.context.new_page()
    second.goto(first.url)
    expect(second.locator("#name")).to_have_value("第一个名称")
    second.fill("#name", "第二个名称")
    expect(second.locator("#draft-state")).to_contain_text(words["saved"])
    first.fill("#address", "示例路一号")
    expect(first.locator(".rival")).to_contain_text(words["rival"])
    fits(first)
    first.get_by_role("button", name=words["use"]).click()
    expect(first.locator("#name")).to_have_value("第二个名称")
    expect(first.locator("#draft-state")).to_contain_text(words["saved"])
    first.close()
    second.reload()
    expect(second.locator("#address")).to_have_value("示例路一号")
    expect(second.locator("#name")).to_have_value("第二个名称")


def _today() -> dt.date:
    return day_in(Clock().now())


def test_a_meeting_decides_twenty(crowd: Crowd, behind: House) -> None:
    first, count, words = 600, 20, WORDS["en"]
    for number in range(first, first + count):
        _, application = apply_through_pages(behind, number)
        assert (
            behind.browser("membership").send(f"/applications/{application.id}/approve").status_code
            == 302
        )
    officer = crowd.desk("en")
    officer.sign_in("membership")
    page = officer.open("/meetings/call")
    page.fill("#title", f"理事会会议{first}")
    page.fill("#held_on", _today().isoformat())
    wanted = {f"测试企业{number}有限公司" for number in range(first, first + count)}
    for row in page.locator("tbody tr").all():
        if row.locator("td").nth(2).inner_text() not in wanted:
            row.locator("input").uncheck()
    fits(page)
    page.click("main form button")
    page.click("a[href$='/attendees']")
    page.fill("#lines", "\n".join(f"理事{n}，示例企业{n}" for n in range(1, 31)))
    page.click("main form button")
    meeting = page.url
    page.click("form[action$='/list'] button")
    _hold(page, words)
    expect(page.locator(".lead")).to_contain_text(words["held"])
    until(page, words["minutes"])
    assert page.locator(".state-carried").count() == count - 2
    fits(page)
    officer.open("/applications?state=rejected&q=" + invented_uscc(first + 2))
    expect(page.locator("tbody tr")).to_have_count(1)
    with page.expect_download() as file:
        page.goto(meeting)
        page.click("form[action$='/export'] button")
    assert Path(file.value.path()).read_bytes().startswith(b"PK")


def _hold(page: Page, words: dict[str, str]) -> None:
    """Enters the results: at first with too few votes, then right; what was typed stays."""
    page.click(".next-step a.btn-main")
    page.fill("#in_favour", "3")
    page.select_option("#ballots-2-outcome", "declined")
    page.fill("#ballots-2-reason", "主营业务不符")
    page.select_option("#ballots-4-outcome", "postponed")
    page.click("main form button")
    expect(page.locator("[role=alert]")).to_contain_text(words["nothing"])
    expect(page.locator("#ballots-2-reason")).to_have_value("主营业务不符")
    fits(page)
    page.fill("#in_favour", "25")
    page.click("main form button")


def test_an_unpaid_approval_expires_and_the_applicant_begins_again(
    crowd: Crowd, behind: House
) -> None:
    """The applicant reads English, the general office Chinese."""
    number = 700
    behind.clock.at = Clock().now()
    _, application = apply_through_pages(behind, number)
    officer = behind.browser("membership")
    officer.send(f"/applications/{application.id}/approve")
    today = _today().isoformat()
    officer.send(
        f"/applications/{application.id}/vote",
        meeting_on=today,
        entitled="3",
        present="3",
        in_favour="3",
    )
    with behind.doors.chamber(behind.jia.id, writing=True) as session:
        expire_application(
            session,
            session.fetch(Application, application.id),
            _today() + dt.timedelta(days=61),
            actor=SYSTEM,
        )
    office, phone = crowd.desk("zh"), crowd.phone("en")
    office.sign_in("office")
    page = phone.open("/")
    page.goto(
        mailed_link(
            office, f"contact{number}@enterprise.example", r"http://\S+/application/open/\S+"
        )
    )
    expect(page.locator(".next-step")).to_contain_text(WORDS["en"]["expired"])
    fits(page)
    page.click(".next-step a.btn-main")
    expect(page.locator("#name")).to_have_value(f"测试企业{number}有限公司")
