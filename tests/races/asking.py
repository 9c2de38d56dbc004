"""Races of invoices to people outside. Each says what must be true after it."""

import datetime as dt

import sqlalchemy as sa

from portal.members.enterprises.models import Debtor, PartyKind
from portal.money.invoices.models import Invoice
from portal.money.invoices.services.raising import Addressee, Line, raise_invoice
from portal.money.ledger.services import ensure_party
from tests.cast import House
from tests.races.crowd import at_once


def asking(house: House, count: int) -> None:
    """The same form comes many times at the same moment: it is asked once."""
    told, lines = (
        Addressee("张先生", "zhang@outside.example"),
        [Line("场地租金", "", 80_000, "other_income")],
    )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        party = ensure_party(session, PartyKind.TENANT, "张先生")

    def act(_number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            debtor, actor = Debtor(party.id, party.name), house.actor(session, "finance")
            raise_invoice(session, debtor, told, lines, due_on=dt.date(2026, 12, 31), actor=actor)

    crowd = at_once(count, act)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (1, count - 1)
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalar(sa.select(sa.func.count(Invoice.id))) == 1
