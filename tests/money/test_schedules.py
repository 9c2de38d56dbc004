"""Dues schedules: drafts, their adopting resolution, and what is in force when."""

import datetime as dt
import uuid

import pytest

from portal.foundation.errors import IllegalMove, InvalidInput, NotPermitted
from portal.governance.bodies.rules import Vote
from portal.governance.resolutions.services import Decision
from portal.members.enterprises.models import Enterprise
from portal.members.membership.queries import list_grades
from portal.money.dues.models import DuesSchedule, Period, Proration, ScheduleState
from portal.money.dues.queries import find_charge_of, find_level, list_schedules, standings
from portal.money.dues.services.charging import raise_dues_of_year
from portal.money.dues.services.schedules import (
    RatePlan,
    Terms,
    adopt_schedule,
    enter_schedule,
    suspend_dues,
)
from portal.money.invoices.services.raising import Addressee
from portal.tenancy.session import ChamberSession
from tests.cast import House
from tests.roll.by_hand import enter_by_hand

NOBODY = uuid.UUID(int=9)


def _amount(session: ChamberSession, grade_id: uuid.UUID, on: dt.date) -> int:
    level = find_level(session, NOBODY, grade_id, on)
    assert level is not None
    return level.rate.amount


def _draft(
    house: House,
    session: ChamberSession,
    from_on: dt.date = dt.date(2026, 6, 1),
    amount: int = 999_00,
) -> DuesSchedule:
    return enter_schedule(
        session,
        name="新标准",
        in_force_from=from_on,
        rates=[RatePlan(amount, grade_id=list_grades(session)[0].id)],
        actor=house.actor(session, "finance"),
    )


@pytest.mark.parametrize(
    ("resolution", "field"),
    [
        (
            Decision("决议", dt.date(2026, 1, 1), vote=Vote(90, 59, 59), secret_ballot=True),
            "present",
        ),
        (
            Decision("决议", dt.date(2026, 1, 1), vote=Vote(90, 91, 59), secret_ballot=True),
            "present",
        ),
        (
            Decision("决议", dt.date(2026, 1, 1), vote=Vote(90, 60, 29), secret_ballot=True),
            "in_favour",
        ),
        (
            Decision("决议", dt.date(2026, 1, 1), vote=Vote(90, 60, 61), secret_ballot=True),
            "in_favour",
        ),
    ],
)
def test_a_resolution_that_does_not_carry_adopts_nothing(
    house: House, resolution: Decision, field: str
) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        schedule = _draft(house, session)
        with pytest.raises(InvalidInput) as caught:
            adopt_schedule(session, schedule, resolution, actor=house.actor(session, "finance"))
        assert caught.value.field == field
        assert schedule.state is ScheduleState.DRAFT


