"""Dues schedules: drafts, their adopting resolution, and what is in force when."""

import datetime as dt

import pytest

from portal.billing.models import DuesSchedule, ScheduleState
from portal.billing.queries import find_rate, list_schedules
from portal.billing.services.schedules import Resolution, adopt_schedule, enter_schedule
from portal.foundation.errors import IllegalMove, InvalidInput, NotPermitted
from portal.membership.queries import list_grades
from portal.tenancy.session import ChamberSession
from tests.cast import House


def _draft(house: House, session: ChamberSession, from_on: dt.date = dt.date(2026, 6, 1), amount: int = 999_00) -> DuesSchedule:
    return enter_schedule(session, name="新标准", in_force_from=from_on, rates={list_grades(session)[0].id: amount}, actor=house.actor(session, "finance"))


@pytest.mark.parametrize(
    ("resolution", "field"),
    [
        (Resolution("决议", dt.date(2026, 1, 1), 90, 59, 59), "present"),
        (Resolution("决议", dt.date(2026, 1, 1), 90, 91, 59), "present"),
        (Resolution("决议", dt.date(2026, 1, 1), 90, 60, 29), "in_favour"),
        (Resolution("决议", dt.date(2026, 1, 1), 90, 60, 61), "in_favour"),
    ],
)
def test_a_resolution_that_does_not_carry_adopts_nothing(house: House, resolution: Resolution, field: str) -> None:
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
        assert find_rate(session, grade, dt.date(2026, 6, 1))[1].amount == 100_000  # type: ignore[index]
        adopt_schedule(session, schedule, Resolution("决议", dt.date(2026, 1, 1), 90, 60, 30), actor=house.actor(session, "finance"))
        assert find_rate(session, grade, dt.date(2026, 5, 31))[1].amount == 100_000  # type: ignore[index]
        assert find_rate(session, grade, dt.date(2026, 6, 1))[1].amount == 99_900  # type: ignore[index]
        assert find_rate(session, list_grades(session)[1].id, dt.date(2026, 6, 1)) is None


def test_an_adopted_schedule_is_not_adopted_again(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session, pytest.raises(IllegalMove):
        adopt_schedule(session, list_schedules(session)[0], Resolution("决议", dt.date(2026, 1, 1), 3, 3, 3), actor=house.actor(session, "finance"))


def test_others_enter_no_schedule(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session, pytest.raises(NotPermitted):
        enter_schedule(session, name="x", in_force_from=dt.date(2026, 1, 1), rates={list_grades(session)[0].id: 1}, actor=house.actor(session, "membership"))


@pytest.mark.parametrize("amount", ["1000-3000", "1000至3000", "约1000", "1e3"])
def test_a_range_is_no_amount(house: House, amount: str) -> None:
    answer = house.browser("finance").send("/settings/dues", **{"name": "区间标准", "in_force_from": "2026-06-01", "amounts-0": amount})
    assert answer.status_code == 422
    assert "区间标准" in answer.text


def test_a_schedule_through_the_pages(house: House) -> None:
    finance = house.browser("finance")
    fields = {"name": "2027标准", "in_force_from": "2027-01-01", "amounts-0": "1,200", "amounts-1": "2400", "amounts-2": "", "amounts-3": ""}
    assert finance.send("/settings/dues", **fields).status_code == 302
    page = finance.get("/settings/dues").text
    assert "¥1,200.00" in page
    with house.doors.chamber(house.jia.id) as session:
        draft = next(s for s in list_schedules(session) if s.state is ScheduleState.DRAFT)
    address = f"/settings/dues/{draft.id}/adopt"
    bad = {"title": "决议", "adopted_on": "2026-06-01", "entitled": "90", "present": "10", "in_favour": "10"}
    assert finance.send(address, **bad).status_code == 422
    assert finance.send(address, **(bad | {"present": "60", "in_favour": "60"})).status_code == 302
    assert finance.send(address, **(bad | {"present": "60", "in_favour": "60"})).status_code == 409


def test_an_amount_of_zero_admits_at_once(house: House) -> None:
    from tests.cast import apply_through_pages
    from tests.scenes import application_of

    with house.doors.chamber(house.jia.id, writing=True) as session:
        setup = house.actor(session, "secretary")
        free = enter_schedule(session, name="免", in_force_from=dt.date(2026, 6, 1), rates={list_grades(session)[1].id: 0}, actor=setup)
        adopt_schedule(session, free, Resolution("决议", dt.date(2026, 1, 1), 90, 60, 30), actor=setup)
    _, application = apply_through_pages(house)
    officer = house.browser("membership")
    officer.send(f"/applications/{application.id}/approve")
    officer.send(f"/applications/{application.id}/vote", meeting_on="2026-06-15", entitled="30", present="20", in_favour="14")
    assert application_of(house, "jia", application.uscc).state == "admitted"
    house.work()
