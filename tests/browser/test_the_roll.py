"""At the desk: found as one types, corrected by two, its former name still found.

Exported and saved; told by a notice that its contact reads on a phone.
"""

from playwright.sync_api import expect

from tests.browser.conftest import Crowd
from tests.browser.test_the_way import fits, mailed_link, until
from tests.cast import invented_uscc

WORDS = {
    "zh": {"ready": "行已就绪", "approved": "已批准", "former": "曾用名", "read": "1 家已读"},
    "en": {
        "ready": "rows are ready",
        "approved": "Approved",
        "former": "Formerly",
        "read": "1 have read it",
    },
}


def test_find_correct_export_and_tell(crowd: Crowd) -> None:
    """The officer reads Chinese, the general office and the member English."""
    number, words = 711, WORDS["zh"]
    email = f"roll{number}@enterprise.example"
    name, renamed = f"琼崖渔业{number}有限公司", f"南海渔业{number}集团有限公司"
    officer, office, phone = crowd.desk("zh"), crowd.desk("en"), crowd.phone("en")
    officer.sign_in("membership")
    desk = officer.open("/roll/new")
    for field, value in {
        "uscc": invented_uscc(number),
        "name": name,
        "legal_representative": "张三",
        "capital": "5,000,000",
        "address": "渔港路一号",
    }.items():
        desk.fill(f"#{field}", value)
    desk.select_option("#industry", "A04")
    desk.select_option("#region", "4601")
    desk.fill("#joined_on", "2019-03-01")
    desk.fill("#paid_through", "2030-12-31")
    desk.fill("#history", "2019-03-01 入会")
    desk.fill("#contact_name", "符船长")
    desk.fill("#contact_email", email)
    desk.click("main form button")
    expect(desk.locator("h1")).to_have_text(name)
    fits(desk)

    desk.goto(officer.site.address("/roll"))
    desk.locator("#q").press_sequentially(f"qyyy {number}", delay=30)
    expect(desk.locator("#rows tbody tr")).to_have_count(1)
    assert desk.evaluate("document.activeElement.id") == "q"
    desk.click("#rows tbody a[data-row]")
    desk.click(".head-row .actions a >> nth=0")
    desk.fill("#name", renamed)
    desk.fill("#reason", "更名")
    desk.click("main form button")
    expect(desk.locator(".notice-success")).to_be_visible()

    office.sign_in("office")
    other = office.open("/my-day")
    other.goto(office.site.address("/roll/amendments"))
    other.click("tbody a >> nth=0")
    other.click(".next-step form button")
    expect(other.locator(".notice-success")).to_contain_text(WORDS["en"]["approved"])
    expect(other.locator("h1")).to_have_text(renamed)
    expect(other.locator("main")).to_contain_text(WORDS["en"]["former"])

    desk.goto(officer.site.address(f"/roll?q=琼崖渔业{number}"))
    desk.check("[data-choose-all]")
    desk.click("[data-chosen]")
    desk.locator("form[action*='export'] button").click()
    expect(desk.locator(".next-step")).to_contain_text(words["ready"])
    for _ in range(2):
        with desk.expect_download() as saved:
            desk.click(".next-step button")
        assert saved.value.suggested_filename.endswith(".xlsx")
    desk.goto(officer.site.address(f"/roll?q=南海渔业{number}"))
    desk.emulate_media(media="print")
    expect(desk.locator("#rows table")).to_be_visible()
    expect(desk.locator(".masthead")).not_to_be_visible()
    desk.emulate_media(media="screen")
    desk.locator("#q").press_sequentially(" x", delay=20)
    expect(desk.locator("#told")).not_to_be_empty()
    desk.route("**/roll?**", lambda route: route.abort())
    desk.locator("#q").press_sequentially("y", delay=20)
    expect(desk.locator("#unanswered")).to_be_visible()
    desk.unroute("**/roll?**")

    desk.goto(officer.site.address(f"/roll/chosen?q=南海渔业{number}"))
    desk.click(".card-box a.btn-main")
    desk.fill("#title", f"休渔通知{number}")
    desk.fill("#body", "五月一日起休渔。")
    desk.click("main form button")
    desk.click("details summary")
    desk.click("details button")
    expect(desk.locator(".notice-success")).to_be_visible()
    shown = desk.url
    page = phone.page
    page.goto(mailed_link(office, email, r"http://\S+/link/\S+"))
    page.fill("#password", "a fisher's sentence")
    page.click("main form button")
    phone.sign_in(email, "a fisher's sentence")
    until(page, f"休渔通知{number}")
    page.click(f"text=休渔通知{number}")
    expect(page.locator("article")).to_contain_text("五月一日起休渔")
    fits(page)
    desk.goto(shown)
    until(desk, words["read"])
