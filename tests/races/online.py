"""Races of online payment.

Two tabs, the same news many times, and money that goes back in parts.
"""

import sqlalchemy as sa

from portal.foundation.secrecy import Sealer
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.online.models import Checkout, StripeKeys
from portal.money.online.services.checkouts import begin_checkout, note_opened, settle_checkout
from portal.money.online.services.keys import set_keys
from portal.money.online.stripe_gateway import Session
from portal.money.payments.models import Payment, PaymentPaper, Refund, RefundState
from portal.money.payments.services.refunds import apply_refund
from portal.papers.issuing.models import IssuedPaper
from portal.tenancy.actor import SYSTEM, Actor, ActorKind
from tests.cast import House, apply_through_pages
from tests.races.crowd import Meeting, at_once
from tests.scenes import approve_through_pages


def charging(house: House, count: int) -> None:
    """Everybody presses “pay online” at once: all share one attempt."""
    invoice = _keyed(house)
    payer = Actor(ActorKind.VISITOR, "链接", enterprise_id=invoice.party_id)

    def press(_number: int) -> object:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            keys = session.scalars(sa.select(StripeKeys)).one()
            return begin_checkout(session, session.fetch(Invoice, invoice.id), keys, actor=payer).id

    crowd = at_once(count, press)
    assert not crowd.errors + crowd.refused, crowd.errors + crowd.refused
    assert len(crowd.got) == count
    assert len(set(crowd.got)) == 1


def confirming(house: House, count: int) -> None:
    """The same news reaches as many workers at once.

    The money is booked once, and nobody meets an error.
    """
    invoice, found = _paid(house)

    def hear(_number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            settle_checkout(session, found, actor=SYSTEM)

    crowd = at_once(count, hear)
    assert not crowd.errors + crowd.refused, crowd.errors + crowd.refused
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalar(sa.select(sa.func.count(Payment.id))) == 1
        assert session.scalars(sa.select(Checkout)).one().payment_id is not None
        assert session.fetch(Invoice, invoice.id).state is InvoiceState.PAID


def keying(house: House, count: int) -> None:
    """Some press “pay online” while the keys of another account are set.

    No attempt is under way by keys that nobody has any more.
    """
    invoice, meeting, sealer = _keyed(house), Meeting(count), Sealer("a secret of this race")
    payer = Actor(ActorKind.VISITOR, "链接", enterprise_id=invoice.party_id)

    def act(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            if number % 2:
                keys = session.scalars(sa.select(StripeKeys)).one()
                begin_checkout(session, session.fetch(Invoice, invoice.id), keys, actor=payer)
            else:
                finance = house.actor(session, "finance")
                set_keys(
                    session,
                    sealer,
                    f"sk_live_{number:012}",
                    "whsec_0123456789",
                    livemode=True,
                    same_account=False,
                    actor=finance,
                )
            meeting.wait(0.5)

    crowd = at_once(count, act)
    assert not crowd.errors, crowd.errors
    assert crowd.got
    with house.doors.chamber(house.jia.id) as session:
        livemode = session.scalars(sa.select(StripeKeys)).one().livemode
        assert all(
            checkout.livemode is livemode for checkout in session.scalars(sa.select(Checkout))
        )


def repaying(house: House, count: int) -> None:
    """A payment goes back in as many parts as there are workers, who all hear at once that theirs
    has arrived: its receipt is void.
    """
    invoice, found = _paid(house)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        settle_checkout(session, found, actor=SYSTEM)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        payment = session.scalars(sa.select(Payment)).one()
        part = payment.amount // count
        parts = [part] * (count - 1) + [payment.amount - part * (count - 1)]
        way = {
            "payment_id": payment.id,
            "payee": "",
            "payee_account": "",
            "reason": "退款",
            "state": RefundState.APPROVED,
        }
        refunds = [Refund(party_id=invoice.party_id, amount=amount, **way) for amount in parts]
        session.add_all(refunds)
        session.flush()
        ids = [refund.id for refund in refunds]

    meeting = Meeting(count)

    def hear(number: int) -> None:
        refund_id = ids[number]
        with house.doors.chamber(house.jia.id, writing=True) as session:
            refund = session.fetch(Refund, refund_id)
            apply_refund(
                session, refund, reference=f"re_{number}", status="succeeded", why="", actor=SYSTEM
            )
            meeting.wait()

    crowd = at_once(count, hear)
    assert not crowd.errors + crowd.refused, crowd.errors + crowd.refused
    with house.doors.chamber(house.jia.id) as session:
        (receipt,) = session.scalars(
            sa.select(IssuedPaper).where(IssuedPaper.kind == PaymentPaper.RECEIPT)
        ).all()
        assert receipt.void is not None


def _paid(house: House) -> tuple[Invoice, Session]:
    """An invoice whose payment page was opened, and what Stripe says of it: paid."""
    invoice = _keyed(house)
    payer = Actor(ActorKind.VISITOR, "链接", enterprise_id=invoice.party_id)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        checkout = begin_checkout(
            session,
            session.fetch(Invoice, invoice.id),
            session.scalars(sa.select(StripeKeys)).one(),
            actor=payer,
        )
        found = Session(
            "cs_1",
            "complete",
            "paid",
            checkout.amount,
            "CNY",
            False,
            str(checkout.id),
            str(house.jia.id),
            "pi_1",
            "付款人",
            "",
            "succeeded",
            100,
        )
        note_opened(session, checkout, found)
    return invoice, found


def _keyed(house: House) -> Invoice:
    """An open invoice in a chamber that takes online payments."""
    invoice = approve_through_pages(house, apply_through_pages(house)[1])
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.add(
            StripeKeys(
                secret_key="x",
                webhook_secret="x",
                hint="x",
                livemode=False,
                set_at=session.now(),
                set_by="x",
            )
        )
    return invoice


ONLINE = {race.__name__: race for race in (charging, confirming, keying, repaying)}
