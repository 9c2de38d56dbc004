"""The application form: what it refuses, and that nothing typed or uploaded is lost."""

import datetime as dt
import json
import re
from collections import Counter

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import Acknowledgement, Application, ApplicationState
from portal.admission.applications.queries.mailboxes import MOST_LINKS
from portal.admission.applying.models import ApplicationDraft
from portal.files.models import StoredFile
from portal.foundation.ids import new_id
from portal.jobs.models import Mail
from portal.members.enterprises.models import Enterprise
from portal.tenancy.chambers import settings_of
from portal.tenancy.models import Chamber
from portal.web.mail import write_letter
from tests.cast import PNG, House, application_form, apply_through_pages
from tests.scenes import application_of, grade_id, word_of_newest_mail


def _count(house: House, model: type) -> int:
    with house.doors.chamber(house.jia.id) as session:
        return len(session.scalars(sa.select(model)).all())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uscc", "123"),
        ("uscc", "91350100M000100Y44"),
        ("name", ""),
        ("name", "x" * 121),
        ("kind", "pirate"),
        ("capital", "1e9"),
        ("capital", "-5"),
        ("industry", "Z99"),
        ("region", "9999"),
        ("contact_email", "no address"),
        ("contact_phone", ""),
        ("documents", ""),
        ("grade", "01980000-0000-7000-8000-000000000000"),
        ("grade", "x"),
    ],
)
def test_a_fault_is_told_beside_its_field_and_nothing_is_lost(
    house: House, field: str, value: str
) -> None:
    browser = house.browser()
    form = application_form() | {"grade": grade_id(house)} | {field: value}
    if field == "documents":
        form.pop("documents")
    answer = browser.send("/apply", **form, files={"licence": (PNG, "执照.png")})
    assert answer.status_code == 422
    assert 'class="field' in answer.text
    assert "has-error" in answer.text
    assert "张三" in answer.text
    assert "“执照.png” is kept" in answer.text
    assert _count(house, Application) == 0
    kept = dict(re.findall(r'name="(form_key|kept_licence)"[^>]*value="([^"]+)"', answer.text))
    again = application_form() | {"grade": grade_id(house)} | kept
    assert browser.send("/apply", **again).status_code == 302
    assert _count(house, Application) == 1
    assert _count(house, StoredFile) == 1


def test_without_a_licence_it_does_not_go_on(house: House) -> None:
    answer = house.browser().send("/apply", **application_form(), grade=grade_id(house))
    assert answer.status_code == 422
    assert "business licence" in answer.text


@pytest.mark.parametrize("data", [b"", b"MZ" + b"\0" * 100, b"<html></html>", PNG[:20]])
def test_a_file_that_lies_is_refused(house: House, data: bytes) -> None:
    answer = house.browser().send(
        "/apply",
        **application_form(),
        grade=grade_id(house),
        files={"licence": (data, "licence.png")},
    )
    assert answer.status_code == 422
    assert _count(house, StoredFile) == 0


def test_a_kept_licence_of_another_form_is_not_taken(house: House) -> None:
    browser = house.browser()
    bad = browser.send(
        "/apply",
        **(application_form() | {"uscc": "1"}),
        grade=grade_id(house),
        files={"licence": (PNG, "x.png")},
    )
    kept = re.findall(r'name="kept_licence"[^>]*value="([^"]+)"', bad.text)[0]
    answer = browser.send("/apply", **application_form(2), grade=grade_id(house), kept_licence=kept)
    assert answer.status_code == 422


def test_a_form_sent_twice_is_one_application(house: House) -> None:
    browser = house.browser()
    form = application_form() | {"grade": grade_id(house)}
    for _ in range(3):
        assert browser.send("/apply", **form, files={"licence": (PNG, "x.png")}).status_code == 302
    assert _count(house, Application) == 1


def test_a_draft_reserves_nothing_and_shows_in_no_queue(house: House) -> None:
    browser = house.browser()
    browser.send(
        "/apply", **application_form(), grade=grade_id(house), files={"licence": (PNG, "x.png")}
    )
    assert _count(house, Enterprise) == 0
    officer = house.browser("membership")
    assert "测试企业1" not in officer.get("/applications?state=all").text
    application = application_of(house, "jia", application_form()["uscc"])
    assert officer.get(f"/applications/{application.id}").status_code == 404
    assert application.state is ApplicationState.DRAFT


def test_the_link_is_needed_and_belongs_to_one_application_of_one_chamber(house: House) -> None:
    apply_through_pages(house, 1)
    word = word_of_newest_mail(house, "jia", "applications/confirm")
    assert house.browser().get("/application").status_code == 302
    assert house.browser().get("/application/open/wrong").status_code == 404
    assert house.browser(slug="yi").get(f"/application/open/{word}").status_code == 404


def test_confirming_twice_submits_once(house: House) -> None:
    browser, first = apply_through_pages(house)
    assert browser.send("/application/submit").status_code == 302
    again = application_of(house, "jia", first.uscc)
    assert (again.number, len(again.steps)) == ("SQ2026-00001", 2)
    assert _count(house, Enterprise) == 1
    assert _count(house, Acknowledgement) == 1


