"""An existing member entered with its history; an enterprise corrected by two.

Former names that stay searchable; notes; one page of it all.
"""

import pytest
import sqlalchemy as sa

from portal.accounts.queries import list_representations
from portal.jobs.models import Mail
from portal.members.enterprises.models import Amendment, AmendmentState, Enterprise, FormerName
from portal.members.membership.models import Membership
from portal.members.membership.queries import list_grades
from portal.tenancy.counters import next_number
from tests.cast import PASSWORD, PNG, Browser, House, invented_uscc
from tests.roll.conftest import Enter
from tests.scenes import grade_id, word_of_newest_mail

IDENTITY = {
    "name": "老会员贸易有限公司",
    "kind": "private",
    "legal_representative": "张三",
    "capital": "5,000,000",
    "industry": "F51",
    "region": "4403",
    "address": "示例路二号",
}
MEMBER = IDENTITY | {
    "uscc": invented_uscc(31),
    "number": "",
    "joined_on": "2016-05-04",
    "paid_through": "2026-12-31",
}
MEMBER |= {
    "history": "2016-05-04 入会\n2019年3月1日 当选理事",
    "contact_name": "王五",
    "contact_email": "wang5@enterprise.example",
    "contact_phone": "13800000031",
}


def memberships(house: House) -> list[Membership]:
    with house.doors.chamber(house.jia.id) as session:
        return list(
            session.scalars(
                sa.select(Membership)
                .options(sa.orm.joinedload(Membership.enterprise))
                .order_by(Membership.number)
            )
        )


@pytest.mark.either_database
def test_an_existing_member_with_its_history(house: House) -> None:
    officer = house.browser("membership-clerk")
    answer = officer.send("/roll/new", **MEMBER, grade=grade_id(house))
    assert answer.status_code == 302, answer.text
    page = officer.get(answer.headers["Location"])
    assert "in good standing" in page.text
    assert "paid through 2026-12-31" in page.text
    for words in ("当选理事", "000001", "王五", "13800000031", "Before the portal", "4 May 2016"):
        assert words in page.text
    assert (
        "has not been admitted" in officer.get(answer.headers["Location"] + "?on=2016-05-03").text
    )
    house.work()
    assert (
        house.browser()
        .send(
            f"/link/{word_of_newest_mail(house, 'jia', 'accounts/invitation')}",
            password="a member's sentence",
        )
        .status_code
        == 302
    )
    finance = house.browser("finance")
    refused = finance.send(
        f"/billing/accounts/{memberships(house)[0].enterprise_id}/dues", year="2026"
    )
    assert (refused.status_code, "paid through 2026-12-31" in refused.text) == (422, True)
    assert (
        finance.send(
            f"/billing/accounts/{memberships(house)[0].enterprise_id}/dues", year="2027"
        ).status_code
        == 302
    )


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"uscc": "91999999MA0000031X"}, "has-error"),
        ({"joined_on": "2026-06-16"}, "cannot have joined"),
        ({"joined_on": "1900-01-01"}, "cannot have joined"),
        ({"joined_on": "2023-02-29"}, "has-error"),
        ({"number": "12x"}, "six digits"),
        ({"number": "０１２"}, "six digits"),
        ({"number": "0"}, "six digits"),
        ({"history": "入会"}, "does not begin with a day"),
        ({"capital": "1e5"}, "has-error"),
        ({"name": ""}, "Please fill this in"),
        ({"contact_email": "nobody"}, "no e-mail address"),
        ({"contact_email": ""}, "A contact needs an e-mail address"),
        ({"grade": "x"}, "has-error"),
        ({"industry": "Z99"}, "has-error"),
    ],
)
def test_a_fault_is_said_beside_its_field_and_nothing_is_lost(
    house: House, fault: dict[str, str], words: str
) -> None:
    form = MEMBER | {"grade": grade_id(house)} | fault
    answer = house.browser("membership").send("/roll/new", **form)
    assert answer.status_code == 422
    assert words in answer.text
    assert all(
        value in answer.text
        for name, value in MEMBER.items()
        if name not in fault and name != "history"
    )
    assert memberships(house) == []


