"""My day: what waits for each role, oldest first, with the one action; and what they did."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from portal.accounts.models import Appointment
from portal.accounts.queries import find_person_by_email
from portal.admission.applications.models import StepKind
from portal.admission.reviewing.queries.desk import list_points
from portal.admission.reviewing.services.chain import StepPlan, set_chain
from portal.admission.reviewing.services.desk import add_point
from portal.foundation.clock import StandingClock, start_of
from portal.governance.meetings.services.meetings import MeetingPlan, call_meeting
from portal.jobs.models import Job, JobState
from portal.money.payments.models import Payment
from portal.tenancy.my_day import list_waiting
from tests.cast import PNG, Browser, House, applicant_of, apply_through_pages, invented_uscc
from tests.scenes import (
    application_of,
    approve_through_pages,
    council,
    invoice_of,
    list_candidates,
    pay_through_pages,
)

pytestmark = pytest.mark.either_database


def waiting_for(browser: Browser) -> str:
    """The part of the page with what can be moved now."""
    return browser.get("/my-day").text.split("What I did lately")[0]


@pytest.mark.stage("two_applied")
def test_what_i_hold_comes_first_and_what_others_hold_does_not_come(house: House) -> None:
    clerk, officer = house.browser("membership-clerk"), house.browser("membership")
    _, second = applicant_of(house, 2)
    page = clerk.get("/my-day").text
    assert page.index("测试企业1有限公司") < page.index("测试企业2有限公司")
    clerk.send(f"/applications/{second.id}/claim")
    page = clerk.get("/my-day").text
    assert page.index("测试企业2有限公司") < page.index("测试企业1有限公司")
    assert "held by me" in page
    assert "Claimed" in page
    assert "测试企业2有限公司" in waiting_for(officer), "a clerk cannot decide it"
    assert "membership-clerk jia" in waiting_for(officer)
    assert (
        house.browser("membership-clerk").send(f"/applications/{second.id}/approve").status_code
        == 403
    )
    assert (
        officer.send(
            f"/applications/{application_of(house, 'jia', invented_uscc(1)).id}/claim"
        ).status_code
        == 302
    )
    assert "测试企业1有限公司" not in waiting_for(house.browser("secretary")), (
        "who holds it can decide it"
    )
    assert "测试企业" not in house.browser("rights").get("/my-day").text
    assert "测试企业" not in house.browser("membership", "yi").get("/my-day").text


@pytest.mark.stage("three_before_council")
def test_the_council_waits_for_a_meeting_and_the_meeting_for_its_results(
    house: House, clock: StandingClock
) -> None:
    officer = house.browser("membership")
    assert "Call a meeting" in officer.get("/my-day").text
    assert "Call a meeting" not in house.browser("membership-clerk").get("/my-day").text
    with house.doors.chamber(house.jia.id, writing=True) as session:
        steps = [step.id for _, step in list_candidates(session)]
        call_meeting(
            session,
            council(session),
            MeetingPlan("第九次会议", dt.date(2026, 6, 16)),
            steps,
            actor=house.actor(session, "membership"),
        )
    assert "第九次会议" not in officer.get("/my-day").text
    clock.at += dt.timedelta(days=1)
    assert "第九次会议" in house.browser("membership").get("/my-day").text


@pytest.mark.stage("three_approved")
def test_what_ran_out_waits_since_the_chambers_midnight(house: House, clock: StandingClock) -> None:
    clock.at = dt.datetime(2027, 3, 1, 4, tzinfo=dt.UTC)
    with house.doors.chamber(house.jia.id) as session:
        found = [
            w
            for w in list_waiting(session, house.actor(session, "membership"), dt.date(2027, 3, 1))
            if w.what == "Approval that ran out"
        ]
    assert found
    assert {w.since for w in found} == {start_of(w.due_on) for w in found if w.due_on}
    assert {w.since.astimezone(dt.UTC).hour for w in found} == {16}


def test_finance_looks_at_slips_and_the_office_at_messages_and_failures(house: House) -> None:
    applicant, application = apply_through_pages(house)
    invoice = approve_through_pages(house, application)
    assert (
        applicant.send(
            f"/billing/invoices/{invoice.id}/slips", files={"slip": (PNG, "s.png")}
        ).status_code
        == 302
    )
    assert "Look for the transfer" in house.browser("finance").get("/my-day").text
    office = house.browser("office").get("/my-day").text
    assert "Pass them on" in office
    assert "Try again" not in office
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.add(
            Job(
                task="make_previews",
                args={},
                state=JobState.FAILED,
                run_at=session.now(),
                created_at=session.now(),
            )
        )
    assert "Try again" in house.browser("office").get("/my-day").text


@pytest.mark.stage("two_applied")
def test_what_a_colleague_held_who_left_is_free_again(house: House) -> None:
    application = application_of(house, "jia", invented_uscc(1))
    assert (
        house.browser("membership-clerk").send(f"/applications/{application.id}/claim").status_code
        == 302
    )
    officer, secretary = house.browser("membership"), house.browser("secretary")
    assert "membership-clerk" in waiting_for(officer)
    with house.doors.chamber(house.jia.id) as session:
        clerk = find_person_by_email(session, "membership-clerk@jia.example")
        held = session.scalars(
            sa.select(Appointment.id).where(Appointment.person_id == clerk.id)
        ).one()
    assert secretary.send(f"/settings/staff/{held}/end").status_code == 302
    assert application.name in waiting_for(officer)
    assert "membership-clerk" not in waiting_for(officer)


@pytest.mark.stage("three_approved")
def test_an_approval_without_an_invoice_and_a_member_whose_dues_are_undone(house: House) -> None:
    first, second = (application_of(house, "jia", invented_uscc(number)) for number in (1, 2))
    finance, officer = house.browser("finance"), house.browser("membership")
    finance.send(f"/billing/invoices/{invoice_of(house, 'jia', first.id).id}/void", reason="开错了")
    page = waiting_for(officer)
    assert "Raise it again" in page
    assert first.name in page
    assert officer.send(f"/applications/{first.id}/invoice").status_code == 302
    assert "Raise it again" not in waiting_for(officer)
    pay_through_pages(house, invoice_of(house, "jia", second.id))
    assert "first dues are open again" not in waiting_for(officer) + waiting_for(finance)
    with house.doors.chamber(house.jia.id) as session:
        payment = session.scalars(sa.select(Payment.id)).one()
    assert finance.send(f"/billing/payments/{payment}/undo", reason="认错了").status_code == 302
    for browser, address in (
        (officer, f"/enterprises/{second.enterprise_id}"),
        (finance, f"/billing/accounts/{second.enterprise_id}"),
    ):
        page = waiting_for(browser)
        assert "first dues are open again" in page
        assert address in page
        assert browser.get(address).status_code == 200
    assert "first dues are open again" not in waiting_for(house.browser("rights"))


def test_an_upheld_objection_asks_for_the_rejection(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        set_chain(
            session,
            [StepPlan(StepKind.NOTICE, "公示", "Notice")],
            actor=house.actor(session, "secretary"),
        )
    _, application = apply_through_pages(house)
    officer = house.browser("membership")
    officer.send(
        f"/applications/{application.id}/objections",
        raised_by="赵六",
        contact="",
        body="失信",
        received_on="2026-06-15",
    )
    assert "Objection to decide" in waiting_for(officer)
    address = re.search(r"/applications/\S+/objections/[^\"]+", waiting_for(officer))[0]
    assert officer.send(address, upheld="yes", reason="属实").status_code == 302
    page = waiting_for(officer)
    assert "Objection upheld" in page
    assert f"/applications/{application.id}/reject" in page
    assert (
        officer.send(f"/applications/{application.id}/reject", reason="异议成立").status_code == 302
    )
    assert "Objection upheld" not in waiting_for(officer)


def test_a_department_of_the_chain_finds_its_steps_on_its_day(house: House) -> None:
    _, others = apply_through_pages(house, 9)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        rights = next(p.department_id for p in house.actor(session, "rights").posts)
        set_chain(
            session,
            [StepPlan(StepKind.DEPARTMENT, "复核", "Check", rights)],
            actor=house.actor(session, "secretary"),
        )
        add_point(session, "资料齐全", "", actor=house.actor(session, "secretary"))
    _, application = apply_through_pages(house)
    officer = house.browser("rights")
    assert application.name in waiting_for(officer)
    queue = officer.get("/applications?state=all").text
    assert application.name in queue
    assert others.name not in queue
    assert "Save as a spreadsheet" not in queue
    assert others.name in house.browser("membership").get("/applications?state=all").text
    assert "No application stands here" in house.browser("finance").get("/applications").text
    page = officer.get(f"/applications/{application.id}").text
    assert "资料齐全" in page
    assert "Write a note" not in page
    assert officer.send(f"/applications/{application.id}/approve").status_code == 409
    with house.doors.chamber(house.jia.id) as session:
        point = list_points(session)[0]
    assert house.browser("finance").send(
        f"/applications/{application.id}/points/{point.id}", value="1"
    ).status_code in {403, 404}
    assert (
        officer.send(f"/applications/{application.id}/points/{point.id}", value="1").status_code
        == 302
    )
    assert officer.send(f"/applications/{application.id}/approve").status_code == 302
