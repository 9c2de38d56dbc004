"""Resolutions: numbered without a gap, never changed, filed, and published to the members."""

import datetime as dt
from io import BytesIO

import openpyxl
import pytest
import sqlalchemy as sa

from portal.foundation.errors import Refused
from portal.governance.bodies.models import ASSEMBLY
from portal.governance.bodies.queries import body_of_code
from portal.governance.bodies.services import seat_office
from portal.governance.meetings.models import Matter, Meeting, MeetingOutcome
from portal.governance.meetings.queries import find_meeting, list_waiting
from portal.governance.meetings.services.holding import Ballot, hold_meeting
from portal.governance.meetings.services.matters import bring_other_matter
from portal.governance.meetings.services.meetings import MeetingPlan, call_meeting, seat_attendees
from portal.governance.resolutions.models import Resolution, ResolutionPaper
from portal.governance.resolutions.queries import list_resolutions_of, list_unpublished
from portal.jobs.models import Mail
from portal.members.enterprises.models import Enterprise
from portal.members.offices.models import Office
from portal.members.offices.services import add_office, give_office
from portal.money.dues.models import DuesSchedule
from portal.papers.filing.models import FiledPaper
from portal.papers.issuing.models import IssuedPaper
from tests.cast import House
from tests.scenes import council, word_of_newest_mail

MEMBER_PASSWORD = "a contact's sentence"

pytestmark = pytest.mark.either_database
DAY = dt.date(2026, 6, 15)


def _entered(house: House, **changes: str) -> object:
    with house.doors.chamber(house.jia.id) as session:
        body = str(body_of_code(session, ASSEMBLY).id)
    counts = {"entitled": "90", "present": "60", "in_favour": "30"}
    fields = {
        "body": body,
        "title": "关于修改章程的决议",
        "text": "同意修改章程。",
        "adopted_on": "2026-06-10",
        **counts,
    }
    return house.browser("membership").send("/resolutions/enter", **(fields | changes))


def _newest(house: House) -> Resolution:
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(sa.select(Resolution).order_by(Resolution.id.desc())).first()


def _to_publish(house: House) -> str:
    with house.doors.chamber(house.jia.id) as session:
        actor = house.actor(session, "membership")
        (waiting,) = list_unpublished(session, actor, DAY)
        return waiting.about


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"present": "59"}, "No quorum"),
        ({"in_favour": "29"}, "Not carried"),
        ({"in_favour": "61"}, "More cannot be in favour"),
        ({"in_favour": ""}, "all three counts, or none"),
        ({"adopted_on": "2026-06-16"}, "has not come yet"),
        ({"title": ""}, "Please fill this in"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    house: House, wrong: dict[str, str], words: str
) -> None:
    before = _newest(house).number
    answer = _entered(house, **wrong)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert "同意修改章程。" in answer.text, "nothing typed is lost"
    assert _newest(house).number == before


def test_it_has_its_number_its_paper_and_its_publication(house: House) -> None:
    house.prints = True
    assert _entered(house).status_code == 302
    house.work()
    resolution, officer = _newest(house), house.browser("membership")
    assert resolution.number == "JY2026-0001"
    with house.doors.chamber(house.jia.id) as session:
        paper = session.scalars(
            sa.select(IssuedPaper).where(IssuedPaper.subject_id == resolution.id)
        ).one()
        filed = session.scalars(sa.select(FiledPaper).where(FiledPaper.paper_id == paper.id)).one()
        assert (paper.kind, filed.retention.value, filed.department.code) == (
            ResolutionPaper.RESOLUTION,
            "Y",
            "BGS",
        )
    assert officer.get(f"/papers/{paper.id}.pdf").data.startswith(b"%PDF")
    assert house.browser("rights").get("/resolutions").status_code == 403
    assert house.browser("finance").get(f"/resolutions/{resolution.id}").status_code == 200
    assert house.browser("membership", "yi").get(f"/resolutions/{resolution.id}").status_code == 404
    assert "by 10 Jul 2026" in officer.get("/resolutions?state=unpublished").text
    assert "Resolutions to publish" in officer.get("/my-day").text
    assert _to_publish(house) == "2", "this one and that of the first dues standard"
    for _ in range(2):
        assert officer.send(f"/resolutions/{resolution.id}/publish").status_code == 302
    assert _to_publish(house) == "1"
    assert "章程" not in officer.get("/resolutions?state=unpublished").text
    assert "章程" in officer.get("/resolutions?q=JY2026&year=2026").text
    assert "Nothing matches" in officer.get("/resolutions?year=2025").text
    sheet = openpyxl.load_workbook(
        BytesIO(officer.send("/resolutions/export?q=章程").data)
    ).worksheets[0]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["JY2026-0001"]


