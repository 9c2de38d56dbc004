"""Random histories: apply, return, correct, approve, bill, pay, overpay, void, credit, refund,
undo, admit. After every step the books must be true.
"""

import datetime as dt
import random
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import Application, ApplicationState, StepKind
from portal.admission.applications.queries.documents import list_documents
from portal.admission.applications.queries.reading import find_application
from portal.admission.applying.services.applying import (
    Contact,
    Wish,
    begin_application,
    submit_application,
)
from portal.admission.applying.services.correcting import correct_application
from portal.admission.reviewing.queries.duplicates import list_duplicates
from portal.admission.reviewing.services.admitting import admit_if_due
from portal.admission.reviewing.services.duplicates import decide_duplicate
from portal.admission.reviewing.services.returning import return_application
from portal.admission.reviewing.services.reviewing import (
    approve_step,
    record_vote,
    reject_application,
)
from portal.audit.models import AuditEvent
from portal.files.services import add_file
from portal.foundation.errors import DomainError
from portal.foundation.ids import new_id
from portal.governance.bodies.rules import Vote
from portal.members.enterprises.models import Enterprise, EnterpriseKind
from portal.members.enterprises.services import Identity, ensure_enterprise
from portal.members.membership.models import Membership
from portal.members.membership.queries import list_grades
from portal.money.dues.services.charging import raise_dues_of_year
from portal.money.invoices.models import Allocation, CreditNote, Invoice, InvoiceState
from portal.money.invoices.services.corrections import issue_credit_note, void_invoice
from portal.money.invoices.services.raising import Addressee
from portal.money.invoices.services.settling import use_credit
from portal.money.ledger.models import Account, Posting
from portal.money.ledger.queries import balance, credit_of
from portal.money.payments.models import Channel, Payment, PaymentUndoing, Refund, RefundState
from portal.money.payments.queries import find_payment
from portal.money.payments.services.recording import Arrival, Part, record_payment
from portal.money.payments.services.refunds import (
    Payee,
    approve_refund,
    decline_refund,
    record_refund_paid,
    request_refund,
)
from portal.money.payments.services.undoing import undo_payment
from portal.operations.verify import verify
from portal.tenancy.actor import SYSTEM, Actor, ActorKind
from portal.tenancy.session import ChamberSession
from tests.cast import House, invented_uscc
from tests.locks import off_the_record
from tests.scenes import uploaded

pytestmark = pytest.mark.timeout(3_600)
TODAY = dt.date(2026, 6, 15)
LEADS_TO = {
    "application.submitted": ApplicationState.IN_REVIEW,
    "application.returned": ApplicationState.RETURNED,
    "application.corrected": ApplicationState.IN_REVIEW,
    "application.approved": ApplicationState.AWAITING_DUES,
    "application.rejected": ApplicationState.REJECTED,
    "application.admitted": ApplicationState.ADMITTED,
}


