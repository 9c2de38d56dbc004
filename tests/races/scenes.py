"""The races: numbering, deciding, paying, admitting, guessing, approving, spending, undoing,
correcting; and those of the desk. Each says what must be true after it.
"""

import datetime as dt
import uuid

import sqlalchemy as sa

from portal.accounts.models import Attempt
from portal.accounts.services.sign_ins import TRIES, take_try
from portal.admission.applications.models import Application, ApplicationState, StepDecision
from portal.admission.applications.queries.reading import find_application
from portal.admission.reviewing.services.admitting import admit_if_due
from portal.admission.reviewing.services.reviewing import (
    approve_step,
    record_vote,
    reject_application,
)
from portal.governance.bodies.rules import Vote
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Grade, Membership, MembershipPaper
from portal.money.dues.services.charging import raise_dues_of_year
from portal.money.invoices.models import CreditNote, Invoice, InvoiceState
from portal.money.invoices.services.corrections import issue_credit_note
from portal.money.invoices.services.raising import Addressee
from portal.money.invoices.services.settling import use_credit
from portal.money.ledger.models import Account
from portal.money.ledger.queries import balance
from portal.money.payments.models import Payment, PaymentPaper
from portal.money.payments.queries import find_payment
from portal.money.payments.services.recording import Arrival, Part, record_payment
from portal.money.payments.services.refunds import Payee, request_refund
from portal.money.payments.services.undoing import undo_payment
from portal.papers.issuing.models import IssuedPaper
from portal.tenancy.actor import SYSTEM
from portal.tenancy.counters import next_number
from portal.tenancy.session import ChamberSession
from tests.cast import House, apply_through_pages
from tests.locks import off_the_record
from tests.races.accounts import ACCOUNTS
from tests.races.asking import asking
from tests.races.crowd import at_once
from tests.races.desk import DESK
from tests.races.latches import LATCHES
from tests.races.levels import rising
from tests.races.online import ONLINE

TODAY = dt.date(2026, 6, 15)


def numbering(house: House, count: int) -> None:
    """Everybody takes a number: 1 … count, each once."""

    def take(_number: int) -> int:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            return next_number(session, "tags")

    crowd = at_once(count, take)
    assert not crowd.errors, crowd.errors
    assert sorted(crowd.got) == list(range(1, count + 1))  # type: ignore[type-var]


