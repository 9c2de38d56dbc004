"""A council meeting decides many applications at once: all that was entered, or nothing."""

import datetime as dt
import uuid
from io import BytesIO

import openpyxl
import pytest
import sqlalchemy as sa

from portal.governance.bodies.services import seat_office
from portal.governance.meetings.models import (
    Meeting,
    MeetingAttendee,
    MeetingItem,
    MeetingPaper,
    MeetingResult,
    MeetingState,
)
from portal.governance.meetings.queries import find_meeting, list_waiting
from portal.governance.meetings.services.meetings import MeetingPlan, call_meeting, seat_attendees
from portal.members.enterprises.models import Enterprise
from portal.members.offices.services import add_office, give_office
from portal.papers.filing.models import FiledPaper
from portal.papers.issuing.models import IssuedPaper
from tests.cast import House, applicant_of, apply_through_pages, invented_uscc
from tests.scenes import application_of, council, list_candidates

pytestmark = [pytest.mark.either_database, pytest.mark.stage("three_before_council")]
DAY = dt.date(2026, 6, 15)


def _call(house: House, numbers: tuple[int, ...] = (1, 2, 3), on: dt.date = DAY) -> Meeting:
    """A meeting with these candidates and thirty who are entitled to vote."""
    with house.doors.chamber(house.jia.id, writing=True) as session:
        wanted = {invented_uscc(n) for n in numbers}
        matters = [
            matter.id
            for application, matter in list_candidates(session)
            if application.uscc in wanted
        ]
        actor = house.actor(session, "membership")
        meeting = call_meeting(
            session, council(session), MeetingPlan("理事会第三次会议", on), matters, actor=actor
        )
        seat_attendees(session, meeting, [(f"理事{n}", "") for n in range(30)], actor=actor)
        return meeting


def _read(house: House, meeting: Meeting) -> Meeting:
    with house.doors.chamber(house.jia.id) as session:
        whole = find_meeting(session, meeting.id)
        assert whole is not None
        return whole


def _ballots(
    meeting: Meeting, *lines: tuple[str, str, str], present: int = 20
) -> dict[str, object]:
    """The form of a held meeting: (outcome, in favour, reason) for each candidate in order."""
    fields: dict[str, object] = {"present": [str(a.id) for a in meeting.attendees[:present]]}
    for number, (item, line) in enumerate(zip(meeting.items, lines, strict=True)):
        fields[f"ballots-{number}-item"] = str(item.id)
        fields |= {
            f"ballots-{number}-{name}": value
            for name, value in zip(("outcome", "in_favour", "reason"), line, strict=True)
        }
    return fields


def _rows(minutes: IssuedPaper, part: str) -> list[dict]:
    return [row for section in minutes.snapshot[part] for row in section["rows"]]


def _states(house: House) -> list[str]:
    return [application_of(house, "jia", invented_uscc(n)).state.value for n in (1, 2, 3)]


