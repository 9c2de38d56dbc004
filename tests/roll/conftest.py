"""A roll of invented members, entered by hand."""

import datetime as dt
from collections.abc import Callable

import pytest

from portal.enterprises.models import Enterprise, EnterpriseKind
from portal.enterprises.services import Identity
from portal.membership.queries import list_grades
from portal.roll.services import Colleague, Entry, enter_member
from tests.cast import House, invented_uscc

Enter = Callable[..., Enterprise]


@pytest.fixture
def enter(house: House) -> Enter:
    """Enters a member of 甲; its contact is named where an e-mail address is given."""

    def one(number: int, name: str, *, industry: str = "C13", region: str = "4403", joined: str = "2020-01-01", email: str = "", phone: str = "", paid: str = "") -> Enterprise:
        identity = Identity(invented_uscc(number), name, EnterpriseKind.PRIVATE, "张三", 100, industry, region, "示例路", None)
        with house.doors.chamber(house.jia.id, writing=True) as session:
            entry = Entry(list_grades(session)[1], dt.date.fromisoformat(joined), paid_through=dt.date.fromisoformat(paid) if paid else None)
            membership = enter_member(session, identity, entry, Colleague("王小明" if email else "", email, phone), actor=house.actor(session, "membership"))
            return session.fetch(Enterprise, membership.enterprise_id)

    return one
