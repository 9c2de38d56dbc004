"""Notices: to all or to a part of the roll, with attachments, read or not, mailed.

Withdrawn; public news.
"""

import pytest
import sqlalchemy as sa

from portal.circulars import reactions
from portal.circulars.models import Circular, CircularFile, CircularRecipient, CircularState
from portal.foundation.clock import day_in
from portal.jobs.models import Job, JobState, Mail
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Membership, MembershipState
from portal.operations.verify import verify
from tests.cast import PASSWORD, PNG, Browser, House
from tests.roll.conftest import Enter
from tests.scenes import word_of_newest_mail

NOTICE = {
    "title": "关于召开年会的通知",
    "body": "十二月一日召开年会。\n请准时参加。",
    "by_mail": "y",
}


@pytest.fixture
def members(house: House, enter: Enter) -> list[Enterprise]:
    """Three members: two in Guangdong, of whom one has a contact; one in Beijing."""
    return [
        enter(1, "甲地企业有限公司", region="4403", email="one@enterprise.example"),
        enter(2, "乙地企业有限公司", region="4401"),
        enter(3, "丙地企业有限公司", region="1101", email="three@enterprise.example"),
    ]


def write(house: House, who: str = "membership", query: str = "", **fields: str) -> Circular:
    answer = house.browser(who).send(f"/notices/new{query}", **(NOTICE | fields))
    assert answer.status_code == 302, answer.text
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(sa.select(Circular).order_by(Circular.id.desc())).first()  # type: ignore[return-value]


def publish(house: House, circular: Circular, who: str = "membership") -> None:
    assert house.browser(who).send(f"/notices/{circular.id}/publish").status_code == 302
    house.work()


def member_of(house: House, email: str) -> Browser:
    house.work()
    browser = house.browser()
    browser.send(
        f"/link/{word_of_newest_mail(house, 'jia', 'accounts/invitation')}", password=PASSWORD
    )
    assert browser.send("/sign-in", email=email, password=PASSWORD).status_code == 302
    return browser


def recipients(house: House) -> set[str]:
    with house.doors.chamber(house.jia.id) as session:
        return set(
            session.scalars(
                sa.select(Enterprise.name).join(
                    CircularRecipient, CircularRecipient.enterprise_id == Enterprise.id
                )
            )
        )


def mails(house: House) -> list[str]:
    with house.doors.chamber(house.jia.id) as session:
        return sorted(
            session.scalars(sa.select(Mail.to_address).where(Mail.template == "circulars/notice"))
        )


@pytest.mark.either_database
def test_to_all_members_by_page_and_mail(house: House, members: list[Enterprise]) -> None:
    reader = member_of(house, "three@enterprise.example")
    circular = write(house)
    assert "To all 3 members" in house.browser("membership").get("/notices/new").text
    assert "No notice yet" in reader.get("/my-enterprise/notices").text
    publish(house, circular)
    assert recipients(house) == {member.name for member in members}
    assert mails(house) == ["one@enterprise.example", "three@enterprise.example"]
    assert 'class="state state-open">new' in reader.get("/my-enterprise").text
    assert "请准时参加" in reader.get(f"/my-enterprise/notices/{circular.id}").text
    assert "state-open" not in reader.get("/my-enterprise/notices").text
    reader.get(f"/my-enterprise/notices/{circular.id}")
    desk = house.browser("office").get(f"/notices/{circular.id}").text
    assert "On the page of 3 enterprises; 1 have read it" in desk
    assert "Not read yet (2)" in desk
    assert "丙地企业" not in desk


def test_to_a_part_of_the_roll(house: House, members: list[Enterprise]) -> None:
    reader = member_of(house, "three@enterprise.example")
    assert (
        "To 2 enterprises chosen" in house.browser("membership").get("/notices/new?region=44").text
    )
    circular = write(house, query="?region=44", by_mail="")
    publish(house, circular)
    assert recipients(house) == {"甲地企业有限公司", "乙地企业有限公司"}
    assert mails(house) == []
    assert reader.get(f"/my-enterprise/notices/{circular.id}").status_code == 404
    assert (
        house.browser("membership").get(f"/my-enterprise/notices/{circular.id}").status_code == 403
    )


