"""The roll: found as one types, narrowed, in pinyin order, page by page.

What is done to many at once.
"""

import datetime as dt

import pytest
import sqlalchemy as sa

from portal.audit.models import AuditEvent
from portal.foundation.clock import day_in
from portal.members.enterprises.models import EnterpriseTag, Tag
from portal.members.membership.models import MembershipState
from portal.members.membership.queries import find_open_membership, list_grades
from portal.money.dues.services.charging import raise_dues_of_year
from portal.money.invoices.queries import find_open_invoice
from portal.money.invoices.services.raising import Addressee
from portal.money.payments.services.recording import Arrival, Part, record_payment
from portal.roll.models import SavedView
from portal.roll.queries.listing import count_roll, list_roll
from portal.roll.queries.narrowing import RollFilter
from tests.cast import House, invented_uscc
from tests.locks import off_the_record
from tests.roll.by_hand import FIVE as NAMES
from tests.roll.conftest import Enter

pytestmark = pytest.mark.stage("five_on_the_roll")


def names(house: House, **narrow: str) -> list[str]:
    with house.doors.chamber(house.jia.id) as session:
        return [
            row.enterprise.name
            for row in list_roll(session, RollFilter(**narrow), day_in(house.clock.now())).rows
        ]


@pytest.mark.both_databases
def test_it_is_sorted_by_pinyin_and_paged_without_loss(house: House, enter: Enter) -> None:
    for number in range(20, 80):
        enter(number, f"分页企业{number:03d}有限公司")
    with house.doors.chamber(house.jia.id) as session:
        cursor, seen = None, []
        for _ in range(10):
            page = list_roll(session, RollFilter(), day_in(house.clock.now()), cursor, 9)
            seen += [row.enterprise for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert len(seen) == len({e.id for e in seen}) == 65
    assert [e.pinyin_key for e in seen] == sorted(e.pinyin_key for e in seen)
    assert [e.name for e in seen if e.name in NAMES[:4]] == [NAMES[1], NAMES[2], NAMES[3], NAMES[0]]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("安达", [2]),
        ("adwl", [2]),
        ("ss", [0]),
        ("ds", [0]),
        ("zg", [1]),
        ("cg", [1]),
        ("中科 软件", [3]),
        (invented_uscc(3), [3]),
        ("９１９９９９９９ＭＡ００００００３", [3]),
        ("没有", []),
        ("%", []),
        ("安%", [2]),
        ("'", []),
        ("\x00", []),
    ],
)
def test_it_is_found_by_name_initials_of_every_reading_and_code(
    house: House, words: str, found: list[int]
) -> None:
    answer = (
        house.browser("membership").get("/roll", query_string={"q": words})
        if words != "\x00"
        else house.browser("membership").get("/roll?q=%00")
    )
    assert answer.status_code == 200
    if found:
        assert all(NAMES[n] in answer.text for n in found)
        assert sum(name in answer.text for name in NAMES[:4]) == len(found)


@pytest.mark.stage("")
def test_it_is_found_by_contact_and_phone(house: House, enter: Enter) -> None:
    enter(1, "联系企业有限公司", email="wang@enterprise.example", phone="13912345678")
    enter(2, "别的企业有限公司")
    assert (
        names(house, q="王小明")
        == names(house, q="13912345678")
        == names(house, q="1391234")
        == names(house, q="wxm")
        == ["联系企业有限公司"]
    )


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("narrow", "found"),
    [
        ({"industry": "C"}, {0, 4}),
        ({"region": "44"}, {0, 2, 4}),
        ({"region": "4401"}, {2}),
        ({"joined_from": "2022-01-01", "joined_to": "2023-12-31"}, {2, 3}),
        ({"state": "member"}, {0, 1, 2, 3, 4}),
        ({"state": "exited"}, set()),
        ({"state": "applicant"}, set()),
        ({"standing": "good"}, {0, 1, 2, 3, 4}),
        ({"standing": "arrears"}, set()),
        ({"grade": "nonsense", "tag": "x", "joined_from": "never"}, {0, 1, 2, 3, 4}),
        ({"ids": "nonsense"}, set()),
        ({"industry": "%"}, set()),
    ],
)
def test_filters(house: House, narrow: dict[str, str], found: set[int]) -> None:
    assert set(names(house, **narrow)) == {NAMES[n] for n in found}
    with house.doors.chamber(house.jia.id) as session:
        assert count_roll(session, RollFilter(**narrow), day_in(house.clock.now())) == len(found)