def deciding(house: House, count: int) -> None:
    """Half approve, half reject the same step.

    One decision, everybody else is refused by the rule.
    """
    _, application = apply_through_pages(house)

    def decide(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            whole = _whole(session, application.id)
            step, actor = whole.steps[0], house.actor(session, "membership")
            if number % 2:
                approve_step(session, whole, step, actor=actor)
            else:
                reject_application(session, whole, step, "理由", actor=actor)

    crowd = at_once(count, decide)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (1, count - 1)
    with house.doors.chamber(house.jia.id) as session:
        assert len(session.scalars(sa.select(StepDecision)).all()) == 1


def paying(house: House, count: int) -> None:
    """Transfers of 10 yuan with serial numbers of their own, each sent by two.

    None lost, none twice, receipts without a gap.
    """
    invoice_id = _invoiced(house, 1)

    def pay(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            invoice = session.fetch(Invoice, invoice_id)
            record_payment(
                session,
                Arrival(TODAY, 1_000, "付款人", f"S{number // 2}"),
                [Part(invoice, 1_000)],
                actor=house.actor(session, "finance"),
            )

    crowd = at_once(count, pay)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (count // 2, count - count // 2)
    with house.doors.chamber(house.jia.id) as session:
        assert (
            session.fetch(Invoice, invoice_id).paid
            == balance(session, Account.BANK)
            == 1_000 * (count // 2)
        )
        assert len(session.scalars(sa.select(Payment)).all()) == count // 2
        numbers = sorted(
            session.scalars(
                sa.select(IssuedPaper.number).where(IssuedPaper.kind == PaymentPaper.RECEIPT)
            )
        )
        assert numbers == [f"SJ2026-{n:05d}" for n in range(1, count // 2 + 1)]


def admitting(house: House, count: int) -> None:
    """The money and the approval come last at the same moment, told many times.

    One member, one certificate.
    """
    invoice_id = _invoiced(house, 1)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        invoice = session.fetch(Invoice, invoice_id)
        record_payment(
            session,
            Arrival(TODAY, invoice.amount, "付款人", "S1"),
            [Part(invoice, invoice.amount)],
            actor=house.actor(session, "finance"),
        )
        application_id = session.scalars(sa.select(Application.id)).one()

    def admit(_number: int) -> uuid.UUID | None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            membership = admit_if_due(
                session, session.fetch(Application, application_id), actor=SYSTEM
            )
            return membership.id if membership else None

    crowd = at_once(count, admit)
    assert not crowd.errors, crowd.errors
    assert len([m for m in crowd.got if m]) == 1
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(Membership.number)).all() == ["000001"]
        assert session.fetch(Application, application_id).state is ApplicationState.ADMITTED
        assert (
            len(
                session.scalars(
                    sa.select(IssuedPaper).where(IssuedPaper.kind == MembershipPaper.CERTIFICATE)
                ).all()
            )
            == 1
        )


def trying(house: House, count: int) -> None:
    """Passwords are guessed by many at once: TRIES pass, the rest are told to wait."""

    def guess(_number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            take_try(session, "finance@jia.example")

    crowd = at_once(count, guess)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (TRIES, count - TRIES)
    with house.doors.chamber(house.jia.id) as session:
        assert len(session.scalars(sa.select(Attempt)).all()) == TRIES


def approving_many(house: House, count: int) -> None:
    """Applications are approved by the council all at once.

    Invoices numbered without a gap, each once.
    """
    few = min(count // 2, 12)
    waiting = [apply_through_pages(house, n + 1)[1].id for n in range(few)]
    with house.doors.chamber(house.jia.id, writing=True) as session:
        off_the_record(session)
        for application_id in waiting:
            whole = _whole(session, application_id)
            approve_step(session, whole, whole.steps[0], actor=house.actor(session, "membership"))

    def vote(number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            whole = _whole(session, waiting[number % few])
            record_vote(
                session,
                whole,
                whole.steps[1],
                Vote(30, 20, 20),
                TODAY,
                actor=house.actor(session, "membership"),
            )

    crowd = at_once(count, vote)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (few, count - few)
    with house.doors.chamber(house.jia.id) as session:
        assert sorted(session.scalars(sa.select(Invoice.number))) == [
            f"JF2026-{n:05d}" for n in range(1, few + 1)
        ]
        assert set(session.scalars(sa.select(Invoice.state))) == {InvoiceState.ISSUED}


def spending(house: House, count: int) -> None:
    """Half use an enterprise's credit for its next invoice, half ask for its refund, all at once:
    no fen of it is spent twice.
    """
    owner, invoice_id = _with_credit(house, 100_000)

    def spend(number: int) -> int:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            actor, enterprise = house.actor(session, "finance"), session.fetch(Enterprise, owner)
            if number % 2:
                return use_credit(session, session.fetch(Invoice, invoice_id), TODAY, actor=actor)
            return request_refund(
                session, enterprise, 60_000, Payee("x", "1"), "理由", actor=actor
            ).amount

    crowd = at_once(count, spend)
    assert not crowd.errors, crowd.errors
    assert sum(crowd.got) <= 100_000  # type: ignore[arg-type]
    with house.doors.chamber(house.jia.id) as session:
        assert -balance(session, Account.CREDIT_ON_ACCOUNT, owner) == 100_000 - sum(crowd.got)  # type: ignore[arg-type]


def undoing(house: House, count: int) -> None:
    """A payment is undone by everybody at once: it is taken back once."""
    invoice_id = _invoiced(house, 1)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        invoice = session.fetch(Invoice, invoice_id)
        payment_id = record_payment(
            session,
            Arrival(TODAY, 50_000, "付款人", "S1"),
            [Part(invoice, 50_000)],
            actor=house.actor(session, "finance"),
        ).id

    def undo(_number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            payment = find_payment(session, payment_id)
            assert payment is not None
            undo_payment(session, payment, "理由", actor=house.actor(session, "finance"))

    crowd = at_once(count, undo)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (1, count - 1)
    with house.doors.chamber(house.jia.id) as session:
        assert session.fetch(Invoice, invoice_id).paid == balance(session, Account.BANK) == 0


def correcting(house: House, count: int) -> None:
    """Credit notes of 300 yuan on an invoice of 2,000, all at once.

    Six fit, numbered without a gap.
    """
    invoice_id = _invoiced(house, 1)

    def credit(_number: int) -> None:
        with house.doors.chamber(house.jia.id, writing=True) as session:
            issue_credit_note(
                session,
                session.fetch(Invoice, invoice_id),
                30_000,
                "理由",
                actor=house.actor(session, "finance"),
            )

    crowd = at_once(count, credit)
    assert not crowd.errors, crowd.errors
    assert (len(crowd.got), len(crowd.refused)) == (min(count, 6), count - min(count, 6))
    with house.doors.chamber(house.jia.id) as session:
        assert session.fetch(Invoice, invoice_id).credited == 30_000 * min(count, 6)
        assert sorted(session.scalars(sa.select(CreditNote.number))) == [
            f"HZ2026-{n:05d}" for n in range(1, min(count, 6) + 1)
        ]


RACES = {
    "spending": spending,
    "undoing": undoing,
    "correcting": correcting,
    **ACCOUNTS,
    **DESK,
    **LATCHES,
    **ONLINE,
    "rising": rising,
    "asking": asking,
    **{
        "numbering": numbering,
        "deciding": deciding,
        "paying": paying,
        "admitting": admitting,
        "trying": trying,
        "approving many": approving_many,
    },
}


def _whole(session: ChamberSession, application_id: uuid.UUID) -> Application:
    whole = find_application(session, application_id)
    assert whole is not None
    return whole


def _with_credit(house: House, credit: int) -> tuple[uuid.UUID, uuid.UUID]:
    """An enterprise with credit on account, and an open invoice of a later year that has not used
    it.
    """
    invoice_id = _invoiced(house, 1)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        off_the_record(session)
        invoice, actor = session.fetch(Invoice, invoice_id), house.actor(session, "finance")
        enterprise, grade = (
            session.fetch(Enterprise, invoice.party_id),
            session.scalars(sa.select(Application)).one().grade_id,
        )
        later = raise_dues_of_year(
            session,
            enterprise,
            session.fetch(Grade, grade),
            Addressee("x", "x@y.example"),
            2027,
            actor=actor,
        )
        record_payment(
            session,
            Arrival(TODAY, invoice.amount + credit, "付款人", "S1"),
            [Part(invoice, invoice.amount)],
            actor=actor,
        )
        return enterprise.id, later.id


def _invoiced(house: House, number: int) -> uuid.UUID:
    _, application = apply_through_pages(house, number)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        approve_step(
            session,
            (whole := _whole(session, application.id)),
            whole.steps[0],
            actor=house.actor(session, "membership"),
        )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        record_vote(
            session,
            (whole := _whole(session, application.id)),
            whole.steps[1],
            Vote(30, 20, 20),
            TODAY,
            actor=house.actor(session, "membership"),
        )
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(sa.select(Invoice.id)).one()
