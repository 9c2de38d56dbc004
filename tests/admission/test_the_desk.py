"""What reviewers do beside deciding.

Claim, hand over, note, tick, decide what may be a duplicate; and the queue as a spreadsheet.
"""

import datetime as dt
from io import BytesIO

import openpyxl
import pytest
import sqlalchemy as sa

from portal.admission.applications.models import Application, ApplicationState, StepKind
from portal.admission.reviewing.models import ApplicationNote, DuplicateGround, PossibleDuplicate
from portal.admission.reviewing.queries.desk import list_handovers
from portal.admission.reviewing.services.chain import StepPlan, set_chain
from portal.admission.reviewing.services.desk import add_point
from portal.foundation.clock import StandingClock
from portal.members.enterprises.models import Enterprise
from tests.cast import House, applicant_of, application_form, apply_through_pages, invented_uscc
from tests.scenes import application_of, approve_through_pages, pay_through_pages

pytestmark = pytest.mark.either_database


def _person(house: House, who: str) -> str:
    with house.doors.chamber(house.jia.id) as session:
        return str(house.actor(session, who).person_id)


@pytest.mark.stage("applied")
def test_one_claims_and_nobody_takes_it_away(house: House) -> None:
    _, application = applicant_of(house)
    address = f"/applications/{application.id}"
    clerk, officer = house.browser("membership-clerk"), house.browser("membership")
    assert "Nobody holds it" in clerk.get(address).text
    assert clerk.send(f"{address}/claim").status_code == 302
    assert officer.send(f"{address}/claim").status_code == 409
    assert clerk.send(f"{address}/claim").status_code == 302
    assert "Hand over" in clerk.get(address).text
    assert application.name in clerk.get("/applications?held=1").text
    assert application.name not in officer.get("/applications?held=1").text
    assert (
        clerk.send(
            f"{address}/hand-over", to=_person(house, "membership"), words="我休假"
        ).status_code
        == 302
    )
    assert clerk.send(f"{address}/hand-over", to="").status_code == 403
    assert application.name in officer.get("/applications?held=1").text
    assert "我休假" in officer.get(address).text
    assert officer.send(f"{address}/hand-over", to=_person(house, "finance")).status_code == 422
    with house.doors.chamber(house.jia.id) as session:
        assert [(h.from_name, h.to_name) for h in list_handovers(session, application.id)] == [
            ("", "membership-clerk jia"),
            ("membership-clerk jia", "membership jia"),
        ]


@pytest.mark.stage("two_applied")
def test_a_leaving_clerk_leaves_nothing_behind(house: House) -> None:
    clerk = house.browser("membership-clerk")
    for number in (1, 2):
        clerk.send(f"/applications/{applicant_of(house, number)[1].id}/claim")
    secretary, leaving = house.browser("secretary"), _person(house, "membership-clerk")
    assert "holds 2" in secretary.get("/settings/staff").text
    page = f"/settings/staff/{leaving}/hand-over"
    assert (
        secretary.send(page, to=_person(house, "membership"), words="离职交接").status_code == 302
    )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        holders = set(session.scalars(sa.select(Application.handler_id)))
        assert holders == {house.actor(session, "membership").person_id}
    assert "Nothing is held" in secretary.get(page).text


@pytest.mark.stage("applied")
def test_notes_stay_and_the_applicant_never_reads_them(house: House) -> None:
    applicant, application = applicant_of(house)
    clerk = house.browser("membership-clerk")
    assert clerk.send(f"/applications/{application.id}/note", body="  ").status_code == 422
    assert (
        clerk.send(f"/applications/{application.id}/note", body="致电核实\n<b>已办</b>").status_code
        == 302
    )
    assert "致电核实" in clerk.get(f"/applications/{application.id}").text
    assert "<b>已办</b>" not in clerk.get(f"/applications/{application.id}").text
    assert "致电核实" not in applicant.get("/application").text
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(ApplicationNote.body)).one() == "致电核实\n<b>已办</b>"


@pytest.mark.stage("applied")
def test_a_department_approves_once_every_point_is_ticked(house: House) -> None:
    _, application = applicant_of(house)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        points = [
            add_point(session, title, title, actor=house.actor(session, "secretary")).id
            for title in ("名称与执照一致", "代码与执照一致")
        ]
    officer, address = house.browser("membership"), f"/applications/{application.id}"
    assert officer.send(f"{address}/points/{points[0]}", value="1").status_code == 302
    assert officer.send(f"{address}/approve").status_code == 409
    assert officer.send(f"{address}/points/{points[1]}", value="1").status_code == 302
    assert officer.send(f"{address}/points/{points[0]}", value="0").status_code == 302
    assert officer.send(f"{address}/approve").status_code == 409
    for _ in range(2):
        assert officer.send(f"{address}/points/{points[0]}", value="1").status_code == 302
    assert officer.send(f"{address}/approve").status_code == 302
    assert (
        house.browser("secretary")
        .send("/settings/checklist", title_zh="名称与执照一致", title_en="x")
        .status_code
        == 422
    )


def _duplicate(house: House, application: Application) -> PossibleDuplicate:
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(
            sa.select(PossibleDuplicate).where(PossibleDuplicate.application_id == application.id)
        ).one()


