"""A correction on the phone.

A part payment, its undoing, an overpayment and the next invoice that uses it, at the desk.
"""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Crowd
from tests.browser.test_the_way import fill_in, fits, mailed_link, until
from tests.cast import PNG, invented_uscc

WORDS = {
    "zh": {
        "correct": "下一步：补正",
        "review": "审核中",
        "member": "您已成为会员",
        "undone": "已撤销",
        "part": "部分缴纳",
        "address": "与执照不符",
    },
    "en": {
        "correct": "Next: correct",
        "review": "in review",
        "member": "You are a member",
        "undone": "undone",
        "part": "partly paid",
        "address": "differs from the licence",
    },
}


def _today(page: Page) -> str:
    return str(page.evaluate("new Date().toLocaleDateString('sv', {timeZone: 'Asia/Shanghai'})"))


def _pay(books: Page, amount: str, reference: str) -> None:
    """Records a transfer on the invoice that is open in the window."""
    books.click(".next-step a.btn-main")
    books.fill("#received_on", _today(books))
    books.fill("#amount", amount)
    books.fill("#reference", reference)
    books.click("main form button")
    expect(books.locator(".notice-success")).to_be_visible()


def test_from_a_correction_to_the_next_years_dues(crowd: Crowd, tmp_path: Path) -> None:
    """The applicant reads Chinese, the staff English."""
    number, words, said = 511, WORDS["en"], WORDS["zh"]
    email = f"money{number}@enterprise.example"
    licence = tmp_path / "licence.png"
    licence.write_bytes(PNG)
    phone, officer, office, finance = (
        crowd.phone("zh"),
        crowd.desk("en"),
        crowd.desk("en"),
        crowd.desk("en"),
    )
    page = phone.open("/apply")
    fill_in(page, invented_uscc(number), f"补正企业{number}有限公司", email, licence)
    page.check("#documents")
    page.click("main form button")
    office.sign_in("office")
    page.goto(mailed_link(office, email, r"http://\S+/application/open/\S+"))
    page.click(".next-step button")

    officer.sign_in("membership")
    desk = officer.open(f"/applications?q={invented_uscc(number)}")
    desk.click("tbody a")
    shown = desk.url
    desk.goto(shown + "/return")
    fits(desk)
    desk.fill("#address", words["address"])
    desk.click("main form button")
    expect(desk.locator(".notice-success")).to_be_visible()

    page.reload()
    expect(page.locator(".next-step")).to_contain_text(said["correct"])
    expect(page.locator(".next-step")).to_contain_text(words["address"])
    fits(page)
    page.click(".next-step a.btn-main")
    expect(page.locator("main form .field")).to_have_count(1)
    page.fill("#address", "新地址九号")
    page.click("main form button")
    expect(page.locator(".next-step")).to_contain_text(said["review"])

    desk.goto(shown)
    expect(desk.locator("main")).to_contain_text("新地址九号")
    desk.click(".next-step form button")
    desk.click(".next-step a.btn-main")
    desk.fill("#meeting_on", _today(desk))
    for field, count in (("#entitled", "30"), ("#present", "20"), ("#in_favour", "14")):
        desk.fill(field, count)
    desk.click("main form button")
    expect(desk.locator(".notice-success")).to_be_visible()

    finance.sign_in("finance")
    books = finance.open("/billing/invoices?q=" + f"补正企业{number}")
    books.click("#rows tbody td.code a")
    invoice = books.url
    _pay(books, "500", f"PART{number}")
    expect(books.locator(".lead")).to_contain_text(words["part"])
    books.click("section table a[href*='/billing/payments/']")
    books.click("main p:last-child a.btn-outline")
    books.fill("#reason", "记错")
    books.click("main form button")
    expect(books.locator(".lead")).to_contain_text(words["undone"])
    fits(books)

    books.goto(invoice)
    _pay(books, "1,300", f"OVER{number}")
    until(page, said["member"])
    books.goto(invoice)
    books.click(".crumb a >> nth=1")
    expect(books.locator(".figures")).to_contain_text("¥300.00")
    books.click(".actions a.btn-main")
    books.click("main form button")
    expect(books.locator(".next-step h2")).to_contain_text("¥700.00")
    expect(books.locator("main")).to_contain_text("¥300.00")