@pytest.mark.either_database
def test_numbers_of_the_old_list_are_kept_and_go_on(house: House) -> None:
    officer, grade = house.browser("membership"), grade_id(house)
    for count, number in enumerate(["", "88", "", "7"]):
        assert (
            officer.send(
                "/roll/new",
                **(
                    MEMBER
                    | {
                        "uscc": invented_uscc(40 + count),
                        "contact_name": "",
                        "contact_email": "",
                        "contact_phone": "",
                        "number": number,
                    }
                ),
                grade=grade,
            ).status_code
            == 302
        )
    assert [m.number for m in memberships(house)] == ["000001", "000007", "000088", "000089"]
    taken = officer.send(
        "/roll/new", **(MEMBER | {"uscc": invented_uscc(50), "number": "88"}), grade=grade
    )
    assert "Another member has this number" in taken.text
    again = officer.send("/roll/new", **(MEMBER | {"uscc": invented_uscc(40)}), grade=grade)
    assert "is a member already" in again.text
    with house.doors.chamber(house.jia.id, writing=True) as session:
        assert next_number(session, "member") == 90
        assert len(list_grades(session)) == 4


def amendment_in(house: House) -> Amendment:
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(sa.select(Amendment).order_by(Amendment.id.desc())).first()  # type: ignore[return-value]


@pytest.fixture
def known(enter: Enter) -> Enterprise:
    return enter(31, IDENTITY["name"], industry="F51")


def said(**changes: str) -> dict[str, str]:
    return (
        IDENTITY
        | {"uscc": invented_uscc(31), "address": "示例路", "capital": "1.00", "reason": ""}
        | changes
    )


@pytest.mark.either_database
def test_what_describes_changes_at_once_and_what_identifies_waits_for_another(
    house: House, known: Enterprise
) -> None:
    officer, page = house.browser("membership"), f"/roll/{known.id}/correct"
    assert "Nothing differs" in officer.send(page, **said()).text
    assert "somebody else has to agree" in officer.send(page, **said(name="新名贸易有限公司")).text
    answer = officer.send(
        page,
        **said(
            name="新名贸易有限公司", legal_representative="李四", address="新路九号", reason="更名"
        ),
        files={"licence": (PNG, "l.png")},
    )
    assert answer.status_code == 302
    with house.doors.chamber(house.jia.id) as session:
        now = session.fetch(Enterprise, known.id)
        assert (now.name, now.address) == (IDENTITY["name"], "新路九号")
    asked = amendment_in(house)
    assert asked.changes == {
        "name": [IDENTITY["name"], "新名贸易有限公司"],
        "legal_representative": ["张三", "李四"],
    }
    assert "A change of identity waits for approval" in officer.get(page).text
    stopped = officer.send(page, **said(name="又一名", address="新路九号", reason="x"))
    assert stopped.status_code == 409
    assert "又一名" in stopped.text, "and what was typed stays"
    assert (
        f"/roll/amendments/{asked.id}"
        not in house.browser("finance").get(f"/enterprises/{known.id}").text
    )
    assert officer.send(f"/roll/amendments/{asked.id}/approve").status_code == 403
    assert (
        house.browser("membership-clerk").send(f"/roll/amendments/{asked.id}/approve").status_code
        == 403
    )
    assert "新名贸易有限公司" in house.browser("office").get(f"/roll/amendments/{asked.id}").text
    assert house.browser("office").send(f"/roll/amendments/{asked.id}/approve").status_code == 302
    assert (
        house.browser("secretary").send(f"/roll/amendments/{asked.id}/approve").status_code == 409
    )
    with house.doors.chamber(house.jia.id) as session:
        now = session.fetch(Enterprise, known.id)
        assert (now.name, now.legal_representative, now.licence_file_id is not None) == (
            "新名贸易有限公司",
            "李四",
            True,
        )
        assert session.scalars(sa.select(FormerName.name)).all() == [IDENTITY["name"]]
    for words in ("老会员", "lhy", "新名", "xmmy"):
        assert "新名贸易有限公司" in officer.get("/roll", query_string={"q": words}).text
    assert "Formerly" in officer.get(f"/enterprises/{known.id}").text