def test_nobody_to_reach(house: House) -> None:
    circular = write(house)
    house.browser("membership").send(f"/notices/{circular.id}/publish")
    with house.doors.chamber(house.jia.id) as session:
        assert session.fetch(Circular, circular.id).state is CircularState.DRAFT


@pytest.mark.either_database
def test_a_worker_that_dies_in_the_middle_goes_on_and_writes_to_nobody_twice(
    house: House, members: list[Enterprise], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reactions, "PIECE", 1)
    circular = write(house)
    house.browser("membership").send(f"/notices/{circular.id}/publish")
    with house.doors.chamber(house.jia.id) as session:
        item = reactions._prepare(session, str(circular.id))
    assert item is not None
    reactions._work(house.world, reactions.ToDeliver(item.circular, item.enterprise_ids[:2]))
    assert (
        "2 of 3 enterprises reached" in house.browser("office").get(f"/notices/{circular.id}").text
    )
    house.work()
    with house.doors.platform(writing=True) as platform:
        platform.execute(
            sa.update(Job).where(Job.task == "deliver_circular").values(state=JobState.READY)
        )
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        assert session.fetch(Circular, circular.id).delivered == 3
    assert mails(house) == ["one@enterprise.example", "three@enterprise.example"]


def test_withdrawn_it_stands_nowhere(house: House, members: list[Enterprise]) -> None:
    reader, circular = member_of(house, "three@enterprise.example"), write(house, is_public="y")
    publish(house, circular)
    assert NOTICE["title"] in house.browser().get("/").text
    assert NOTICE["title"] in house.browser().get("/news").text
    assert house.browser().get(f"/news/{circular.id}").status_code == 200
    assert (
        house.browser("membership-clerk").send(f"/notices/{circular.id}/withdraw").status_code
        == 403
    )
    assert house.browser("office").send(f"/notices/{circular.id}/withdraw").status_code == 302
    assert house.browser("office").send(f"/notices/{circular.id}/withdraw").status_code == 409
    assert (
        reader.get(f"/my-enterprise/notices/{circular.id}").status_code
        == house.browser().get(f"/news/{circular.id}").status_code
        == 404
    )
    assert NOTICE["title"] not in house.browser().get("/").text + reader.get("/my-enterprise").text


def test_drafts_change_and_published_ones_do_not(house: House, members: list[Enterprise]) -> None:
    circular, clerk = write(house, "membership-clerk"), house.browser("membership-clerk")
    assert clerk.send(f"/notices/{circular.id}/publish").status_code == 403
    assert (
        clerk.send(f"/notices/{circular.id}/edit", **(NOTICE | {"title": "新题"})).status_code
        == 302
    )
    assert clerk.send(f"/notices/{circular.id}/edit", **(NOTICE | {"title": ""})).status_code == 422
    assert clerk.send("/notices/new", title="x", body="y" * 20_001).status_code == 422
    publish(house, circular)
    assert clerk.send(f"/notices/{circular.id}/edit", **NOTICE).status_code == 409
    assert (
        clerk.send(f"/notices/{circular.id}/files", files={"file": (PNG, "x.png")}).status_code
        == 409
    )
    assert "新题" in clerk.get("/notices?q=新&state=published").text
    assert "Nothing matches" in clerk.get("/notices?q=没有").text


def test_attachments_go_to_whom_the_notice_goes(house: House, members: list[Enterprise]) -> None:
    reader, circular, officer = (
        member_of(house, "three@enterprise.example"),
        write(house),
        house.browser("membership"),
    )
    assert (
        officer.send(
            f"/notices/{circular.id}/files", files={"file": (b"MZ\x90\x00" + b"x" * 200, "x.png")}
        ).status_code
        == 422
    )
    assert officer.send(f"/notices/{circular.id}/files").status_code == 422
    assert (
        officer.send(f"/notices/{circular.id}/files", files={"file": (PNG, "议程.png")}).status_code
        == 302
    )
    page = officer.get(f"/notices/{circular.id}").text
    address = "/notice-files/" + page.split("/notice-files/")[1].split('"')[0]
    assert reader.get(address).status_code == house.browser().get(address).status_code == 404
    publish(house, circular)
    answer = reader.get(address)
    assert (answer.status_code, answer.headers["Content-Disposition"].split(";")[0]) == (
        200,
        "attachment",
    )
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert house.browser().get(address).status_code == 404
    assert house.browser("office", slug="yi").get(address).status_code == 404