def test_a_known_code_gives_no_view_of_its_enterprise(house: House) -> None:
    apply_through_pages(house, 1)
    stranger = house.browser()
    form = application_form(
        1,
        contact_email="stranger@else.example",
        name="冒名企业有限公司",
        legal_representative="冒名",
    ) | {"grade": grade_id(house)}
    stranger.send("/apply", **form, files={"licence": (PNG, "x.png")})
    house.work()
    stranger.get(f"/application/open/{word_of_newest_mail(house, 'jia', 'applications/confirm')}")
    assert stranger.send("/application/submit").status_code == 409
    page = stranger.get("/application").text
    assert "冒名企业" in page
    assert "测试企业1" not in page
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(Enterprise.name)).one() == "测试企业1有限公司"


def test_the_code_is_checked_as_it_is_typed(house: House) -> None:
    browser = house.browser()
    assert "✓ 91350100M000100Y43" in browser.get("/apply/uscc?uscc=91350100m000100y43").text
    assert "cannot stand" in browser.get("/apply/uscc?uscc=9135O100M000100Y43").text
    assert "this has 4" in browser.get("/apply/uscc?uscc=9135").text


def test_a_number_begins_anew_with_shanghais_year(house: House) -> None:
    house.clock.at = dt.datetime(2026, 12, 31, 15, 59, 59, tzinfo=dt.UTC)
    _, last = apply_through_pages(house, 1)
    house.clock.at = dt.datetime(2026, 12, 31, 16, 0, 0, tzinfo=dt.UTC)
    _, first = apply_through_pages(house, 2)
    assert (last.number, first.number) == ("SQ2026-00001", "SQ2027-00001")


def test_a_form_is_changed_before_it_is_confirmed(house: House) -> None:
    browser = house.browser()
    form = {
        "grade": grade_id(house),
        **application_form(),
        "form_key": str(new_id()),
        "contact_email": "wrong@enterprise.example",
    }
    assert browser.send("/apply", files={"licence": (PNG, "l.png")}, **form).status_code == 302
    key = {"form_key": form["form_key"], "kept_licence": _kept(house)}
    assert browser.send("/apply", **(form | key)).status_code == 302, "sent twice is sent once"
    right = form | key | {"contact_email": "right@enterprise.example"}
    assert browser.send("/apply", **right).status_code == 302
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        mails = session.scalars(
            sa.select(Mail).where(Mail.template == "applications/confirm").order_by(Mail.id)
        ).all()
        (application,) = session.scalars(sa.select(Application)).all()
        words = [session.sealer.open(mail.secret or "") for mail in mails]
    assert [m.to_address for m in mails] == ["wrong@enterprise.example", "right@enterprise.example"]
    assert application.contact_email == "right@enterprise.example"
    assert browser.get(f"/application/open/{words[0]}").status_code == 404, (
        "the first link went to the wrong mailbox"
    )
    assert browser.get(f"/application/open/{words[1]}").status_code == 302
    assert "/apply?change=1" in browser.get("/application").text
    assert f'value="{form["form_key"]}"' not in browser.get("/apply").text, (
        "a new form is another application"
    )
    typed = {
        "form_key": form["form_key"],
        "changed": json.dumps([["address", "改过的地址", 0]]),
        "seen": "{}",
    }
    assert browser.send("/apply/draft", **typed).status_code == 200
    page = browser.get("/apply?change=1").text
    assert "改过的地址" in page
    assert 'value="right@enterprise.example"' in page, "what was not touched stands beside it"
    assert "改过的地址" not in browser.get("/apply").text, (
        "nobody who did not ask changes a form that was sent"
    )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.execute(sa.delete(ApplicationDraft))
    page = browser.get("/apply?change=1").text
    assert "is not confirmed yet" in page
    assert 'value="right@enterprise.example"' in page
    assert f'value="{form["form_key"]}"' in page
    assert browser.send("/apply", **(right | {"name": "另一企业有限公司"})).status_code == 302
    assert (
        browser.get(
            f"/application/open/{word_of_newest_mail(house, 'jia', 'applications/confirm')}"
        ).status_code
        == 302
    )
    assert browser.send("/apply/draft", **typed).status_code == 200
    assert browser.send("/application/submit").status_code == 302
    assert browser.send("/apply/draft", **typed).status_code == 404
    assert form["form_key"] not in browser.get("/apply").text, (
        "nothing of it is left for the next application"
    )
    assert (
        "confirmed already" in browser.send("/apply", **(right | {"name": "第三企业有限公司"})).text
    )
    assert "另一企业有限公司" in browser.get("/application").text, (
        "what is confirmed stays as it was"
    )
    assert "Read and accepted" in browser.get("/application").text


def _kept(house: House) -> str:
    with house.doors.chamber(house.jia.id) as session:
        return str(session.scalars(sa.select(Application.licence_file_id)).one())