def test_it_decides_each_and_its_minutes_are_filed(house: House) -> None:
    house.prints = True
    meeting = _read(house, _call(house))
    officer = house.browser("membership")
    page = officer.get(f"/meetings/{meeting.id}/hold").text
    assert page.count("测试企业") >= 3
    fields = _ballots(
        meeting,
        ("carried", "", ""),
        ("declined", "", "与本会行业不符"),
        ("postponed", "", "材料待补"),
    ) | {"in_favour": "14"}
    assert officer.send(f"/meetings/{meeting.id}/hold", **fields).status_code == 302
    house.work()
    assert _states(house) == ["awaiting_dues", "rejected", "in_review"]
    with house.doors.chamber(house.jia.id) as session:
        minutes = session.scalars(
            sa.select(IssuedPaper).where(IssuedPaper.kind == MeetingPaper.MINUTES)
        ).one()
        assert (minutes.snapshot["entitled"], minutes.snapshot["there"]) == (30, 20)
        assert [(row["name"], row["in_favour"]) for row in _rows(minutes, "carried_by_kind")] == [
            ("测试企业1有限公司", 14)
        ]
        assert [row["in_favour"] for row in _rows(minutes, "others_by_kind")] == [None, None], (
            "no vote that nobody entered"
        )
        assert [(row["outcome"], row["reason"]) for row in _rows(minutes, "others_by_kind")] == [
            ("declined", "与本会行业不符"),
            ("postponed", "材料待补"),
        ]
        filed = session.scalars(
            sa.select(FiledPaper).where(FiledPaper.paper_id == minutes.id)
        ).one()
        assert (filed.department.code, filed.retention.value) == ("BGS", "Y")
        assert len(list_candidates(session)) == 1, "the postponed one waits for another meeting"
    assert officer.get(f"/papers/{minutes.id}.pdf").mimetype == "application/pdf"
    assert house.browser("finance").get(f"/papers/{minutes.id}.pdf").status_code == 404
    assert officer.send(f"/meetings/{meeting.id}/hold", **fields).status_code == 409
    assert "与本会行业不符" in officer.get(f"/meetings/{meeting.id}").text
    assert "与本会行业不符" in applicant_of(house, 2)[0].get("/application").text


@pytest.mark.parametrize(
    ("second", "present", "words"),
    [
        (("carried", "13", ""), 20, "Not carried"),
        (("carried", "21", ""), 20, "More cannot be in favour"),
        (("carried", "", ""), 20, "How many were in favour?"),
        (("declined", "", ""), 20, "reason"),
        (("declined", "", "不符"), 1, "No quorum"),
        (("declined", "14", "不符"), 20, "is carried"),
        (("declined", "21", "不符"), 20, "More cannot be in favour"),
        (("carried", "19", ""), 19, "No quorum"),
    ],
)
def test_one_wrong_line_enters_nothing_and_says_which(
    house: House, second: tuple[str, str, str], present: int, words: str
) -> None:
    meeting = _read(house, _call(house))
    lines = (("carried", str(min(present, 20)), ""), second, ("carried", "20", ""))
    answer = house.browser("membership").send(
        f"/meetings/{meeting.id}/hold", **_ballots(meeting, *lines, present=present)
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert _states(house) == ["in_review"] * 3
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(MeetingResult)).all() == []
        assert (
            session.scalars(sa.select(MeetingAttendee).where(MeetingAttendee.present)).all() == []
        )
        assert session.fetch(Meeting, meeting.id).state is MeetingState.PLANNED


def test_every_wrong_line_is_said_at_once(house: House) -> None:
    meeting = _read(house, _call(house))
    answer = house.browser("membership").send(
        f"/meetings/{meeting.id}/hold",
        **_ballots(meeting, ("carried", "13", ""), ("declined", "", ""), ("carried", "21", "")),
    )
    assert answer.status_code == 422
    for words in ("Not carried", "Give the reason", "More cannot be in favour"):
        assert words in answer.text


def test_who_withdrew_meanwhile_falls_away(house: House) -> None:
    meeting = _read(house, _call(house))
    applicant_of(house, 2)[0].send("/application/withdraw", reason="改日")
    fields = _ballots(meeting, *[("carried", "20", "")] * 3)
    assert (
        house.browser("membership").send(f"/meetings/{meeting.id}/hold", **fields).status_code
        == 302
    )
    assert _states(house) == ["awaiting_dues", "withdrawn", "awaiting_dues"]
    assert [item.result.outcome.value for item in _read(house, meeting).items if item.result] == [
        "carried",
        "fell_away",
        "carried",
    ]


def test_a_candidate_stands_on_one_list_at_a_time(house: House) -> None:
    first = _read(house, _call(house, (1, 2)))
    officer = house.browser("membership")
    with house.doors.chamber(house.jia.id, writing=True) as session:
        assert [a.uscc for a, _ in list_candidates(session)] == [invented_uscc(3)]
    answer = officer.send(
        "/meetings/call",
        title="另一次",
        held_on="2026-06-15",
        matters=[str(i.matter_id) for i in first.items],
    )
    assert answer.status_code == 422
    assert "The list has changed meanwhile" in answer.text
    with house.doors.chamber(house.jia.id) as session:
        assert len(session.scalars(sa.select(MeetingItem)).all()) == 2
    officer.send(f"/meetings/{first.id}/cancel")
    with house.doors.chamber(house.jia.id) as session:
        assert len(list_candidates(session)) == 3
    assert officer.send(f"/meetings/{first.id}/hold").status_code in {409, 422}
    assert officer.send(f"/meetings/{first.id}/candidates").status_code == 409