def test_what_is_written_is_shown_as_text(house: House, members: list[Enterprise]) -> None:
    circular = write(
        house, title="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>", is_public="y"
    )
    publish(house, circular)
    page = house.browser().get(f"/news/{circular.id}").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_delivery_that_failed_is_said_and_asked_for_no_more(
    house: House, members: list[Enterprise]
) -> None:
    circular = write(house)
    assert house.browser("membership").send(f"/notices/{circular.id}/publish").status_code == 302
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.scalars(
            sa.select(Job).where(Job.task == "deliver_circular")
        ).one().state = JobState.FAILED
    officer = house.browser("membership")
    page = officer.get(f"/notices/{circular.id}").text
    assert "0 of 3 enterprises were reached, then the work failed" in page
    assert "hx-trigger" not in page
    assert (
        officer.client.get(
            f"/notices/{circular.id}", headers={"Host": officer.host, "HX-Request": "true"}
        ).status_code
        == 286
    )


def test_who_votes_and_who_is_written_to_about_dues_are_both_told(
    house: House, members: list[Enterprise]
) -> None:
    office, page = house.browser("office"), f"/enterprises/{members[1].id}/contacts"
    for name, flag in (
        ("votes", "member_representative"),
        ("pays", "dues_contact"),
        ("neither", ""),
    ):
        assert (
            office.send(
                page, name=name, email=f"{name}@enterprise.example", **({flag: "y"} if flag else {})
            ).status_code
            == 302
        )
    house.work()
    publish(house, write(house))
    assert mails(house) == [
        "one@enterprise.example",
        "pays@enterprise.example",
        "three@enterprise.example",
        "votes@enterprise.example",
    ]


def test_who_left_meanwhile_is_not_waited_for(house: House, members: list[Enterprise]) -> None:
    circular, officer = write(house), house.browser("membership")
    page = officer.get(f"/notices/{circular.id}").text
    assert "1 of them have nobody in the portal" in page
    officer.send(f"/notices/{circular.id}/publish")
    with house.doors.chamber(house.jia.id, writing=True) as session:
        left = session.scalars(
            sa.select(Membership).where(Membership.enterprise_id == members[0].id)
        ).one()
        left.state, left.ended_on = MembershipState.EXITED, day_in(session.now())
    house.work()
    page = officer.get(f"/notices/{circular.id}").text
    assert "On the page of 2 enterprises" in page
    assert "every 1s" not in page


def test_a_wrong_attachment_and_a_whole_draft_are_taken_off(
    house: House, members: list[Enterprise]
) -> None:
    circular, clerk = write(house, "membership-clerk"), house.browser("membership-clerk")
    clerk.send(f"/notices/{circular.id}/files", files={"file": (PNG, "wrong.png")})
    with house.doors.chamber(house.jia.id) as session:
        kept = session.scalars(sa.select(CircularFile.id)).one()
    assert house.browser("finance").send(f"/notices/files/{kept}/take-off").status_code == 403
    assert clerk.send(f"/notices/files/{kept}/take-off").status_code == 302
    assert "wrong.png" not in clerk.get(f"/notices/{circular.id}").text
    assert clerk.send(f"/notices/{circular.id}/discard").status_code == 302
    assert clerk.get(f"/notices/{circular.id}").status_code == 404
    house.work()
    assert [line for line, fault in verify(house.world) if fault] == []
    circular = write(house)
    publish(house, circular)
    assert clerk.send(f"/notices/{circular.id}/discard").status_code == 409