@pytest.mark.both_databases
def test_no_mailbox_is_flooded_and_nothing_typed_is_lost(house: House) -> None:
    form = {
        "grade": grade_id(house),
        **application_form(),
        "contact_email": "victim@enterprise.example",
    }
    faulty = house.browser().send("/apply", **(form | {"capital": "x"}))
    answers = [
        house.browser().send("/apply", files={"licence": (PNG, "l.png")}, **form) for _ in range(10)
    ]
    assert [a.status_code for a in (faulty, *answers)] == [422, *[302] * 9, 429]
    assert form["name"] in answers[-1].text
    assert "l.png" in answers[-1].text, "and the file is kept"
    assert "Wait five minutes" in answers[-1].text


SHOUT = "http://evil.example 中奖了"


def _letters(house: House, template: str) -> list[str]:
    """Everything that the mails of a kind say, heads and both bodies."""
    with house.doors.chamber(house.jia.id) as session:
        chamber = session.scalars(sa.select(Chamber).where(Chamber.id == house.jia.id)).one()
        mails = session.scalars(
            sa.select(Mail).where(Mail.template == template).order_by(Mail.id)
        ).all()
        letters = [
            write_letter(house.world, mail, chamber, settings_of(session), with_word=True)
            for mail in mails
        ]
    return [
        f"{mail.to_name} {letter.subject} {letter.text} {letter.html}"
        for mail, letter in zip(mails, letters, strict=True)
    ]


@pytest.mark.both_databases
def test_a_strangers_words_do_not_travel_under_the_chambers_name(house: House) -> None:
    """The mail to an address that nobody has confirmed carries nothing of the form, neither when it
    is sent nor when it is saved.
    """
    form = {
        "grade": grade_id(house),
        **application_form(1, name=f"{SHOUT}有限公司", contact_name=SHOUT, address=SHOUT),
    }
    assert (
        house.browser().send("/apply", **form, files={"licence": (PNG, "l.png")}).status_code == 302
    )
    assert (
        house.browser().send("/apply/later", **(form | {"form_key": str(new_id())})).status_code
        == 302
    )
    for template in ("applications/confirm", "applications/draft"):
        (said,) = _letters(house, template)
        assert "evil.example" not in said
        assert "中奖" not in said


@pytest.mark.both_databases
def test_one_mail_however_often_a_form_is_sent(house: House) -> None:
    browser, form = house.browser(), {"grade": grade_id(house), **application_form(1)}
    for n in range(4):
        licence = (
            {"files": {"licence": (PNG, "l.png")}} if n == 0 else {"kept_licence": _kept(house)}
        )
        assert (
            browser.send("/apply", **(form | {"address": f"示例路{n}号"}), **licence).status_code
            == 302
        )
    assert len(_letters(house, "applications/confirm")) == 1
    word = word_of_newest_mail(house, "jia", "applications/confirm")
    assert browser.get(f"/application/open/{word}").status_code == 302
    assert browser.send("/application/submit").status_code == 302
    assert application_of(house, "jia", form["uscc"]).address == "示例路3号", (
        "the newest words count"
    )


@pytest.mark.both_databases
def test_few_unconfirmed_forms_of_one_mailbox_and_day(house: House) -> None:
    def send(number: int) -> int:
        form = {
            "grade": grade_id(house),
            **application_form(number),
            "contact_email": "victim@else.example",
        }
        return house.browser().send("/apply", **form, files={"licence": (PNG, "l.png")}).status_code

    assert [send(n) for n in range(1, 8)] == [302] * MOST_LINKS + [429] * 2
    assert len(_letters(house, "applications/confirm")) == MOST_LINKS
    house.clock.at += dt.timedelta(days=1, minutes=1)
    assert send(8) == 302


@pytest.mark.both_databases
def test_a_form_that_goes_from_address_to_address_fills_no_mailbox(house: House) -> None:
    """Forms, forms sent again for another address, and drafts are counted together."""
    visitor, form = house.browser(), {"grade": grade_id(house), **application_form(1)}
    licence = {"files": {"licence": (PNG, "l.png")}}
    for _ in range(9):
        for address in ("victim@else.example", "Victim2@else.example"):
            visitor.send("/apply", **form | {"contact_email": address}, **licence)
            visitor.send("/apply/later", **form | {"contact_email": address})
            house.clock.at += dt.timedelta(minutes=6)
    with house.doors.chamber(house.jia.id) as session:
        told = Counter(
            session.scalars(sa.select(Mail.to_address).where(Mail.to_address.like("victim%")))
        )
    assert told == {"victim@else.example": MOST_LINKS, "victim2@else.example": MOST_LINKS}


@pytest.mark.both_databases
def test_whoever_confirms_each_form_may_send_as_many_as_they_like(house: House) -> None:
    """An agent applies for one enterprise after another."""
    for number in range(1, MOST_LINKS + 3):
        agent = house.browser()
        form = {
            "grade": grade_id(house),
            **application_form(number),
            "contact_email": "agent@else.example",
        }
        assert agent.send("/apply", **form, files={"licence": (PNG, "l.png")}).status_code == 302
        agent.get(f"/application/open/{word_of_newest_mail(house, 'jia', 'applications/confirm')}")
        assert agent.send("/application/submit").status_code == 302
        house.clock.at += dt.timedelta(minutes=1)
