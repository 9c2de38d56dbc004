"""The five steps in a real browser.

The applicant on a phone, the staff at a desk, in Chinese and in English.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Crowd, Person
from tests.browser.waiting import look_again
from tests.cast import invented_uscc

WORDS = {
    "zh": {
        "again": "请再检查一下",
        "mailbox": "请查收邮件",
        "member": "您已成为会员",
        "kept": "已保存",
        "pay": "缴纳会费",
        "review": "审核中",
    },
    "en": {
        "again": "Please look again",
        "mailbox": "Look into your mailbox",
        "member": "You are a member",
        "kept": "is kept",
        "pay": "pay the dues",
        "review": "in review",
    },
}


def fits(page: Page) -> None:
    """Nothing runs out of the window sideways."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def fill_in(page: Page, uscc: str, name: str, email: str, licence: Path) -> None:
    page.wait_for_load_state()
    page.fill("#uscc", uscc.lower())
    expect(page.locator("#uscc-check")).to_contain_text(f"✓ {uscc}")
    page.fill("#name", name)
    page.fill("#legal_representative", "张三")
    page.fill("#capital", "５，０００，０００")
    page.select_option("#industry", "C13")
    page.select_option("#region", "4403")
    page.fill("#address", "示例路二号")
    page.fill("#contact_name", "李四")
    page.fill("#contact_email", email)
    page.fill("#contact_phone", "13800000000")
    page.set_input_files("#licence", str(licence))


def mailed_link(office: Person, email: str, pattern: str) -> str:
    """The held mail to somebody, as the general office passes it on."""
    page = office.open(f"/settings/mails?q={email}")

    def find() -> str:
        for link in (
            page.locator("tbody tr", has_text=email)
            .locator("a")
            .evaluate_all("links => links.map(link => link.getAttribute('href'))")
        ):
            text = page.evaluate(
                "async (a) => new DOMParser().parseFromString(await (await fetch(a)).text(), "
                "'text/html').getElementById('text').value",
                link,
            )
            if found := re.search(pattern, text):
                return found[0]
        return ""

    return look_again(page, find, f"a mail to {email}")


def until(page: Page, text: str) -> None:
    """Looks again until the worker has done its part."""
    look_again(page, lambda: text in page.content(), text)


def _until_pdf(page: Page, address: str) -> None:
    """Fetches a paper with the page's own cookies until the worker has made it."""
    fetched = (
        "async (a) => new TextDecoder('latin1').decode((await (await "
        "fetch(a)).arrayBuffer()).slice(0, 5))"
    )
    look_again(page, lambda: page.evaluate(fetched, address) == "%PDF-", address, reload=False)


@pytest.mark.parametrize(("language", "number"), [("zh", 501), ("en", 502)])
def test_from_the_phone_to_the_certificate(
    crowd: Crowd, language: str, number: int, tmp_path: Path
) -> None:
    words, uscc, email = (
        WORDS[language],
        invented_uscc(number),
        f"browser{number}@enterprise.example",
    )
    name = f"浏览器企业{number}有限公司"
    licence = tmp_path / "执照.png"
    from tests.cast import PNG

    licence.write_bytes(PNG)

    phone = crowd.phone(language)
    page = phone.open("/")
    fits(page)
    page.click("a[href='/apply'] >> nth=0")
    fill_in(page, uscc, name, email, licence)
    page.click("main form button")
    expect(page.locator("[role=alert]")).to_contain_text(words["again"])
    expect(page.locator(".kept")).to_contain_text(words["kept"])
    assert page.input_value("#name") == name
    fits(page)
    page.check("#documents")
    page.click("main form button")
    expect(page.locator("h1")).to_contain_text(words["mailbox"])

    office = crowd.desk(language)
    office.sign_in("office")
    page.goto(mailed_link(office, email, r"http://\S+/application/open/\S+"))
    fits(page)
    page.click(".next-step button")
    expect(page.locator(".next-step")).to_contain_text(words["review"])

    officer = crowd.desk(language)
    officer.sign_in("membership")
    desk = officer.open(f"/applications?q={uscc}")
    desk.click("tbody a")
    expect(desk.locator("main")).to_contain_text(uscc)
    look_again(desk, desk.locator("img.licence").count, "the licence's preview")
    expect(desk.locator("img.licence")).not_to_have_js_property("naturalWidth", 0)
    desk.click(".next-step form button")
    desk.click(".next-step a.btn-main")
    desk.fill(
        "#meeting_on",
        desk.evaluate("new Date().toLocaleDateString('sv', {timeZone: 'Asia/Shanghai'})"),
    )
    desk.fill("#entitled", "30")
    desk.fill("#present", "20")
    desk.fill("#in_favour", "13")
    desk.click("main form button")
    expect(desk.locator("#in_favour-error")).to_be_visible()
    desk.fill("#in_favour", "14")
    desk.click("main form button")
    expect(desk.locator(".notice-success")).to_be_visible()

    page.reload()
    expect(page.locator(".next-step")).to_contain_text(words["pay"])
    code = page.locator(".pay dd.code").first.inner_text()

    finance = crowd.desk(language)
    finance.sign_in("finance")
    books = finance.open("/billing/invoices")
    books.locator("#q").press_sequentially(code)
    expect(books.locator("#rows tbody tr")).to_have_count(1)
    books.click("#rows tbody a")
    books.click(".next-step a.btn-main")
    books.fill(
        "#received_on",
        books.evaluate("new Date().toLocaleDateString('sv', {timeZone: 'Asia/Shanghai'})"),
    )
    books.fill("#reference", f"BROWSER{number}")
    books.click("main form button")
    expect(books.locator(".notice-success")).to_be_visible()

    until(page, words["member"])
    fits(page)
    look_again(page, lambda: page.locator(".papers a").count() == 3, "the three papers")
    for paper in page.locator(".papers a").all():
        _until_pdf(page, paper.get_attribute("href") or "")
    assert name in phone.open("/").content()

    page.goto(mailed_link(office, email, r"http://\S+/link/\S+"))
    page.fill("#password", "the contact's own sentence")
    page.click("main form button")
    phone.sign_in(email, "the contact's own sentence")
    expect(page.locator("main")).to_contain_text(name)
    fits(page)