@pytest.mark.stage("")
def test_arrears_are_seen(house: House, enter: Enter) -> None:
    member = enter(1, "欠费企业有限公司", email="a@enterprise.example")
    finance = house.browser("finance")
    assert finance.send(f"/billing/accounts/{member.id}/dues", year="2026").status_code == 302
    assert names(house, standing="arrears") == []
    house.clock.at = house.clock.at.replace(month=12)
    finance = house.browser("finance")
    assert names(house, standing="arrears") == ["欠费企业有限公司"]
    assert names(house, standing="good") == []
    assert "in arrears" in finance.get("/roll?standing=arrears").text


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIiwiYiJd", "WyJhIl0"])
def test_a_cursor_that_nobody_made(house: House, cursor: str) -> None:
    assert house.browser("office").get(f"/roll?after={cursor}").status_code == 200


def test_what_is_ticked_is_counted_and_tagged(house: House) -> None:
    with house.doors.chamber(house.jia.id) as session:
        ids = [
            row.enterprise.id
            for row in list_roll(session, RollFilter(region="44"), day_in(house.clock.now())).rows
        ]
    officer = house.browser("membership")
    chosen = officer.get(f"/roll/chosen?id={ids[0]}&id={ids[1]}")
    assert "2 enterprises" in chosen.text
    assert officer.send(f"/roll/tag?ids={ids[0]},{ids[1]}", tag=" 重点  企业 ").status_code == 302
    assert officer.send("/roll/tag?region=44", tag="重点 企业").status_code == 302
    with house.doors.chamber(house.jia.id) as session:
        tag = session.scalars(sa.select(Tag)).one()
        assert tag.name == "重点 企业"
        assert len(session.scalars(sa.select(EnterpriseTag)).all()) == 3
        counts = [
            e.details["count"]
            for e in session.scalars(
                sa.select(AuditEvent)
                .where(AuditEvent.action == "enterprise.tagged")
                .order_by(AuditEvent.id)
            )
        ]
    assert counts == [2, 1]
    assert len(names(house, tag=str(tag.id))) == 3
    assert officer.send("/roll/untag", tag="重点 企业").status_code == 302
    with house.doors.chamber(house.jia.id) as session:
        assert (
            session.scalars(sa.select(Tag)).all()
            == session.scalars(sa.select(EnterpriseTag)).all()
            == []
        )


@pytest.mark.parametrize("tag", ["", "  ", "长" * 31])
def test_a_tag_needs_a_name(house: House, tag: str) -> None:
    answer = house.browser("membership").send("/roll/tag", tag=tag)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/roll/chosen")
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(Tag)).all() == []


def test_views_are_each_colleagues_own(house: House) -> None:
    officer, clerk = house.browser("membership"), house.browser("membership-clerk")
    assert officer.send("/roll/views?region=44&q=安达", name="广东").status_code == 302
    assert officer.send("/roll/views?region=44", name="广东").status_code == 302
    assert officer.send("/roll/views?region=44", name=" ").status_code == 422
    with house.doors.chamber(house.jia.id) as session:
        view = session.scalars(sa.select(SavedView)).one()
    assert view.query == "region=44"
    assert 'href="/roll?region=44"' in officer.get("/roll").text
    assert f"/roll/views/{view.id}/drop" in officer.get("/roll?region=44").text
    assert 'href="/roll?region=44"' not in clerk.get("/roll").text
    assert clerk.send(f"/roll/views/{view.id}/drop").status_code == 403
    assert officer.send(f"/roll/views/{view.id}/drop").status_code == 302


@pytest.mark.both_databases
def test_what_is_owed_is_found_whatever_the_membership(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        off_the_record(session)
        lapsed, credited = (
            row.enterprise
            for row in list_roll(session, RollFilter(), day_in(house.clock.now())).rows[:2]
        )
        finance, grade = house.actor(session, "finance"), list_grades(session)[1]
        for enterprise in (lapsed, credited):
            raise_dues_of_year(
                session, enterprise, grade, Addressee("x", "x@y.example"), 2026, actor=finance
            )
        record_payment(
            session,
            Arrival(day_in(session.now()), 700_000, "付款人", "R"),
            [Part(find_open_invoice(session, credited.id), 200_000)],
            actor=finance,
        )  # type: ignore[arg-type]
        member = find_open_membership(session, lapsed.id)
        member.state, member.lapsed_on = MembershipState.LAPSED, day_in(session.now())  # type: ignore[union-attr]
    assert (names(house, owes="overdue"), names(house, owes="credit")) == ([], [credited.name])
    house.clock.at += dt.timedelta(days=90)
    assert names(house, owes="overdue") == [lapsed.name]
    page = f"/enterprises/{lapsed.id}"
    assert "state-lapsed" in house.browser("membership").get(page).text
    assert (
        'class="state state-lapsed">lapsed'
        not in house.browser("membership").get(f"{page}?on=2026-06-14").text
    ), "on that day it had not"
    assert "¥5,000.00" in house.browser("finance").get("/billing/refunds").text