def test_a_refusal_has_a_reason_and_changes_nothing(house: House, known: Enterprise) -> None:
    house.browser("membership").send(
        f"/roll/{known.id}/correct", **said(name="新名", reason="更名")
    )
    office, asked = house.browser("office"), amendment_in(house)
    assert office.send(f"/roll/amendments/{asked.id}/refuse", reason="").status_code == 422
    assert office.send(f"/roll/amendments/{asked.id}/refuse", reason="无执照").status_code == 302
    assert amendment_in(house).state is AmendmentState.REFUSED
    assert "无执照" in office.get(f"/roll/amendments/{asked.id}").text
    assert str(asked.id) in office.get("/roll/amendments?state=all&q=lhy").text
    assert "Nothing matches" in office.get("/roll/amendments?state=all&q=没有").text
    with house.doors.chamber(house.jia.id) as session:
        assert session.fetch(Enterprise, known.id).name == IDENTITY["name"]


def test_a_code_that_is_anothers_is_refused_now_and_at_approval(
    house: House, known: Enterprise, enter: Enter
) -> None:
    officer = house.browser("membership")
    assert (
        officer.send(
            f"/roll/{known.id}/correct", **said(uscc=invented_uscc(32), reason="换码")
        ).status_code
        == 302
    )
    enter(32, "别家有限公司")
    answer = house.browser("office").send(f"/roll/amendments/{amendment_in(house).id}/approve")
    assert (answer.status_code, "another enterprise" in answer.text) == (409, True)
    other = enter(33, "第三家有限公司")
    assert (
        "another enterprise"
        in officer.send(
            f"/roll/{other.id}/correct",
            **said(uscc=invented_uscc(31), name="第三家有限公司", reason="x"),
        ).text
    )


def test_what_changed_since_it_was_asked_for_is_not_set_back(
    house: House, known: Enterprise
) -> None:
    house.browser("membership").send(
        f"/roll/{known.id}/correct", **said(legal_representative="李四", reason="变更")
    )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.fetch(Enterprise, known.id).legal_representative = "王五"
    office, page = house.browser("office"), f"/roll/amendments/{amendment_in(house).id}"
    assert "It was 张三 when this was asked for" in office.get(page).text
    assert office.send(f"{page}/approve").status_code == 409
    with house.doors.chamber(house.jia.id) as session:
        assert session.fetch(Enterprise, known.id).legal_representative == "王五"


def member_of(house: House, email: str) -> Browser:
    house.work()
    browser = house.browser()
    browser.send(
        f"/link/{word_of_newest_mail(house, 'jia', 'accounts/invitation')}", password=PASSWORD
    )
    assert browser.send("/sign-in", email=email, password=PASSWORD).status_code == 302
    return browser