def test_a_draft_counts_only_once_it_is_adopted_and_from_its_day(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        grade = list_grades(session)[0].id
        schedule = _draft(house, session)
        assert _amount(session, grade, dt.date(2026, 6, 1)) == 100_000
        adopt_schedule(
            session,
            schedule,
            Decision("决议", dt.date(2026, 1, 1), vote=Vote(90, 60, 30), secret_ballot=True),
            actor=house.actor(session, "finance"),
        )
        assert _amount(session, grade, dt.date(2026, 5, 31)) == 100_000
        assert _amount(session, grade, dt.date(2026, 6, 1)) == 99_900
        assert find_level(session, NOBODY, list_grades(session)[1].id, dt.date(2026, 6, 1)) is None


def test_an_adopted_schedule_is_not_adopted_again(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session, pytest.raises(IllegalMove):
        adopt_schedule(
            session,
            list_schedules(session)[0],
            Decision("决议", dt.date(2026, 1, 1), vote=Vote(3, 3, 3), secret_ballot=True),
            actor=house.actor(session, "finance"),
        )


def test_others_enter_no_schedule(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session, pytest.raises(NotPermitted):
        enter_schedule(
            session,
            name="x",
            in_force_from=dt.date(2026, 1, 1),
            rates=[RatePlan(1, grade_id=list_grades(session)[0].id)],
            actor=house.actor(session, "membership"),
        )


def _line(number: int, level: str, amount: str, years: str = "1", fee: str = "") -> dict[str, str]:
    return {
        f"rates-{number}-{name}": value
        for name, value in (
            ("level", level),
            ("amount", amount),
            ("years", years),
            ("joining_fee", fee),
        )
    }


def _form(house: House, *amounts: str, **changes: str) -> dict[str, str]:
    with house.doors.chamber(house.jia.id) as session:
        levels = [f"g{g.id}" for g in list_grades(session)]
    fields = {
        "name": "2027标准",
        "in_force_from": "2027-01-01",
        "period": "calendar",
        "proration": "half_year",
        "due_month": "6",
        "due_day": "30",
    } | changes
    for number in range(len(levels) + 3):
        fields |= _line(
            number,
            levels[number] if number < len(levels) else "",
            amounts[number] if number < len(amounts) else "",
        )
    return fields


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1000-3000", "is a range"),
        ("1000以上", "no fixed figure"),
        ("C$10000", "another currency"),
        ("10万终身", "another span"),
        ("1e3", "two decimals"),
    ],
)
def test_a_range_is_no_amount(house: House, amount: str, words: str) -> None:
    answer = house.browser("finance").send(
        "/settings/dues/new", **_form(house, "500", amount, name="区间标准")
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert "区间标准" in answer.text
    assert amount in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"due_month": "2", "due_day": "30"},
        {"due_month": "13"},
        {"period": "rolling"},
        {"name": ""},
        {"in_force_from": "2027-02-29"},
        {"proration": "weekly"},
    ],
)
def test_terms_that_cannot_be_are_told(house: House, changes: dict[str, str]) -> None:
    answer = house.browser("finance").send("/settings/dues/new", **_form(house, "500", **changes))
    assert answer.status_code == 422
    assert "500" in answer.text


def test_a_schedule_through_the_pages(house: House) -> None:
    finance = house.browser("finance")
    assert finance.send("/settings/dues/new", **_form(house, "1,200", "2400")).status_code == 302
    page = finance.get("/settings/dues").text
    assert "¥1,200.00" in page
    with house.doors.chamber(house.jia.id) as session:
        draft = next(s for s in list_schedules(session) if s.state is ScheduleState.DRAFT)
    address = f"/settings/dues/{draft.id}/adopt"
    good = {
        "title": "决议",
        "adopted_on": "2026-06-01",
        "entitled": "90",
        "present": "60",
        "in_favour": "60",
        "secret_ballot": "y",
    }
    for bad in (
        {"present": "10", "in_favour": "10"},
        {"adopted_on": "2026-06-16"},
        {"secret_ballot": ""},
    ):
        assert finance.send(address, **(good | bad)).status_code == 422
    assert finance.send(address, **good).status_code == 302
    assert finance.send(address, **good).status_code == 409
    page = finance.get("/settings/dues").text
    assert "adopted, not yet in force" in page
    assert "by 1 Jul 2026" in page, "published within thirty days"
    house.clock.at = house.clock.at + dt.timedelta(days=240)
    with house.doors.chamber(house.jia.id) as session:
        schedules = list_schedules(session)
        assert [v.value for v in standings(schedules, house.clock.at.date()).values()] == [
            "in_force",
            "superseded",
        ]


def test_more_than_four_levels_are_told_with_the_source(house: House) -> None:
    finance = house.browser("finance")
    with house.doors.chamber(house.jia.id) as session:
        extra = f"g{list_grades(session)[0].id}"
    form = _form(house, "1", "2", "3", "4") | _line(4, extra, "5", years="4")
    assert finance.send("/settings/dues/new", **form).status_code == 302
    assert "shzzpt.org.cn" in finance.get("/settings/dues").text
    twice = _form(house, "1", "2", "3", "4") | _line(4, extra, "5")
    assert "stands twice" in finance.send("/settings/dues/new", **twice).text


