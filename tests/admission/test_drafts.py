"""Drafts: saved as they are typed, opened again by the link, and never a word of one tab lost to
another.
"""

import datetime as dt
import json
import re
import uuid

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import Application
from portal.admission.applications.services.documents import publish_document
from portal.admission.applying.models import ApplicationDraft
from portal.admission.applying.services.drafting import (
    Change,
    Merged,
    clear_drafts,
    open_draft,
    save_draft,
)
from portal.foundation.clock import StandingClock
from portal.foundation.errors import InvalidInput
from portal.jobs.models import Mail
from portal.tenancy.actor import VISITOR
from tests.cast import PNG, Browser, House, application_form
from tests.scenes import grade_id, word_of_newest_mail

pytestmark = pytest.mark.either_database


def _type(
    browser: Browser, key: str, changed: list[list[object]], seen: dict[str, int] | None = None
) -> dict:
    answer = browser.send(
        "/apply/draft", form_key=key, changed=json.dumps(changed), seen=json.dumps(seen or {})
    )
    assert answer.status_code == 200, answer.text
    return answer.json


def _key(browser: Browser, address: str = "/apply") -> str:
    return re.search(r'name="form_key"[^>]*value="([^"]+)"', browser.get(address).text)[1]


def test_what_is_typed_is_there_again_in_the_same_browser_and_nowhere_else(house: House) -> None:
    browser = house.browser()
    key = _key(browser)
    _type(
        browser,
        key,
        [["name", "测试企业有限公司", 0], ["capital", "5,000", 0], ["kind", "foreign", 0]],
    )
    page = browser.get("/apply").text
    assert 'value="测试企业有限公司"' in page
    assert 'value="5,000"' in page
    assert '<option selected value="foreign">' in page
    assert _key(browser) == key
    assert "测试企业有限公司" not in browser.get("/apply?new=1").text.split('id="apply"')[1]
    assert "测试企业有限公司" not in house.browser().get("/apply").text
    assert "测试企业有限公司" not in house.browser(slug="yi").get("/apply").text


def test_two_tabs_of_one_form_lose_nothing(house: House) -> None:
    browser = house.browser()
    key = _key(browser)
    assert _type(browser, key, [["name", "甲公司", 0]])["saved"]["name"] == {
        "revision": 1,
        "rivals": [],
    }
    second = _type(browser, key, [["name", "乙公司", 0]])
    assert second["saved"]["name"] == {"revision": 2, "rivals": ["甲公司"]}
    first = _type(browser, key, [["address", "路1号", 0]], {"name": 1})
    assert first["news"]["name"] == {"value": "乙公司", "revision": 2}
    assert _type(browser, key, [["name", "乙公司二", 2]])["saved"]["name"]["rivals"] == [
        "甲公司"
    ], "one's own earlier words are no rival"
    assert _type(browser, key, [], {"name": 3, "address": 1})["news"] == {}


def test_two_forms_begun_at_once_are_both_kept(house: House) -> None:
    browser = house.browser()
    keys = [_key(browser, "/apply?new=1") for _ in range(2)]
    for number, key in enumerate(keys):
        _type(browser, key, [["name", f"公司{number}号", 0]])
    page = browser.get("/apply").text
    assert "公司0号" in page
    assert "公司1号" in page
    with house.doors.chamber(house.jia.id) as session:
        older = session.scalars(
            sa.select(ApplicationDraft.id).where(ApplicationDraft.form_key == uuid.UUID(keys[0]))
        ).one()
    assert 'value="公司0号"' in browser.get(f"/apply?draft={older}").text


def test_the_mailed_link_goes_on_from_another_device_with_the_upload(house: House) -> None:
    phone = house.browser()
    form = {"grade": grade_id(house), **application_form(), "form_key": _key(phone)}
    answer = phone.send(
        "/apply/later", **{**form, "contact_email": "nobody"}, files={"licence": (PNG, "执照.png")}
    )
    assert answer.status_code == 422
    assert form["address"] in answer.text
    assert (
        phone.send("/apply/later", **form, files={"licence": (PNG, "执照.png")}).status_code == 302
    )
    house.work()
    desk = house.browser()
    assert (
        desk.get(
            f"/apply/draft/{word_of_newest_mail(house, 'jia', 'applications/draft')}"
        ).status_code
        == 302
    )
    page = desk.get("/apply").text
    assert "执照.png” is kept" in page
    assert f'value="{form["name"]}"' in page
    fields = dict(re.findall(r'name="(kept_licence|form_key)"[^>]*value="([^"]+)"', page))
    assert desk.send("/apply", **{**form, **fields}).status_code == 302
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(ApplicationDraft)).all() == []
        assert session.scalars(sa.select(Application.licence_file_id)).one() is not None
    house.work()
    desk.get(f"/application/open/{word_of_newest_mail(house, 'jia', 'applications/confirm')}")
    assert desk.send("/application/submit").status_code == 302
    assert (
        phone.send("/apply/draft", form_key=form["form_key"], changed="[]", seen="{}").status_code
        == 404
    ), "the form was sent and confirmed"
    assert desk.get("/apply/draft/nothing").status_code == 404


def test_one_mail_in_five_minutes(house: House, clock: StandingClock) -> None:
    browser = house.browser()
    form = {"grade": grade_id(house), **application_form(), "form_key": _key(browser)}
    for minutes in (0, 1, 6):
        clock.at += dt.timedelta(minutes=minutes)
        browser.send("/apply/later", **form)
        house.work()
    with house.doors.chamber(house.jia.id) as session:
        assert (
            len(session.scalars(sa.select(Mail).where(Mail.template == "applications/draft")).all())
            == 2
        )