class History:
    """The money of one enterprise, one random act after another."""

    def __init__(self, house: House, number: int) -> None:
        self.house, self.dice, self.number = house, random.Random(number), number
        with house.doors.chamber(house.jia.id, writing=True) as session:
            officer = house.actor(session, "membership")
            file = add_file(
                session, uploaded(house, session), owner_type="application_form", owner_id=new_id()
            )
            self.identity = Identity(
                invented_uscc(number),
                f"历史{number}有限公司",
                EnterpriseKind.PRIVATE,
                "张三",
                1,
                "C13",
                "4403",
                "x",
                file.id,
            )
            self.owner = ensure_enterprise(session, self.identity, actor=officer).id
        money = (
            self.bill,
            self.pay,
            self.void,
            self.credit,
            self.use,
            self.refund,
            self.decide,
            self.undo,
        )
        self.acts: tuple[Callable[[ChamberSession], None], ...] = (
            *money,
            self.apply,
            self.review,
            self.give_back,
            self.correct,
            self.admit,
        )
        self.refused = 0

    def step(self) -> None:
        """One act, refused or done; then the books of this enterprise are checked."""
        try:
            with self.house.doors.chamber(self.house.jia.id, writing=True) as session:
                off_the_record(session)
                self.dice.choices(self.acts, weights=(2, 8, 1, 1, 1, 1, 1, 1, 4, 10, 2, 4, 4))[0](
                    session
                )
        except DomainError:
            self.refused += 1
        with self.house.doors.chamber(self.house.jia.id) as session:
            self.check(session)

    def _application(
        self, session: ChamberSession, *states: ApplicationState
    ) -> Application | None:
        query = (
            sa.select(Application.id)
            .where(Application.enterprise_id == self.owner, Application.state.in_(states))
            .order_by(Application.id.desc())
        )
        found = session.scalars(query).first()
        return find_application(session, found) if found else None

    def apply(self, session: ChamberSession) -> None:
        """An application is filled in and submitted at once."""
        wish = Wish(self.dice.choice(list_grades(session)), documents=list_documents(session))
        application = begin_application(
            session, self.identity, Contact("x", "x@y.example", "1"), wish, form_key=new_id()
        )
        submit_application(
            session,
            application,
            actor=Actor(ActorKind.APPLICANT, "x", application_id=application.id),
        )

    def review(self, session: ChamberSession) -> None:
        """The open step is decided; now and then it is a rejection."""
        application = self._application(
            session, ApplicationState.IN_REVIEW, ApplicationState.RETURNED
        )
        step = application.open_step if application else None
        if application is None or step is None:
            return
        officer = self.house.actor(session, "membership")
        for duplicate in list_duplicates(session, application.id):
            if duplicate.decision is None:
                decide_duplicate(
                    session, application, duplicate, same=True, reason="理由", actor=officer
                )
        if self.dice.random() < 0.1:
            reject_application(session, application, step, "理由", actor=officer)
        elif step.kind is StepKind.COUNCIL:
            record_vote(
                session,
                application,
                step,
                Vote(30, 20, self.dice.choice((14, 20, 13))),
                TODAY,
                actor=officer,
            )
        else:
            approve_step(session, application, step, actor=officer)

    def give_back(self, session: ChamberSession) -> None:
        """The application is returned for correction."""
        application = self._application(session, ApplicationState.IN_REVIEW)
        if application and application.open_step:
            return_application(
                session,
                application,
                application.open_step,
                {"address": "理由"},
                actor=self.house.actor(session, "membership"),
            )

    def correct(self, session: ChamberSession) -> None:
        """The applicant answers."""
        application = self._application(
            session, ApplicationState.RETURNED, ApplicationState.IN_REVIEW
        )
        if application:
            correct_application(
                session,
                application,
                {"address": f"新址{self.dice.random()}"},
                actor=Actor(ActorKind.APPLICANT, "x", application_id=application.id),
            )

    def admit(self, session: ChamberSession) -> None:
        """What the worker does when an invoice is paid."""
        application = self._application(session, ApplicationState.AWAITING_DUES)
        if application:
            admit_if_due(session, application, actor=SYSTEM)

    def _one(
        self, session: ChamberSession, model: type, *conditions: sa.ColumnElement[bool]
    ) -> uuid.UUID | None:
        found = session.scalars(sa.select(model.id).where(*conditions).order_by(model.id)).all()  # type: ignore[attr-defined]
        return self.dice.choice(found) if found else None

    def _invoice(self, session: ChamberSession, *states: InvoiceState) -> Invoice | None:
        return session.find(
            Invoice,
            self._one(session, Invoice, Invoice.party_id == self.owner, Invoice.state.in_(states)),
        )

    def bill(self, session: ChamberSession) -> None:
        """Dues of some year."""
        grade = self.dice.choice(list_grades(session))
        raise_dues_of_year(
            session,
            session.fetch(Enterprise, self.owner),
            grade,
            Addressee("x", "x@y.example"),
            self.dice.randrange(2020, 2028),
            actor=self.house.actor(session, "finance"),
        )

    def pay(self, session: ChamberSession) -> None:
        """Part, whole or too much of one or two invoices, by bank or in cash, now and then with a
        number used before.
        """
        chosen = {
            i.id: i
            for i in (
                self._invoice(session, InvoiceState.ISSUED, InvoiceState.PARTLY_PAID)
                for _ in range(2)
            )
            if i
        }
        parts = [
            Part(
                i,
                self.dice.randint(1, i.open_amount) if self.dice.random() < 0.5 else i.open_amount,
            )
            for i in chosen.values()
        ]
        amount = sum(p.amount for p in parts) + self.dice.choice((0, 0, 0, 12_345))
        reference = f"H{self.number}-{self.dice.randrange(60)}"
        record_payment(
            session,
            Arrival(TODAY, amount, "付款人", reference, self.dice.choice(list(Channel))),
            parts,
            actor=self.house.actor(session, "finance"),
        )

    def void(self, session: ChamberSession) -> None:
        """Some invoice is made void."""
        invoice = self._invoice(session, *InvoiceState)
        if invoice:
            void_invoice(session, invoice, "理由", actor=self.house.actor(session, "finance"))

    def credit(self, session: ChamberSession) -> None:
        """A part or the whole of some invoice is taken back."""
        invoice = self._invoice(session, *InvoiceState)
        if invoice:
            issue_credit_note(
                session,
                invoice,
                self.dice.choice((invoice.amount, 50_000)),
                "理由",
                actor=self.house.actor(session, "finance"),
            )

    def use(self, session: ChamberSession) -> None:
        """Credit settles some invoice."""
        invoice = self._invoice(session, InvoiceState.ISSUED, InvoiceState.PARTLY_PAID)
        if invoice:
            use_credit(session, invoice, TODAY, actor=self.house.actor(session, "finance"))

    def refund(self, session: ChamberSession) -> None:
        """Some of the credit is asked back."""
        amount = self.dice.choice((1, 5_000, max(1, credit_of(session, self.owner))))
        request_refund(
            session,
            session.fetch(Enterprise, self.owner),
            amount,
            Payee("x", "1"),
            "理由",
            actor=self.house.actor(session, "finance"),
        )

    def decide(self, session: ChamberSession) -> None:
        """Some refund is approved, declined or paid."""
        refund = session.find(Refund, self._one(session, Refund, Refund.party_id == self.owner))
        if refund is None:
            return
        if refund.state is RefundState.APPROVED:
            record_refund_paid(
                session, refund, f"OUT-{refund.id}", actor=self.house.actor(session, "finance")
            )
        elif self.dice.random() < 0.5:
            approve_refund(session, refund, actor=self.house.actor(session, "secretary"))
        else:
            decline_refund(session, refund, "理由", actor=self.house.actor(session, "secretary"))

    def undo(self, session: ChamberSession) -> None:
        """Some payment is undone."""
        mine = (
            sa.select(Allocation.payment_id)
            .join(Invoice, Invoice.id == Allocation.invoice_id)
            .where(Invoice.party_id == self.owner)
        )
        payment = find_payment(
            session, self._one(session, Payment, Payment.id.in_(mine)) or uuid.uuid4()
        )
        if payment:
            undo_payment(session, payment, "理由", actor=self.house.actor(session, "finance"))

    def check(self, session: ChamberSession) -> None:
        """Every entry balances; what is owed, held and on account is what the acts say.

        Each invoice's sums and state replay from its trace.
        """
        uneven = (
            sa.select(Posting.journal_id)
            .where(Posting.party_id == self.owner)
            .group_by(Posting.journal_id)
            .having(sa.func.sum(Posting.amount) != 0)
        )
        assert session.execute(uneven).all() == []
        invoices = session.scalars(sa.select(Invoice).where(Invoice.party_id == self.owner)).all()
        assert balance(session, Account.RECEIVABLES, self.owner) == sum(
            i.open_amount for i in invoices
        )
        assert credit_of(session, self.owner) >= 0
        assert balance(session, Account.REFUNDS, self.owner) <= 0
        mine = [i.id for i in invoices]
        paid, noted = (
            dict(
                session.execute(
                    sa.select(m.invoice_id, sa.func.sum(m.amount))
                    .where(m.invoice_id.in_(mine))
                    .group_by(m.invoice_id)
                ).all()
            )
            for m in (Allocation, CreditNote)
        )
        for invoice in invoices:
            assert (invoice.paid, invoice.credited) == (
                paid.get(invoice.id, 0),
                noted.get(invoice.id, 0),
            )
            settled = invoice.paid + invoice.credited
            derived = (
                InvoiceState.PAID
                if settled == invoice.amount
                else InvoiceState.PARTLY_PAID
                if invoice.paid
                else InvoiceState.ISSUED
            )
            assert (
                invoice.state in {InvoiceState.VOID, InvoiceState.CREDITED}
                or invoice.state is derived
            )
        self._replay(session)

    def _replay(self, session: ChamberSession) -> None:
        """What the audit tells of each application leads to where it stands.

        Who is admitted is a member once, and nobody else.
        """
        applications = session.scalars(
            sa.select(Application).where(Application.enterprise_id == self.owner)
        ).all()
        told = sa.select(AuditEvent.subject_id, AuditEvent.action).where(
            AuditEvent.subject_id.in_([a.id for a in applications]), AuditEvent.action.in_(LEADS_TO)
        )
        last = dict(session.execute(told.order_by(AuditEvent.id)).all())
        assert {a.id: a.state for a in applications} == {
            subject: LEADS_TO[action] for subject, action in last.items()
        }
        admitted = sorted(a.id for a in applications if a.state is ApplicationState.ADMITTED)
        assert (
            sorted(
                session.scalars(
                    sa.select(Membership.application_id).where(
                        Membership.enterprise_id == self.owner
                    )
                )
            )
            == admitted
        )
        assert len(admitted) <= 1


def _numbers_have_no_gap(session: ChamberSession) -> int:
    count = 0
    for column in (Invoice.number, CreditNote.number, Membership.number, Application.number):
        numbers = sorted(
            int(number[-5:])
            for number in session.scalars(sa.select(column).where(column.is_not(None)))
        )
        assert numbers == list(range(1, len(numbers) + 1))
        count += len(numbers)
    return count


def test_the_books_are_true_after_every_step(
    house: House, full: bool, figure: Callable[[str], None]
) -> None:
    histories, steps, refused = (1_000, 50, 0) if full else (6, 40, 0)
    for number in range(1, histories + 1):
        history = History(house, number)
        for _ in range(steps):
            history.step()
        refused += history.refused
    assert [line for line, fault in verify(house.world) if fault] == []
    with house.doors.chamber(house.jia.id) as session:
        numbered = _numbers_have_no_gap(session)
        undone, members = (
            session.scalar(sa.select(sa.func.count(model.id)))
            for model in (PaymentUndoing, Membership)
        )
    told = (
        f"the ledger balances after each, {numbered} numbers without a gap, {members} "
        f"members, {undone} payments undone, {refused} acts refused by a rule"
    )
    figure(f"{histories} histories of {steps} steps: {told}")
