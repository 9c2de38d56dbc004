"""Dues paid on a phone, from the mail in three taps.

The link, the button, and Stripe's own page.
"""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Crowd, Site
from tests.browser.test_the_way import fill_in, fits, mailed_link, until
from tests.cast import PNG, invented_uscc

WORDS = {
    "zh": {
        "confirming": "正在确认您的付款",
        "thanks": "已支付 ¥1,000.00",
        "member": "您已成为会员",
        "online": "在线支付",
    },
    "en": {
        "confirming": "Confirming your payment",
        "thanks": "Paid: ¥1,000.00",
        "member": "You are a member",
        "online": "online payment",
    },
}


def test_three_taps_from_the_mail(site: Site, crowd: Crowd, tmp_path: Path) -> None:
    """The payer reads English, the staff Chinese."""
    number, words = 811, WORDS["en"]
    email = f"online{number}@enterprise.example"
    finance, office, officer, phone = (
        crowd.desk("zh"),
        crowd.desk("zh"),
        crowd.desk("zh"),
        crowd.phone("en"),
    )
    finance.sign_in("finance")
    keys = finance.open("/settings/online-payment")
    keys.fill("#secret_key", "sk_test_browser_1")
    keys.fill("#webhook_secret", "whsec_browser_1")
    keys.click("main form.form button")
    expect(keys.locator(".notice-success")).to_be_visible()
    fits(keys)

    (licence := tmp_path / "licence.png").write_bytes(PNG)
    page = phone.open("/apply")
    fill_in(page, invented_uscc(number), f"在线企业{number}有限公司", email, licence)
    page.check("#documents")
    page.click("main form button")
    office.sign_in("office")
    page.goto(application := mailed_link(office, email, r"http://\S+/application/open/\S+"))
    page.click(".next-step button")
    officer.sign_in("membership")
    desk = officer.open(f"/applications?q={invented_uscc(number)}")
    desk.click("tbody a")
    desk.click(".next-step form button")
    desk.click(".next-step a.btn-main")
    desk.fill(
        "#meeting_on",
        str(desk.evaluate("new Date().toLocaleDateString('sv', {timeZone: 'Asia/Shanghai'})")),
    )
    for field, count in (("#entitled", "30"), ("#present", "20"), ("#in_favour", "14")):
        desk.fill(field, count)
    desk.click("main form button")
    expect(desk.locator(".notice-success")).to_be_visible()

    page.goto(mailed_link(office, email, r"http://\S+/billing/pay/\S+"))
    fits(page)
    page.click(".next-step button")
    page.wait_for_url(re.compile(rf"{re.escape(site.stripe.address)}/pay/"))
    page.click("button[value=later]")
    expect(page.locator(".next-step")).to_contain_text(words["confirming"])
    fits(page)
    site.stripe.webhooks = [
        (
            f"http://127.0.0.1:{site.port}/billing/stripe/events",
            f"jia.localhost:{site.port}",
            "whsec_browser_1",
        )
    ]
    site.stripe.confirm(site.stripe.sessions()[-1]["id"])
    expect(page.locator(".next-step")).to_contain_text(words["thanks"])
    page.goto(application)
    until(page, words["member"])
    books = finance.open(f"/billing/payments?q=在线企业{number}")
    books.goto(site.address("/billing/payments"))
    expect(books.locator("tbody tr").first).to_contain_text(WORDS["zh"]["online"])
    site.stripe.webhooks = []