@pytest.mark.parametrize(
    "changed",
    [
        "",
        "{}",
        "[1]",
        '[["name", "x"]]',
        '[["name", "x", "y"]]',
        '[["Name!", "x", 0]]',
        "[" * 100_000,
        '[["name", "x", true]]',
    ],
)
def test_what_is_no_change_is_refused(house: House, changed: str) -> None:
    browser = house.browser()
    assert (
        browser.send("/apply/draft", form_key=_key(browser), changed=changed, seen="{}").status_code
        == 422
    )


def test_more_than_a_form_holds_is_refused(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        draft = open_draft(session, uuid.uuid4(), "word", actor=VISITOR)
        for changes in ([Change("name", "x" * 4_001)], [Change(f"a{n}", "x") for n in range(121)]):
            with pytest.raises(InvalidInput):
                save_draft(session, draft, changes)
        assert save_draft(session, draft, [Change("name", "x")]) == {"name": Merged(1, [])}


def test_one_address_does_not_begin_form_after_form(house: House) -> None:
    browser = house.browser()
    statuses = [
        browser.send(
            "/apply/draft", form_key=str(uuid.uuid4()), changed="[]", seen="{}"
        ).status_code
        for _ in range(12)
    ]
    assert statuses == [200] * 10 + [429] * 2


def test_what_nobody_touches_for_thirty_days_is_thrown_away(
    house: House, clock: StandingClock
) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        for _ in range(2):
            open_draft(session, uuid.uuid4(), str(uuid.uuid4()), actor=VISITOR)
    clock.at += dt.timedelta(days=29)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        save_draft(
            session,
            session.scalars(sa.select(ApplicationDraft).limit(1)).one(),
            [Change("name", "x")],
        )
    clock.at += dt.timedelta(days=2)
    house.worker().call_schedules()
    house.work()
    with house.doors.chamber(house.jia.id, writing=True) as session:
        assert len(session.scalars(sa.select(ApplicationDraft)).all()) == 1
        clear_drafts(session)


def test_saving_for_later_and_sending_lose_no_words_of_another_tab(house: House) -> None:
    browser = house.browser()
    form = application_form(1) | {"grade": grade_id(house)}
    key = form["form_key"] = _key(browser)
    _type(browser, key, [["address", "甲路一号", 0], ["name", "甲公司", 0]])
    stale = {**form, "seen": "{}"}
    assert (
        browser.send("/apply/later", **(stale | {"address": "", "name": "乙公司"})).status_code
        == 302
    )
    with house.doors.chamber(house.jia.id) as session:
        draft = session.scalars(sa.select(ApplicationDraft)).one()
        assert draft.fields["address"]["value"] == "甲路一号", (
            "an empty field that had not seen the words is no wish to delete them"
        )
        assert (draft.fields["name"]["value"], draft.rivals["name"]) == ("乙公司", ["甲公司"])
    answer = browser.send("/apply", **stale, files={"licence": (PNG, "licence.png")})
    assert answer.status_code == 422
    assert "“甲路一号” was typed here in another tab" in answer.text
    fresh = re.search(r'name="seen"[^>]*value="([^"]+)"', answer.text)[1].replace("&#34;", '"')
    assert (
        browser.send(
            "/apply", **(stale | {"seen": fresh}), files={"licence": (PNG, "licence.png")}
        ).status_code
        == 302
    )


def test_documents_that_changed_meanwhile_are_read_again(house: House) -> None:
    browser = house.browser()
    shown = re.search(r'name="shown_documents"[^>]*value="([^"]+)"', browser.get("/apply").text)[1]
    with house.doors.chamber(house.jia.id, writing=True) as session:
        publish_document(
            session,
            title_zh="章程",
            title_en="Charter",
            version="2027",
            body="第一条 新。",
            actor=house.actor(session, "secretary"),
        )
    form = application_form(1) | {"grade": grade_id(house), "shown_documents": shown}
    answer = browser.send("/apply", **form, files={"licence": (PNG, "licence.png")})
    assert answer.status_code == 422
    assert "documents have changed" in answer.text


def test_words_of_another_tab_are_shown_again(house: House) -> None:
    browser = house.browser()
    key = _key(browser)
    _type(browser, key, [["name", "甲公司", 0]])
    _type(browser, key, [["name", "乙公司", 0]])
    page = browser.get("/apply").text
    assert "Also typed in another tab" in page
    assert "甲公司" in page.split('id="rivals"')[1].split("</div>")[0]


def test_saving_for_later_says_only_what_happened(house: House) -> None:
    browser = house.browser()
    form = {"grade": grade_id(house), **application_form(), "form_key": _key(browser)}
    browser.send("/apply/later", files={"licence": (b"MZ" + bytes(99), "l.png")}, **form)
    page = browser.get("/apply").text
    assert "We have mailed you a link" in page
    assert "Business licence: " in page, "and that the file is not kept"
    house.work()
    browser.send("/apply/later", **(form | {"contact_email": "other@enterprise.example"}))
    assert "We have mailed you a link" in browser.get("/apply").text
    house.work()
    browser.send("/apply/later", **(form | {"contact_email": "other@enterprise.example"}))
    assert "No other link is mailed now" in browser.get("/apply").text
    with house.doors.chamber(house.jia.id) as session:
        told = session.scalars(
            sa.select(Mail.to_address)
            .where(Mail.template == "applications/draft")
            .order_by(Mail.id)
        ).all()
    assert told == [form["contact_email"], "other@enterprise.example"]