def test_what_is_sent_twice_is_entered_once(house: House) -> None:
    assert _entered(house).status_code == 302
    again = _entered(house)
    assert (again.status_code, "entered already, as JY2026-0001" in again.text) == (422, True)
    assert _entered(house, adopted_on="2026-06-11").status_code == 302
    _called(house)
    with house.doors.chamber(house.jia.id) as session:
        body = str(council(session).id)
    officer, matter = house.browser("membership"), {"body": body, "title": "设立分会"}
    assert officer.send("/meetings/matters/bring", **matter).status_code == 302
    again = officer.send("/meetings/matters/bring", **matter)
    assert (again.status_code, "waits for this body already" in again.text) == (422, True)


def test_a_body_that_is_retired_meets_no_more(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        sitting, actor = council(session), house.actor(session, "membership")
        sitting.retired_at = session.now()
        with pytest.raises(Refused):
            bring_other_matter(session, sitting, "设立分会", "", actor=actor)
        with pytest.raises(Refused):
            call_meeting(session, sitting, MeetingPlan("会", DAY), [], actor=actor)


@pytest.mark.stage("one_admitted")
def test_members_read_what_is_published_and_nothing_else(house: House) -> None:
    _entered(house)
    resolution = _newest(house)
    word = word_of_newest_mail(house, "jia", "applications/welcome")
    house.browser().send(f"/link/{word}", password=MEMBER_PASSWORD)
    member = house.browser()
    member.send("/sign-in", email="contact1@enterprise.example", password=MEMBER_PASSWORD)
    assert "章程" not in member.get("/my-enterprise/resolutions").text
    house.browser("membership").send(f"/resolutions/{resolution.id}/publish")
    assert "同意修改章程。" in member.get("/my-enterprise/resolutions").text
    assert house.browser().get("/my-enterprise/resolutions").status_code in {302, 401, 403}


def test_a_dues_schedule_points_at_its_resolution(house: House) -> None:
    with house.doors.chamber(house.jia.id) as session:
        schedule = session.scalars(sa.select(DuesSchedule)).one()
        assert schedule.resolution is not None
        assert (schedule.resolution.origin_id, schedule.resolution.body.code) == (
            schedule.id,
            ASSEMBLY,
        )
        assert schedule.resolution.secret_ballot
        assert schedule.resolution.title in house.browser().get("/").text


def _called(house: House) -> Meeting:
    """A meeting of the council with one matter of its own, and three who are entitled."""
    with house.doors.chamber(house.jia.id, writing=True) as session:
        actor, sitting = house.actor(session, "membership"), council(session)
        matter = bring_other_matter(
            session, sitting, "关于共建产业学院的决议", "同意共建。", actor=actor
        )
        meeting = call_meeting(session, sitting, MeetingPlan("会", DAY), [matter.id], actor=actor)
        seat_attendees(session, meeting, [(f"理事{n}", "") for n in range(3)], actor=actor)
        return meeting


def _hold(house: House, meeting: Meeting, ballot: Ballot) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        whole = find_meeting(session, meeting.id)
        assert whole is not None
        ballots = {item.id: ballot for item in whole.items}
        hold_meeting(
            session,
            whole,
            [a.id for a in whole.attendees],
            ballots,
            actor=house.actor(session, "membership"),
        )


def test_a_matter_of_the_secretariat_becomes_a_resolution(house: House) -> None:
    meeting = _called(house)
    _hold(house, meeting, Ballot(MeetingOutcome.CARRIED, 3))
    with house.doors.chamber(house.jia.id) as session:
        (resolution,) = list_resolutions_of(session, meeting.id)
        assert (resolution.title, resolution.text, resolution.in_favour) == (
            "关于共建产业学院的决议",
            "同意共建。",
            3,
        )
        assert list_waiting(session) == []
    assert resolution.number in house.browser("membership").get(f"/meetings/{meeting.id}").text


def test_what_was_postponed_waits_and_what_was_declined_does_not(house: House) -> None:
    _hold(house, _called(house), Ballot(MeetingOutcome.POSTPONED))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        (matter,) = list_waiting(session)
        actor = house.actor(session, "membership")
        again = call_meeting(
            session, council(session), MeetingPlan("会", DAY), [matter.id], actor=actor
        )
        seat_attendees(session, again, [("甲", "")], actor=actor)
    answer = house.browser("membership").send(
        f"/meetings/{again.id}/hold", **_ballot(house, again, "declined", "")
    )
    assert (answer.status_code, "Give the reason" in answer.text) == (422, True)
    _hold(house, again, Ballot(MeetingOutcome.DECLINED, None, "时机未到"))
    with house.doors.chamber(house.jia.id) as session:
        assert list_waiting(session) == []
        assert list_resolutions_of(session, again.id) == []
        assert session.scalars(sa.select(Matter)).one().id == matter.id


def _ballot(house: House, meeting: Meeting, outcome: str, reason: str) -> dict[str, object]:
    with house.doors.chamber(house.jia.id) as session:
        whole = find_meeting(session, meeting.id)
        assert whole is not None
        line = {"item": str(whole.items[0].id), "outcome": outcome, "reason": reason}
        present = {"present": [str(a.id) for a in whole.attendees]}
    return present | {f"ballots-0-{name}": value for name, value in line.items()}


def test_the_notice_goes_to_whoever_acts_today(house: House) -> None:
    meeting, officer = _called(house), house.browser("membership")
    page = officer.get(f"/meetings/{meeting.id}/notice").text
    assert "Nobody who is entitled can be mailed" in page
    assert "1. 关于共建产业学院的决议" in page
    assert officer.send(f"/meetings/{meeting.id}/notice").status_code == 409
    with house.doors.chamber(house.jia.id) as session:
        assert (
            session.scalars(sa.select(Mail).where(Mail.template == "meetings/notice")).all() == []
        )


@pytest.mark.stage("one_admitted")
def test_whoever_acts_for_a_seat_is_mailed_the_agenda(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        secretary = house.actor(session, "secretary")
        office = add_office(session, name_zh="理事", name_en="Council member", actor=secretary)
        session.flush()
        enterprise = session.scalars(sa.select(Enterprise)).first()
        assert enterprise is not None
        term = {"held_by": "甲", "from_on": DAY, "until_on": None}
        give_office(session, office, enterprise, **term, actor=secretary)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        sitting, secretary = council(session), house.actor(session, "secretary")
        seat_office(session, session.fetch(Office, office.id), [sitting], actor=secretary)
        matter = bring_other_matter(session, sitting, "共建产业学院", "", actor=secretary)
        plan = MeetingPlan("会", DAY, begins_at=dt.time(9, 30))
        meeting = call_meeting(session, sitting, plan, [matter.id], actor=secretary)
    officer = house.browser("membership")
    assert "contact1@enterprise.example" in officer.get(f"/meetings/{meeting.id}/notice").text
    assert officer.send(f"/meetings/{meeting.id}/notice").status_code == 302
    again = officer.send(f"/meetings/{meeting.id}/notice")
    assert (again.status_code, "since this page was opened" in again.text) == (409, True)
    with house.doors.chamber(house.jia.id) as session:
        (mail,) = session.scalars(sa.select(Mail).where(Mail.template == "meetings/notice"))
        assert mail.to_address == "contact1@enterprise.example"
        assert (mail.context["begins_at"], mail.context["matters"]) == ("09:30", ["共建产业学院"])
    assert "The notice went out on" in officer.get(f"/meetings/{meeting.id}").text