def test_suspended_days_are_entered_once(house: House) -> None:
    finance = house.browser("finance")
    days = {"from_on": "2026-01-01", "until_on": "2026-06-30", "resolution": "决议"}
    assert (
        finance.send("/settings/dues/suspend", **(days | {"until_on": "2025-01-01"})).status_code
        == 422
    )
    assert finance.send("/settings/dues/suspend", **days).status_code == 302
    assert finance.send("/settings/dues/suspend", **days).status_code == 422
    with house.doors.chamber(house.jia.id, writing=True) as session, pytest.raises(NotPermitted):
        suspend_dues(
            session,
            from_on=dt.date(2027, 1, 1),
            until_on=dt.date(2027, 1, 2),
            resolution="x",
            actor=house.actor(session, "membership"),
        )


def test_an_amount_of_zero_admits_at_once(house: House) -> None:
    from tests.cast import apply_through_pages
    from tests.scenes import application_of

    with house.doors.chamber(house.jia.id, writing=True) as session:
        setup = house.actor(session, "secretary")
        free = enter_schedule(
            session,
            name="免",
            in_force_from=dt.date(2026, 6, 1),
            rates=[RatePlan(0, grade_id=list_grades(session)[1].id)],
            actor=setup,
        )
        adopt_schedule(
            session,
            free,
            Decision("决议", dt.date(2026, 1, 1), vote=Vote(90, 60, 30), secret_ballot=True),
            actor=setup,
        )
    _, application = apply_through_pages(house)
    officer = house.browser("membership")
    officer.send(f"/applications/{application.id}/approve")
    officer.send(
        f"/applications/{application.id}/vote",
        meeting_on="2026-06-15",
        entitled="30",
        present="20",
        in_favour="14",
    )
    assert application_of(house, "jia", application.uscc).state == "admitted"
    house.work()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rates-0-amount": "800", "rates-0-level": ""}, "Choose whom this amount is for"),
        ({"rates-0-joining_fee": "500", "rates-0-amount": ""}, "Enter the amount of this line too"),
        ({"due_month": "3", "due_day": ""}, "both the month and the day"),
    ],
)
def test_half_a_line_is_said_and_not_dropped(
    house: House, changes: dict[str, str], words: str
) -> None:
    answer = house.browser("finance").send("/settings/dues/new", **(_form(house, "800") | changes))
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.parametrize(
    ("paid", "year", "spans"),
    [
        ("2026-03-31", 2026, "2026-04-01 2027-03-31"),
        ("2027-02-28", 2027, "2027-03-01 2028-02-29"),
        ("", 2026, "2026-01-01 2026-12-31"),
    ],
)
def test_a_rolling_period_begins_the_day_after_what_was_paid_before_the_portal(
    house: House, paid: str, year: int, spans: str
) -> None:
    member = enter_by_hand(house, 31, "老会员贸易有限公司", joined="2016-05-04", paid=paid)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        finance, grades = house.actor(session, "finance"), list_grades(session)
        terms = Terms(period=Period.ROLLING, proration=Proration.FULL)
        schedule = enter_schedule(
            session,
            name="滚动",
            in_force_from=dt.date(2026, 2, 1),
            rates=[RatePlan(100_000, grade_id=grades[1].id)],
            terms=terms,
            actor=finance,
        )
        adopt_schedule(
            session,
            schedule,
            Decision("决议", dt.date(2026, 1, 31), vote=Vote(3, 3, 3), secret_ballot=True),
            actor=finance,
        )
        enterprise = session.fetch(Enterprise, member.id)
        for wrong in (year - 1, year + 1) if paid else ():
            with pytest.raises(InvalidInput):
                raise_dues_of_year(
                    session, enterprise, grades[1], Addressee("x", ""), wrong, actor=finance
                )
        invoice = raise_dues_of_year(
            session, enterprise, grades[1], Addressee("x", ""), year, actor=finance
        )
        charge = find_charge_of(session, invoice.id)
        assert charge is not None
        assert f"{charge.covers_from} {charge.covers_until}" == spans
