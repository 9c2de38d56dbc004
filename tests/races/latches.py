"""Races of what a chamber has once: a span without dues, a name, a closing.

Each says what must be true after it.
"""

import datetime as dt

import sqlalchemy as sa

from portal.accounts.models import Department
from portal.audit.models import AuditEvent
from portal.desks.chamber_settings.services import add_department
from portal.governance.bodies.models import ASSEMBLY
from portal.governance.bodies.queries import body_of_code
from portal.governance.resolutions.models import Resolution
from portal.governance.resolutions.services import Decision, enter_resolution
from portal.members.membership.models import Grade
from portal.members.membership.queries import list_grades
from portal.members.membership.services import MembershipAction, add_grade, retire_grade
from portal.members.offices.services import add_office
from portal.money.dues.models import DuesSuspension
from portal.money.dues.services.schedules import suspend_dues
from tests.cast import House
from tests.races.crowd import Meeting, at_once


def suspending(house: House, count: int) -> None:
    """The same days are suspended by everybody at once: one does it, and the others are told."""
    meeting = Meeting(count)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        earlier = {"from_on": dt.date(2020, 2, 1), "until_on": dt.date(2020, 4, 30)}
        suspend_dues(session, **earlier, resolution="决议", actor=house.actor(session, "finance"))

    def suspend(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            end = dt.date(2026, 7, 1 + number)
            suspend_dues(
                session,
                from_on=dt.date(2026, 6, 1),
                until_on=end,
                resolution="决议",
                actor=house.actor(session, "finance"),
            )
            meeting.wait(0.5)

    crowd = at_once(count, suspend)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (1, count - 1)
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalar(sa.select(sa.func.count(DuesSuspension.id))) == 2


def naming(house: House, count: int) -> None:
    """A grade, an office and a department of the same name are added by everybody at once.

    Each is there once, and nobody meets an error.
    """
    meeting = Meeting(count)

    def add(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            secretary = house.actor(session, "secretary")
            if number % 3 == 0:
                add_grade(session, name_zh="荣誉会员", name_en="Honorary", actor=secretary)
            elif number % 3 == 1:
                add_office(
                    session, name_zh="名誉会长", name_en="Honorary president", actor=secretary
                )
            else:
                add_department(
                    session, code="XCB", name_zh="宣传部", name_en="Publicity", actor=secretary
                )
            meeting.wait(0.5)

    crowd = at_once(count, add)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (3, count - 3)
    with house.doors.chamber(house.jia.id) as session:
        assert (
            session.scalar(sa.select(sa.func.count(Department.id)).where(Department.code == "XCB"))
            == 1
        )


def retiring(house: House, count: int) -> None:
    """Everybody closes a grade at once: it is closed once, as the audit tells it."""
    meeting = Meeting(count)
    with house.doors.chamber(house.jia.id) as session:
        grade = list_grades(session)[0]

    def retire(_number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            retire_grade(
                session, session.fetch(Grade, grade.id), actor=house.actor(session, "secretary")
            )
            meeting.wait(0.5)

    crowd = at_once(count, retire)
    assert not crowd.errors + crowd.refused, crowd.errors + crowd.refused
    with house.doors.chamber(house.jia.id) as session:
        told = sa.select(sa.func.count(AuditEvent.id)).where(
            AuditEvent.action == MembershipAction.GRADE_RETIRED
        )
        assert session.scalar(told) == 1


def entering(house: House, count: int) -> None:
    """Everybody enters the same resolution at once: it is there once, and the others are told."""
    day = dt.date(2026, 6, 10)

    def enter(title: str) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            assembly = body_of_code(session, ASSEMBLY)
            actor = house.actor(session, "membership")
            enter_resolution(session, assembly, Decision(title, day), actor=actor)

    enter("关于年度工作的决议")
    crowd = at_once(count, lambda _number: enter("关于修改章程的决议"))
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (1, count - 1)
    with house.doors.chamber(house.jia.id) as session:
        entered = sa.select(sa.func.count(Resolution.id)).where(Resolution.adopted_on == day)
        assert session.scalar(entered) == 2


LATCHES = {race.__name__: race for race in (suspending, naming, retiring, entering)}
