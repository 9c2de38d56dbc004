"""An invented member, entered by hand."""

import datetime as dt

from portal.members.enterprises.models import Enterprise, EnterpriseKind
from portal.members.enterprises.services import Identity
from portal.members.membership.queries import list_grades
from portal.roll.services import Colleague, Entry, enter_member
from tests.cast import House, invented_uscc

FIVE = [
    "深圳单氏食品有限公司",
    "北京曾国商贸有限公司",
    "广州安达物流有限公司",
    "上海中科软件股份有限公司",
    "=cmd|' /C calc'!A0有限公司",
]


def enter_by_hand(
    house: House,
    number: int,
    name: str,
    *,
    industry: str = "C13",
    region: str = "4403",
    joined: str = "2020-01-01",
    email: str = "",
    phone: str = "",
    paid: str = "",
) -> Enterprise:
    """Enters a member of 甲; its contact is named where an e-mail address is given."""
    identity = Identity(
        invented_uscc(number),
        name,
        EnterpriseKind.PRIVATE,
        "张三",
        100,
        industry,
        region,
        "示例路",
        None,
    )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        entry = Entry(
            list_grades(session)[1],
            dt.date.fromisoformat(joined),
            paid_through=dt.date.fromisoformat(paid) if paid else None,
        )
        membership = enter_member(
            session,
            identity,
            entry,
            Colleague("王小明" if email else "", email, phone),
            actor=house.actor(session, "membership"),
        )
        return session.fetch(Enterprise, membership.enterprise_id)


def enter_five(house: House) -> None:
    """Five members of several industries, regions and years."""
    for number, name in enumerate(FIVE):
        enter_by_hand(
            house,
            number,
            name,
            industry=["C13", "F51", "G54", "I65", "C13"][number],
            region=["4403", "1101", "4401", "3101", "4403"][number],
            joined=f"202{number}-05-01",
        )
