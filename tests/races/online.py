"""Races of online payment: two tabs, and the same news many times."""

import sqlalchemy as sa

from portal.billing.models import Checkout, Invoice, InvoiceState, Payment, StripeKeys
from portal.billing.services.checkouts import begin_checkout, note_opened, settle_checkout
from portal.billing.stripe_gateway import Session
from portal.tenancy.actor import SYSTEM, Actor, ActorKind
from tests.cast import House, apply_through_pages
from tests.races.crowd import at_once
from tests.scenes import approve_through_pages


def charging(house: House, count: int) -> None:
    """Everybody presses “pay online” at once: all share one attempt."""
    invoice = _keyed(house)
    payer = Actor(ActorKind.VISITOR, "链接", enterprise_id=invoice.enterprise_id)

    def press(_number: int) -> object:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            keys = session.scalars(sa.select(StripeKeys)).one()
            return begin_checkout(session, session.fetch(Invoice, invoice.id), keys, actor=payer).id

    crowd = at_once(count, press)
    assert not crowd.errors + crowd.refused, crowd.errors + crowd.refused
    assert len(crowd.got) == count
    assert len(set(crowd.got)) == 1


def confirming(house: House, count: int) -> None:
    """The same news reaches as many workers at once: the money is booked once, and nobody meets an error."""
    invoice = _keyed(house)
    payer = Actor(ActorKind.VISITOR, "链接", enterprise_id=invoice.enterprise_id)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        checkout = begin_checkout(session, session.fetch(Invoice, invoice.id), session.scalars(sa.select(StripeKeys)).one(), actor=payer)
        found = Session("cs_1", "complete", "paid", checkout.amount, "CNY", False, str(checkout.id), str(house.jia.id), "pi_1", "付款人", "", "succeeded", 100)
        note_opened(session, checkout, found, actor=payer)

    def hear(_number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            settle_checkout(session, found, actor=SYSTEM)

    crowd = at_once(count, hear)
    assert not crowd.errors + crowd.refused, crowd.errors + crowd.refused
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalar(sa.select(sa.func.count(Payment.id))) == 1
        assert session.scalars(sa.select(Checkout)).one().payment_id is not None
        assert session.fetch(Invoice, invoice.id).state is InvoiceState.PAID


def _keyed(house: House) -> Invoice:
    """An open invoice in a chamber that takes online payments."""
    invoice = approve_through_pages(house, apply_through_pages(house)[1])
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.add(StripeKeys(secret_key="x", webhook_secret="x", hint="x", livemode=False, set_at=session.now(), set_by="x"))
    return invoice


ONLINE = {race.__name__: race for race in (charging, confirming)}
