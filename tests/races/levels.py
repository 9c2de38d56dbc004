"""The race about a higher level.

The difference is raised while the charge that it rests on is taken back.
"""

import datetime as dt

import sqlalchemy as sa

from portal.governance.bodies.rules import Vote
from portal.governance.resolutions.services import Decision
from portal.members.enterprises.models import Enterprise
from portal.members.membership.queries import list_grades
from portal.members.offices.services import add_office, give_office
from portal.money.dues.models import DuesCharge
from portal.money.dues.services.charging import raise_dues_of_year
from portal.money.dues.services.schedules import RatePlan, Terms, adopt_schedule, enter_schedule
from portal.money.dues.services.supplements import raise_supplement
from portal.money.invoices.models import Invoice
from portal.money.invoices.services.corrections import void_invoice
from portal.money.invoices.services.raising import Addressee
from tests.cast import House
from tests.races.crowd import at_once
from tests.roll.by_hand import enter_by_hand


def rising(house: House, count: int) -> None:
    """Half of them raise the difference, half make the charge void.

    No difference stands without its charge, and none twice.
    """
    told, member = (
        Addressee("联系人", "x@enterprise.example"),
        enter_by_hand(
            house, 31, "老会员贸易有限公司", joined="2016-05-04", email="old@enterprise.example"
        ),
    )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        finance, secretary, grade = (
            house.actor(session, "finance"),
            house.actor(session, "secretary"),
            list_grades(session)[1],
        )
        enterprise, office = (
            session.fetch(Enterprise, member.id),
            add_office(session, name_zh="副会长", name_en="Vice-president", actor=secretary),
        )
        session.flush()
        rates = [RatePlan(1_000_000, office_id=office.id), RatePlan(200_000, grade_id=grade.id)]
        schedule = enter_schedule(
            session,
            name="标准",
            in_force_from=dt.date(2026, 1, 1),
            rates=rates,
            terms=Terms(),
            actor=finance,
        )
        adopt_schedule(
            session,
            schedule,
            Decision("决议", dt.date(2025, 12, 1), vote=Vote(3, 3, 3), secret_ballot=True),
            actor=finance,
        )
        base = raise_dues_of_year(session, enterprise, grade, told, 2026, actor=finance)
        give_office(
            session,
            office,
            enterprise,
            held_by="张三",
            from_on=dt.date(2026, 9, 1),
            until_on=None,
            actor=secretary,
        )

    def act(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            actor = house.actor(session, "finance")
            if number % 2:
                void_invoice(session, session.fetch(Invoice, base.id), "开错了", actor=actor)
            else:
                raise_supplement(
                    session,
                    session.fetch(Enterprise, member.id),
                    list_grades(session)[1],
                    told,
                    dt.date(2026, 9, 1),
                    actor=actor,
                )

    crowd = at_once(count, act)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (1, count - 1)
    with house.doors.chamber(house.jia.id) as session:
        standing = session.scalars(
            sa.select(DuesCharge.supplement).where(DuesCharge.standing)
        ).all()
        assert sorted(standing) in ([], [0, 1])
