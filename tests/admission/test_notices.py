"""The public notice: it stands for its days, and nothing passes it that somebody objects to."""

import datetime as dt

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import (
    Application,
    ApplicationState,
    ApplicationStep,
    StepDecision,
    StepKind,
    StepState,
)
from portal.admission.reviewing.models import DuplicateGround, Objection, PossibleDuplicate
from portal.admission.reviewing.queries.notices import list_ended_notices
from portal.admission.reviewing.services.chain import StepPlan, set_chain
from portal.admission.reviewing.services.noticing import end_notice_of_step
from portal.foundation.clock import StandingClock
from portal.tenancy.actor import SYSTEM
from tests.cast import House, applicant_of, apply_through_pages
from tests.scenes import application_of

pytestmark = pytest.mark.either_database
LAST_DAY = dt.date(2026, 6, 20)


@pytest.fixture
def noticed(house: House) -> Application:
    """An application whose first step is a notice of five days, and whose second is the
    department's.
    """
    with house.doors.chamber(house.jia.id, writing=True) as session:
        hyb = next(p.department_id for p in house.actor(session, "membership").posts)
        chain = [
            StepPlan(StepKind.NOTICE, "公示", "Public notice", days=5),
            StepPlan(StepKind.DEPARTMENT, "复审", "Second review", hyb),
        ]
        set_chain(session, chain, actor=house.actor(session, "secretary"))
    return apply_through_pages(house)[1]


def _end(house: House, on: dt.date) -> int:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        return sum(
            end_notice_of_step(session, step.id, actor=SYSTEM)
            for step in list_ended_notices(session, on)
        )


def _open_step(house: House, application: Application) -> ApplicationStep | None:
    return application_of(house, "jia", application.uscc).open_step


def _objection(house: House) -> Objection:
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(sa.select(Objection).order_by(Objection.id.desc())).first()  # type: ignore[return-value]


def test_everybody_reads_it_and_it_ends_by_itself_after_its_last_day(
    house: House, noticed: Application, clock: StandingClock
) -> None:
    visitor = house.browser()
    assert noticed.name in visitor.get("/").text
    assert noticed.uscc not in visitor.get("/").text
    assert noticed.contact_name not in visitor.get("/").text
    officer = house.browser("membership")
    assert officer.send(f"/applications/{noticed.id}/end-notice").status_code == 409
    assert officer.send(f"/applications/{noticed.id}/approve").status_code == 409
    assert _end(house, LAST_DAY) == 0
    clock.at = dt.datetime(2026, 6, 20, 15, 59, 59, tzinfo=dt.UTC)
    house.worker().call_schedules()
    house.work()
    assert _open_step(house, noticed).kind is StepKind.NOTICE, (
        "23:59:59 in Shanghai is still the last day"
    )
    clock.at += dt.timedelta(hours=1)
    house.worker().call_schedules()
    house.work()
    assert _open_step(house, noticed).kind is StepKind.NOTICE, (
        "the next day is for writing down what came on the last evening"
    )
    clock.at += dt.timedelta(days=1)
    house.worker().call_schedules()
    house.work()
    step = _open_step(house, noticed)
    assert step is not None
    assert step.kind is StepKind.DEPARTMENT
    assert noticed.name not in visitor.get("/").text
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(StepDecision.person_id)).one() is None


def test_an_objection_holds_it_until_it_has_its_finding(
    house: House, noticed: Application, clock: StandingClock
) -> None:
    clerk, officer, address = (
        house.browser("membership-clerk"),
        house.browser("membership"),
        f"/applications/{noticed.id}",
    )
    words = {"raised_by": "赵六", "contact": "138", "body": "有失信记录"}
    assert clerk.send(f"{address}/objections", **words, received_on="2026-06-16").status_code == 422
    assert clerk.send(f"{address}/objections", **words, received_on="2026-06-14").status_code == 422
    assert clerk.send(f"{address}/objections", **words, received_on="2026-06-15").status_code == 302
    objection = _objection(house)
    clock.at = dt.datetime(2026, 6, 21, 1, tzinfo=dt.UTC)
    assert _end(house, dt.date(2026, 6, 21)) == 0
    officer = house.browser("membership")
    assert officer.send(f"{address}/end-notice").status_code == 409
    assert (
        house.browser("membership-clerk")
        .send(f"{address}/objections/{objection.id}", upheld="no", reason="x")
        .status_code
        == 403
    )
    assert (
        officer.send(f"{address}/objections/{objection.id}", upheld="", reason="").status_code
        == 422
    )
    assert (
        officer.send(
            f"{address}/objections/{objection.id}", upheld="no", reason="查无实据"
        ).status_code
        == 302
    )
    assert (
        officer.send(
            f"{address}/objections/{objection.id}", upheld="yes", reason="改判"
        ).status_code
        == 409
    )
    late = officer.send(f"{address}/objections", **words, received_on="2026-06-21")
    assert "ended on 2026-06-20" in late.text
    assert "Record an objection" in house.browser("membership-clerk").get(address).text
    assert (
        officer.send(f"{address}/objections", **words, received_on="2026-06-20").status_code == 302
    )
    assert officer.send(f"{address}/end-notice").status_code == 409
    assert (
        officer.send(
            f"{address}/objections/{_objection(house).id}", upheld="no", reason="查无实据"
        ).status_code
        == 302
    )
    assert officer.send(f"{address}/end-notice").status_code == 302
    assert _open_step(house, noticed).kind is StepKind.DEPARTMENT