def test_no_meeting_is_entered_before_its_day_and_votes_of_others_are_not_taken(
    house: House,
) -> None:
    meeting = _read(house, _call(house, on=dt.date(2026, 6, 16)))
    fields = _ballots(meeting, *[("carried", "20", "")] * 3)
    assert (
        house.browser("membership").send(f"/meetings/{meeting.id}/hold", **fields).status_code
        == 409
    )
    assert (
        house.browser("membership-clerk").send(f"/meetings/{meeting.id}/hold", **fields).status_code
        == 403
    )
    assert house.browser("membership", "yi").get(f"/meetings/{meeting.id}").status_code == 404


def test_who_holds_an_office_of_the_council_is_entitled(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        secretary = house.actor(session, "secretary")
        enterprise = next(a.enterprise_id for a, _ in list_candidates(session))
        for name, in_council in (("理事", True), ("名誉会长", False)):
            office = add_office(session, name_zh=name, name_en=name, actor=secretary)
            session.flush()
            seat_office(session, office, [council(session)] if in_council else [], actor=secretary)
            give_office(
                session,
                office,
                session.fetch(Enterprise, enterprise),
                held_by=f"{name}甲",
                from_on=DAY,
                until_on=None,
                actor=secretary,
            )
        meeting = call_meeting(
            session, council(session), MeetingPlan("会", DAY), [], actor=secretary
        )
    assert [a.name for a in _read(house, meeting).attendees] == ["理事甲"]


def test_the_list_is_a_paper_and_a_spreadsheet(house: House) -> None:
    house.prints = True
    meeting = _call(house)
    officer = house.browser("membership")
    for number in (1, 2):
        officer.send(f"/meetings/{meeting.id}/list")
        house.work()
        with house.doors.chamber(house.jia.id) as session:
            papers = session.scalars(
                sa.select(IssuedPaper).where(IssuedPaper.kind == MeetingPaper.CANDIDATES)
            ).all()
            assert [p.number for p in papers] == [
                f"{meeting.number}-{n}" for n in range(1, number + 1)
            ]
    assert officer.get(f"/papers/{papers[0].id}.pdf").data.startswith(b"%PDF")
    sheet = openpyxl.load_workbook(
        BytesIO(officer.send(f"/meetings/{meeting.id}/export").data)
    ).worksheets[0]
    assert [row[4] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        invented_uscc(n) for n in (1, 2, 3)
    ]


def test_a_late_application_joins_the_list_of_a_planned_meeting(house: House) -> None:
    meeting = _read(house, _call(house, (1, 2)))
    _, late = apply_through_pages(house, 9)
    officer = house.browser("membership")
    officer.send(f"/applications/{late.id}/approve")
    assert late.name in officer.get(f"/meetings/{meeting.id}/candidates").text
    with house.doors.chamber(house.jia.id) as session:
        every = [
            str(matter.id)
            for matter in list_waiting(session, council(session).id, besides=meeting.id)
        ]
    assert officer.send(f"/meetings/{meeting.id}/candidates", matters=every).status_code == 302
    assert len(_read(house, meeting).items) == 4
    assert meeting.number in officer.get(f"/applications/{late.id}").text
    assert (
        officer.send(f"/meetings/{meeting.id}/candidates", matters=[str(uuid.uuid4())]).status_code
        == 422
    )
    assert len(_read(house, meeting).items) == 4
    assert officer.send(f"/meetings/{meeting.id}/candidates").status_code == 302
    assert _read(house, meeting).items == []