@pytest.mark.parametrize(
    ("name", "ground"),
    [("测试企业1有限公司", DuplicateGround.NAME), ("测式企业1有限公司", DuplicateGround.PINYIN)],
)
@pytest.mark.stage("applied")
def test_a_name_like_another_is_decided_before_anybody_approves(
    house: House, name: str, ground: DuplicateGround
) -> None:
    _, second = apply_through_pages(house, 2, name=name)
    duplicate = _duplicate(house, second)
    assert duplicate.ground is ground
    officer, address = house.browser("membership"), f"/applications/{second.id}"
    assert officer.send(f"{address}/approve").status_code == 409
    assert "测试企业1有限公司" in officer.get(f"{address}/duplicates/{duplicate.id}").text
    assert (
        house.browser("membership-clerk").get(f"{address}/duplicates/{duplicate.id}").status_code
        == 403
    )
    assert (
        officer.send(f"{address}/duplicates/{duplicate.id}", same="no", reason="").status_code
        == 422
    )
    assert (
        officer.send(
            f"{address}/duplicates/{duplicate.id}", same="yes", reason="同一家"
        ).status_code
        == 409
    ), "the other has an open application"
    assert (
        officer.send(
            f"{address}/duplicates/{duplicate.id}", same="no", reason="两家不同"
        ).status_code
        == 302
    )
    assert (
        officer.send(
            f"{address}/duplicates/{duplicate.id}", same="no", reason="两家不同"
        ).status_code
        == 409
    )
    assert officer.send(f"{address}/approve").status_code == 302


@pytest.mark.stage("applied")
def test_found_the_same_it_goes_over_to_the_older_record(house: House) -> None:
    applicant, first = applicant_of(house)
    applicant.send("/application/withdraw", reason="改日")
    _, second = apply_through_pages(house, 2, name="测试企业1有限公司")
    officer = house.browser("membership")
    assert (
        officer.send(
            f"/applications/{second.id}/duplicates/{_duplicate(house, second).id}",
            same="yes",
            reason="换发新代码",
        ).status_code
        == 302
    )
    with house.doors.chamber(house.jia.id) as session:
        moved = session.fetch(Application, second.id)
        newer = session.scalars(
            sa.select(Enterprise).where(Enterprise.same_as_id.is_not(None))
        ).one()
        assert moved.enterprise_id == first.enterprise_id == newer.same_as_id
    pay_through_pages(house, approve_through_pages(house, second))
    assert application_of(house, "jia", invented_uscc(2)).state is ApplicationState.ADMITTED


@pytest.mark.stage("applied")
def test_a_stranger_with_a_known_code_waits_for_a_person(house: House) -> None:
    applicant, _ = applicant_of(house)
    applicant.send("/application/withdraw", reason="改日")
    _, again = apply_through_pages(house, 1)
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(PossibleDuplicate)).all() == [], (
            "the same contact applies again"
        )
    house.browser("membership").send(f"/applications/{again.id}/reject", reason="材料不齐")
    _, stranger = apply_through_pages(house, 1, contact_email="stranger@other.example")
    duplicate = _duplicate(house, stranger)
    assert duplicate.ground is DuplicateGround.USCC
    officer, address = house.browser("membership"), f"/applications/{stranger.id}"
    assert (
        officer.send(
            f"{address}/duplicates/{duplicate.id}", same="no", reason="冒用代码"
        ).status_code
        == 302
    )
    assert officer.send(f"{address}/approve").status_code == 409
    assert officer.send(f"{address}/reject", reason="冒用代码").status_code == 302


@pytest.mark.stage("applied")
def test_the_queue_is_saved_as_a_spreadsheet_of_texts(house: House) -> None:
    apply_through_pages(house, 2, name='=HYPERLINK("http://x")', legal_representative="+1+1")
    answer = house.browser("membership-clerk").send("/applications/export?state=in_review")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 3
    cell = sheet.cell(3, 2)
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://x")', "s")
    assert sheet.cell(3, 8).value == 5_000_000
    assert house.browser("finance").send("/applications/export").status_code == 403
    only = house.browser("membership").send(f"/applications/export?state=all&q={invented_uscc(1)}")
    assert openpyxl.load_workbook(BytesIO(only.data)).worksheets[0].max_row == 2


def test_what_is_late_is_found_and_the_order_turns(house: House, clock: StandingClock) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        hyb = next(p.department_id for p in house.actor(session, "membership").posts)
        set_chain(
            session,
            [StepPlan(StepKind.DEPARTMENT, "初审", "First review", hyb, days=3)],
            actor=house.actor(session, "secretary"),
        )
    apply_through_pages(house, 1)
    clock.at += dt.timedelta(days=4)
    apply_through_pages(house, 2)
    browser = house.browser("membership")
    late = browser.get("/applications?late=1").text
    assert application_form(1)["name"] in late
    assert application_form(2)["name"] not in late
    newest = browser.get("/applications?newest=1").text
    assert newest.index(application_form(2)["name"]) < newest.index(application_form(1)["name"])


@pytest.mark.stage("applied")
def test_a_stranger_who_applies_twice_stays_a_stranger(house: House) -> None:
    applicant_of(house)[0].send("/application/withdraw", reason="改日")
    stranger, _ = apply_through_pages(house, 1, contact_email="stranger@other.example")
    stranger.send("/application/withdraw", reason="改日")
    _, again = apply_through_pages(house, 1, contact_email="stranger@other.example")
    assert _duplicate(house, again).ground is DuplicateGround.USCC


@pytest.mark.stage("applied")
def test_a_stale_page_decides_no_other_step(house: House) -> None:
    application = applicant_of(house)[1]
    officer, step = house.browser("membership"), application.open_step
    assert step is not None
    page = officer.get(f"/applications/{application.id}").text
    assert f"/applications/{application.id}/approve?step={step.id}" in page
    assert officer.send(f"/applications/{application.id}/approve?step={step.id}").status_code == 302
    for act, fields in (
        ("approve", {}),
        ("reject", {"reason": "x"}),
        ("vote", {"meeting_on": "2026-06-15", "entitled": "3", "present": "3", "in_favour": "3"}),
    ):
        assert (
            house.browser("secretary")
            .send(f"/applications/{application.id}/{act}?step={step.id}", **fields)
            .status_code
            == 409
        )