def test_an_upheld_objection_can_only_be_rejected(
    house: House, noticed: Application, clock: StandingClock
) -> None:
    officer, address = house.browser("membership"), f"/applications/{noticed.id}"
    officer.send(
        f"{address}/objections", raised_by="赵六", body="有失信记录", received_on="2026-06-15"
    )
    officer.send(f"{address}/objections/{_objection(house).id}", upheld="yes", reason="属实")
    clock.at = dt.datetime(2026, 6, 21, 1, tzinfo=dt.UTC)
    assert _end(house, dt.date(2026, 6, 21)) == 0
    officer = house.browser("membership")
    assert officer.send(f"{address}/end-notice").status_code == 409
    assert officer.send(f"{address}/reject", reason="公示期间异议成立").status_code == 302
    assert application_of(house, "jia", noticed.uscc).state is ApplicationState.REJECTED
    assert (
        officer.send(
            f"{address}/objections", raised_by="x", body="y", received_on="2026-06-20"
        ).status_code
        == 409
    )


def test_the_applicant_does_not_read_who_objects(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        set_chain(
            session,
            [StepPlan(StepKind.NOTICE, "公示", "Public notice")],
            actor=house.actor(session, "secretary"),
        )
    applicant, application = apply_through_pages(house)
    house.browser("membership").send(
        f"/applications/{application.id}/objections",
        raised_by="赵六六",
        body="有失信记录",
        received_on="2026-06-15",
    )
    page = applicant.get("/application").text
    assert "赵六六" not in page
    assert "失信" not in page
    with house.doors.chamber(house.jia.id) as session:
        step = session.scalars(
            sa.select(ApplicationStep).where(ApplicationStep.state == StepState.OPEN)
        ).one()
        assert step.due_on == dt.date(2026, 6, 22), "seven days where the chain says nothing"


def test_a_corrected_application_is_published_for_its_days_again(
    house: House, noticed: Application, clock: StandingClock
) -> None:
    applicant = applicant_of(house)[0]
    clock.at += dt.timedelta(days=4)
    house.browser("membership").send(f"/applications/{noticed.id}/return", name="与执照不一致")
    clock.at += dt.timedelta(days=4)
    assert _end(house, dt.date(2026, 6, 23)) == 0, "it is with the applicant"
    assert applicant.send("/application/correct", name="更正企业有限公司").status_code == 302
    assert _end(house, dt.date(2026, 6, 28)) == 0
    assert _open_step(house, noticed).due_on == dt.date(2026, 6, 28)
    assert "更正企业有限公司" in house.browser().get("/").text


def test_a_return_taken_back_publishes_for_its_days_again(
    house: House, noticed: Application, clock: StandingClock
) -> None:
    house.browser("membership").send(f"/applications/{noticed.id}/return", name="与执照不一致")
    clock.at += dt.timedelta(days=12)
    officer = house.browser("membership")
    assert officer.send(f"/applications/{noticed.id}/return/take-back").status_code == 302
    assert _open_step(house, noticed).due_on == dt.date(2026, 7, 2)
    assert _end(house, dt.date(2026, 7, 2)) == 0
    assert noticed.name in house.browser().get("/").text


def test_a_notice_that_cannot_go_on_does_not_stop_the_others(
    house: House, clock: StandingClock
) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        set_chain(
            session,
            [StepPlan(StepKind.NOTICE, "公示", "Public notice", days=5)],
            actor=house.actor(session, "secretary"),
        )
    (_, stuck), (_, other) = apply_through_pages(house, 1), apply_through_pages(house, 2)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.add(
            PossibleDuplicate(
                application_id=stuck.id,
                enterprise_id=other.enterprise_id,
                ground=DuplicateGround.NAME,
                found_at=session.now(),
            )
        )
    clock.at += dt.timedelta(days=7)
    house.worker().call_schedules()
    house.work()
    assert _open_step(house, stuck) is not None
    assert application_of(house, "jia", other.uscc).state is ApplicationState.AWAITING_DUES