def test_the_enterprise_asks_and_sees_its_own_side(house: House, enter: Enter) -> None:
    known, other = (
        enter(
            31,
            IDENTITY["name"],
            industry="F51",
            email="m@enterprise.example",
            phone="13912345678",
            paid="2026-12-31",
        ),
        enter(34, "别家有限公司"),
    )
    member = member_of(house, "m@enterprise.example")
    home = member.get("/my-enterprise").text
    assert "in good standing" in home
    assert "paid through 2026-12-31" in home
    answer = member.send(f"/roll/{known.id}/correct", **said(address="搬家路", reason="搬迁"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/my-enterprise")
    assert amendment_in(house).changes == {"address": ["示例路", "搬家路"]}
    assert "looked at by the chamber" in member.get("/my-enterprise").text
    assert member.get(f"/roll/{other.id}/correct").status_code == 404
    assert member.get(f"/enterprises/{known.id}").status_code == 403
    assert member.get("/roll").status_code == 403


def test_contacts_are_masked_for_those_who_do_not_need_them(house: House, enter: Enter) -> None:
    known = enter(31, IDENTITY["name"], email="wang@enterprise.example", phone="13912345678")
    page = f"/enterprises/{known.id}"
    assert "13912345678" in house.browser("office").get(page).text
    seen = house.browser("finance").get(page).text
    assert "139****5678" in seen
    assert "w***@enterprise.example" in seen
    assert "13912345678" not in seen
    assert house.browser("rights").get(page).status_code == 403


def test_notes_stay_among_colleagues(house: House, known: Enterprise) -> None:
    finance = house.browser("finance")
    assert finance.send(f"/roll/{known.id}/notes", body=" ").status_code == 422
    assert finance.send(f"/roll/{known.id}/notes", body="<b>答应月底付款</b>").status_code == 302
    assert (
        "&lt;b&gt;答应月底付款" in house.browser("membership").get(f"/enterprises/{known.id}").text
    )


@pytest.mark.stage("three_approved")
def test_who_has_applied_and_owes_its_dues_is_not_entered_by_hand(house: House) -> None:
    answer = house.browser("membership").send(
        "/roll/new", **(MEMBER | {"uscc": invented_uscc(1)}), grade=grade_id(house)
    )
    assert answer.status_code == 422
    assert "owes JF2026-" in answer.text


def test_a_company_of_fifteen_digits_is_corrected_like_others(
    house: House, known: Enterprise
) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.fetch(Enterprise, known.id).uscc = "440301103456782"
    form = {name: MEMBER[name] for name in ("kind", "capital", "industry", "region")} | {
        "uscc": "440301103456782",
        "name": known.name,
        "legal_representative": "张三",
    }
    answer = house.browser("membership").send(
        f"/roll/{known.id}/correct", **form, address="新址一号"
    )
    assert answer.status_code == 302, answer.text


def test_the_licence_of_a_change_is_looked_at_before_and_after(
    house: House, known: Enterprise
) -> None:
    house.prints = True
    member = {
        name: MEMBER[name] for name in ("kind", "capital", "industry", "region", "address")
    } | {"uscc": known.uscc, "name": known.name, "legal_representative": "李新"}
    answer = house.browser("membership-clerk").send(
        f"/roll/{known.id}/correct",
        **member,
        reason="变更",
        files={"licence": (PNG, "licence.png")},
    )
    assert answer.status_code == 302, answer.text
    house.work()
    amendment, officer = amendment_in(house), house.browser("membership")
    picture = f"/roll/amendments/{amendment.id}/licence/1"
    assert picture in officer.get(f"/roll/amendments/{amendment.id}").text
    assert officer.get(picture).mimetype == "image/jpeg"
    assert house.browser("finance").get(picture).status_code == 403
    assert officer.send(f"/roll/amendments/{amendment.id}/approve").status_code == 302
    assert f"/roll/{known.id}/licence/1" in officer.get(f"/enterprises/{known.id}").text
    assert officer.get(f"/roll/{known.id}/licence/1").mimetype == "image/jpeg"
    assert officer.get(f"/roll/{known.id}/licence/2").status_code == 404


@pytest.mark.either_database
def test_the_secretariat_invites_and_removes_contacts(house: House, enter: Enter) -> None:
    known = enter(31, "老会员贸易有限公司")
    clerk, page = house.browser("membership-clerk"), f"/enterprises/{known.id}"
    assert (
        house.browser("finance")
        .send(f"{page}/contacts", name="王五", email="wang@enterprise.example")
        .status_code
        == 403
    )
    assert clerk.send(f"{page}/contacts", name="王五", email="nothing").status_code == 422
    assert (
        house.browser("membership", "yi")
        .send(f"{page}/contacts", name="王五", email="wang@enterprise.example")
        .status_code
        == 404
    )
    for name, email in (("王五", "wang@enterprise.example"), ("赵六", "zhao@enterprise.example")):
        assert (
            clerk.send(f"{page}/contacts", name=name, email=email, dues_contact="y").status_code
            == 302
        )
    house.work()
    assert clerk.get("/roll?q=赵六").text.count(known.name) >= 1
    with house.doors.chamber(house.jia.id) as session:
        found = list_representations(session, enterprise_id=known.id)
        assert [(r.person.name, r.is_dues_contact) for r in found][-2:] == [
            ("王五", True),
            ("赵六", True),
        ]
        assert session.scalars(
            sa.select(Mail.id).where(
                Mail.template == "accounts/invitation", Mail.to_address == "wang@enterprise.example"
            )
        ).one()
    for contact in found[:-1]:
        assert clerk.send(f"/enterprises/contacts/{contact.id}/end").status_code == 302
    last = clerk.send(f"/enterprises/contacts/{found[-1].id}/end")
    assert last.status_code == 409
    assert "last contact" in last.text


def test_nobody_is_invited_for_an_enterprise_that_turned_out_to_be_another(
    house: House, enter: Enter
) -> None:
    kept, other = enter(31, "老会员贸易有限公司"), enter(32, "老会员贸易公司")
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.fetch(Enterprise, other.id).same_as_id = kept.id
    clerk = house.browser("membership-clerk")
    assert clerk.get(f"/enterprises/{other.id}/contacts").status_code == 404
    assert (
        clerk.send(
            f"/enterprises/{other.id}/contacts", name="王五", email="wang@enterprise.example"
        ).status_code
        == 404
    )
