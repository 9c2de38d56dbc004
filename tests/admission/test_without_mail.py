"""An applicant without an e-mail address.

Every message is passed on by the office, and the way goes to its end.
"""

import re

import pytest
import sqlalchemy as sa

from portal.accounts.models import Person
from portal.admission.applications.models import ApplicationState
from portal.jobs.models import Mail, MailState
from tests.cast import PNG, Browser, House, application_form, invented_uscc
from tests.scenes import application_of, approve_through_pages, grade_id, pay_through_pages

pytestmark = pytest.mark.either_database


def test_the_office_passes_every_message_on(house: House) -> None:
    form = {"grade": grade_id(house), **application_form(), "contact_email": ""}
    assert (
        house.browser().send("/apply", **form, files={"licence": (PNG, "x.png")}).status_code == 302
    )
    house.work()
    office = house.browser("office")
    assert "no address" in office.get("/settings/mails?state=held&q=李四").text
    with house.doors.chamber(house.jia.id) as session:
        mail_id = session.scalars(
            sa.select(Mail.id).where(
                Mail.template == "applications/confirm", Mail.state == MailState.HELD
            )
        ).one()
    page = office.get(f"/settings/mails/{mail_id}").text
    assert 'class="qr"' in page
    word = re.search(r"/application/open/(\S+)", page)[1]
    applicant = house.browser()
    assert applicant.get(f"/application/open/{word}").status_code == 302
    assert applicant.send("/application/submit").status_code == 302
    pay_through_pages(
        house, approve_through_pages(house, application_of(house, "jia", invented_uscc(1)))
    )
    assert application_of(house, "jia", invented_uscc(1)).state is ApplicationState.ADMITTED
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(Person).where(Person.email == "")).all() == []
        assert {m.state for m in session.scalars(sa.select(Mail).where(Mail.to_address == ""))} == {
            MailState.HELD
        }
    assert "Receipt" in applicant.get("/application").text


def test_every_message_of_an_application_has_its_link_until_it_has_arrived(house: House) -> None:
    form = {"grade": grade_id(house), **application_form(), "contact_email": ""}
    house.browser().send("/apply", **form, files={"licence": (PNG, "x.png")})
    house.work()
    office, officer = house.browser("office"), house.browser("membership")
    applicant = house.browser()
    applicant.get(f"/application/open/{_word(house, office, 'confirm')}")
    applicant.send("/application/submit")
    application = application_of(house, "jia", invented_uscc(1))
    officer.send(f"/applications/{application.id}/return", name="与执照不符")
    house.work()
    for template in ("received", "returned"):
        browser = house.browser()
        word = _word(house, office, template)
        assert browser.get(f"/application/open/{word}").status_code == 302
        assert application.name in browser.get("/application").text
        other = house.browser(slug="yi")
        assert other.get(f"/application/open/{word}").status_code == 404
        assert (
            house.browser()
            .get(f"/application/open/{word[:-1]}{'A' if word[-1] != 'A' else 'Q'}")
            .status_code
            == 404
        )
        mail = _mail(house, template)
        assert office.send(f"/settings/mails/{mail.id}/passed-on").status_code == 302
        assert word not in office.get(f"/settings/mails/{mail.id}").text, (
            "what has arrived lets nobody else in"
        )


def _mail(house: House, template: str) -> Mail:
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(
            sa.select(Mail)
            .where(Mail.template == f"applications/{template}")
            .order_by(Mail.id.desc())
        ).first()


def _word(house: House, office: Browser, template: str) -> str:
    page = office.get(f"/settings/mails/{_mail(house, template).id}").text
    assert 'class="qr"' in page, template
    return re.search(r"/application/open/([\w.-]+)", page)[1]


def test_the_mails_are_searched_by_page_and_state(house: House) -> None:
    for number in range(1, 30):
        house.browser().send(
            "/password/forgotten",
            email="finance@jia.example" if number == 1 else f"nobody{number}@jia.example",
        )
    house.work()
    office = house.browser("office")
    assert "finance@jia.example" in office.get("/settings/mails?q=finance").text
    assert "Nothing matches" in office.get("/settings/mails?q=%25").text
    assert "Nothing matches" in office.get("/settings/mails?state=sent").text
    assert office.get("/settings/mails?after=nonsense").status_code == 200


def _to_pass_on(house: House) -> int:
    return int(
        re.search(r"Messages to pass on: (\d+)", house.browser("office").get("/my-day").text)[1]
    )


def test_what_was_passed_on_is_off_the_list_and_next_years_dues_are_raised_all_the_same(
    house: House,
) -> None:
    form = {"grade": grade_id(house), **application_form(), "contact_email": ""}
    assert (
        house.browser().send("/apply", **form, files={"licence": (PNG, "x.png")}).status_code == 302
    )
    house.work()
    office = house.browser("office")
    with house.doors.chamber(house.jia.id) as session:
        mail = session.scalars(sa.select(Mail).where(Mail.template == "applications/confirm")).one()
    word = re.search(r"/application/open/(\S+)", office.get(f"/settings/mails/{mail.id}").text)[1]
    before = _to_pass_on(house)
    assert [office.send(f"/settings/mails/{mail.id}/passed-on").status_code for _ in range(2)] == [
        302,
        409,
    ]
    assert _to_pass_on(house) == before - 1
    assert word not in office.get(f"/settings/mails/{mail.id}").text
    applicant = house.browser()
    assert applicant.get(f"/application/open/{word}").status_code == 302
    assert applicant.send("/application/submit").status_code == 302
    invoice = approve_through_pages(house, application_of(house, "jia", invented_uscc(1)))
    pay_through_pages(house, invoice)
    assert (
        house.browser("finance")
        .send(f"/billing/accounts/{invoice.party_id}/dues", year="2027")
        .status_code
        == 302
    )
