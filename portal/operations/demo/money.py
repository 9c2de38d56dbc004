"""What finance does in a year beside plain transfers.

Offices held, an invoice void, one credited, money over several, a refund, one undone.
"""

import datetime as dt

import sqlalchemy as sa

from portal.foundation.clock import day_in
from portal.members.enterprises.models import Enterprise, PartyKind
from portal.members.enterprises.queries import find_debtor
from portal.members.membership.models import Membership, MembershipState
from portal.members.offices.queries import list_offices
from portal.members.offices.services import give_office
from portal.money.dues.queries import was_raised_for
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.invoices.services.corrections import issue_credit_note, void_invoice
from portal.money.invoices.services.raising import Addressee, Line, raise_invoice
from portal.money.ledger.services import ensure_party
from portal.money.payments.models import Channel
from portal.money.payments.queries import find_payment
from portal.money.payments.services.recording import Arrival, Part, record_payment
from portal.money.payments.services.refunds import Payee, approve_refund, request_refund
from portal.money.payments.services.undoing import undo_payment
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession


def unfold_money(session: ChamberSession, finance: Actor, secretary: Actor) -> None:
    """Acts of finance in the present, through the services."""
    today = day_in(session.now())
    _offices(session, today, secretary)
    open_ones = _invoices(session, InvoiceState.ISSUED, today.year, 4)
    void_invoice(session, open_ones[0], "企业名称有误，重新开具", actor=finance)
    payer = session.fetch(Enterprise, open_ones[1].party_id)
    arrival = Arrival(
        today, sum(i.amount for i in open_ones[1:3]) + 50_000, payer.name, "DEMO-SPREAD"
    )
    record_payment(
        session,
        arrival,
        [Part(i, i.amount) for i in open_ones[1:3]],
        surplus_to=payer,
        actor=finance,
    )
    tenant = find_debtor(session, ensure_party(session, PartyKind.TENANT, "晴川会展服务工作室").id)
    told = Addressee("晴川会展", "hall@example.invalid")
    raise_invoice(
        session,
        tenant,
        told,
        [Line("二楼会议厅租金（两天）", "", 360_000, "other_income")],
        due_on=today + dt.timedelta(days=20),
        actor=finance,
    )
    paid = _invoices(session, InvoiceState.PAID, today.year, 2)
    issue_credit_note(session, paid[0], paid[0].amount, "会员等级调整，原通知作废", actor=finance)
    owner = session.fetch(Enterprise, paid[0].party_id)
    refund = request_refund(
        session,
        owner,
        paid[0].amount // 2,
        Payee(owner.name, "6200 0000 0000 9999"),
        "等级调整后退回差额",
        actor=finance,
    )
    approve_refund(session, refund, actor=secretary)
    wrong = record_payment(
        session,
        Arrival(today, 10_000, "误记付款人", "DEMO-WRONG", Channel.CASH),
        [Part(open_ones[3], 10_000)],
        actor=finance,
    )
    session.expire_all()
    undo_payment(session, find_payment(session, wrong.id) or wrong, "记错企业", actor=finance)


def _invoices(session: ChamberSession, state: InvoiceState, year: int, count: int) -> list[Invoice]:
    members = sa.select(Membership.enterprise_id).where(
        Membership.state == MembershipState.ACTIVE, Membership.application_id.is_(None)
    )
    query = sa.select(Invoice).where(
        Invoice.state == state,
        was_raised_for(year),
        Invoice.paid.in_([0, Invoice.amount]),
        Invoice.party_id.in_(members),
    )
    return list(session.scalars(query.order_by(Invoice.number).limit(count)))


def _offices(session: ChamberSession, today: dt.date, secretary: Actor) -> None:
    members = session.scalars(
        sa.select(Enterprise)
        .join(Membership, Membership.enterprise_id == Enterprise.id)
        .where(Membership.state == MembershipState.ACTIVE)
        .order_by(Enterprise.pinyin_key)
    ).all()
    for office, enterprise in zip(list_offices(session), members, strict=False):
        give_office(
            session,
            office,
            enterprise,
            held_by=enterprise.legal_representative,
            from_on=dt.date(today.year, 1, 1),
            until_on=dt.date(today.year + 3, 12, 31),
            actor=secretary,
        )
