"""Every line of docs/papers.md.

What takes the ground from a paper reaches the paper, its page, its check page and its PDF.
"""

import datetime as dt
import re
from collections.abc import Callable

import pypdfium2
import pytest
import sqlalchemy as sa

from portal.files.queries import read_file
from portal.governance.meetings.models import Meeting
from portal.governance.meetings.services.meetings import (
    MeetingPlan,
    call_meeting,
    cancel_meeting,
    change_agenda,
    change_meeting,
    print_agenda,
)
from portal.jobs.models import Mail, MailState
from portal.jobs.outbox import enqueue, send_mail
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.services.amending import approve_amendment, correct_enterprise
from portal.members.enterprises.services.identity import Identity
from portal.members.membership.models import Membership, MembershipPaper, MembershipState
from portal.money.dues.queries import list_out_of_step, was_raised_for
from portal.money.dues.services.charging import raise_dues_of_year
from portal.money.invoices.models import Invoice
from portal.money.invoices.services.corrections import issue_credit_note, void_invoice
from portal.money.invoices.services.raising import Addressee
from portal.money.invoices.services.settling import give_credit_back
from portal.money.payments.models import Payment, PaymentMail, PaymentPaper, Refund, RefundState
from portal.money.payments.services.recording import Arrival, Part, record_payment
from portal.money.payments.services.refunds import apply_refund
from portal.money.payments.services.undoing import undo_payment
from portal.papers.issuing.models import PAPER_KINDS, IssuedPaper, PaperStanding, PaperVoid
from portal.papers.issuing.queries import find_rendering, find_void_rendering
from portal.tenancy.actor import SYSTEM
from portal.tenancy.session import ChamberSession
from tests.cast import House
from tests.jobs.killing import ROOT
from tests.roll.by_hand import enter_by_hand
from tests.scenes import council, list_candidates

LISTED = re.findall(
    r"^\| (\w+) \| .+? \| (.+?) \|$",
    (ROOT / "docs" / "papers.md").read_text(encoding="utf-8"),
    re.M,
)[1:]
TO = Addressee("联系人", "x@enterprise.example")
TODAY = dt.date(2026, 6, 15)
Act = Callable[[House], None]


def _in_jia(house: House, act: Callable[[ChamberSession], object]) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        act(session)
    house.work()


def _first(session: ChamberSession, model: type) -> object:
    return session.scalars(sa.select(model).order_by(model.id)).first()  # type: ignore[attr-defined]


def _undo(house: House) -> None:
    _in_jia(
        house,
        lambda s: undo_payment(s, _first(s, Payment), "记错了", actor=house.actor(s, "finance")),
    )  # type: ignore[arg-type]


def _credit(house: House) -> None:
    def act(session: ChamberSession) -> None:
        invoice = session.scalars(sa.select(Invoice)).one()
        issue_credit_note(
            session, invoice, invoice.amount, "退会", actor=house.actor(session, "finance")
        )

    _in_jia(house, act)


def _void(house: House) -> None:
    """A charge that nobody has paid yet is taken back."""

    def act(session: ChamberSession) -> None:
        invoice = _raise(house, session, 2027)
        void_invoice(session, invoice, "开错了", actor=house.actor(session, "finance"))

    _in_jia(house, act)


def _raise(house: House, session: ChamberSession, year: int) -> Invoice:
    member = session.scalars(sa.select(Membership)).one()
    enterprise = session.fetch(Enterprise, member.enterprise_id)
    return raise_dues_of_year(
        session, enterprise, member.grade, TO, year, actor=house.actor(session, "finance")
    )


def _renew(house: House) -> None:
    """The dues of the next year are raised and paid."""

    def act(session: ChamberSession) -> None:
        from tests.locks import off_the_record

        off_the_record(session)
        invoice = _raise(house, session, 2027)
        record_payment(
            session,
            Arrival(TODAY, invoice.amount, "付款人", "R-2027"),
            [Part(invoice, invoice.amount)],
            actor=house.actor(session, "finance"),
        )

    _in_jia(house, act)


def _give_credit_back(house: House) -> None:
    """The charge of the next year is settled from credit, which makes another certificate.

    Then it is given back.
    """

    def act(session: ChamberSession) -> None:
        from tests.locks import off_the_record

        off_the_record(session)
        finance = house.actor(session, "finance")
        member = session.scalars(sa.select(Membership)).one()
        owner = session.fetch(Enterprise, member.enterprise_id)
        record_payment(
            session,
            Arrival(dt.date(2026, 6, 15), 900_000, "付款人", "MORE"),
            [],
            surplus_to=owner,
            actor=finance,
        )
        invoice = _raise(house, session, 2027)
        assert _certificates(session)[-1].snapshot["valid_through"] == "2027-12-31"
        give_credit_back(session, invoice, dt.date(2026, 6, 15), actor=finance)

    _in_jia(house, act)


def _pay_back_online(house: House) -> None:
    """The payment came through Stripe, and goes back the same way."""

    def act(session: ChamberSession) -> None:
        payment = session.scalars(sa.select(Payment)).one()
        refund = Refund(
            party_id=session.scalars(sa.select(Invoice.party_id)).one(),
            amount=payment.amount,
            reason="退款",
            payee="",
            payee_account="",
            payment_id=payment.id,
            state=RefundState.APPROVED,
        )
        session.add(refund)
        session.flush()
        apply_refund(session, refund, reference="re_1", status="succeeded", why="", actor=SYSTEM)

    _in_jia(house, act)


def _leave(house: House) -> None:
    def act(session: ChamberSession) -> None:
        member = session.scalars(sa.select(Membership)).one()
        member.state, member.ended_on = MembershipState.EXITED, dt.date(2026, 6, 15)

    _in_jia(house, act)
    _look_at_members(house)


def _look_at_members(house: House) -> None:
    """The worker's regular look at whose certificate does not say what is so."""
    with house.doors.platform(writing=True) as session:
        enqueue(session, "follow_members")
    house.work()


def _rename(house: House) -> None:
    def act(session: ChamberSession) -> None:
        member = session.scalars(sa.select(Membership)).one()
        enterprise = session.fetch(Enterprise, member.enterprise_id)
        asked = correct_enterprise(
            session,
            enterprise,
            Identity.of(enterprise, name="新名贸易有限公司"),
            reason="更名",
            actor=house.actor(session, "membership"),
        )
        assert asked.amendment is not None
        approve_amendment(session, asked.amendment, actor=house.actor(session, "office"))

    _in_jia(house, act)


def _with_list(change: Callable[[ChamberSession, Meeting, House], object]) -> Act:
    """A meeting is called and its list printed; then something becomes of it."""

    def play(house: House) -> None:
        from tests.cast import apply_through_pages

        _, application = apply_through_pages(house, 9)
        house.browser("membership").send(f"/applications/{application.id}/approve")

        def act(session: ChamberSession) -> None:
            from tests.locks import off_the_record

            off_the_record(session)
            actor = house.actor(session, "membership")
            plan = MeetingPlan("会", house.clock.at.date())
            meeting = call_meeting(
                session,
                council(session),
                plan,
                [step.id for _, step in list_candidates(session)],
                actor=actor,
            )
            session.flush()
            print_agenda(session, meeting, actor=actor)
            change(session, meeting, house)

        _in_jia(house, act)

    return play


ENDINGS: dict[tuple[str, str], Act] = {
    ("dues_notice", "invoice made void"): _void,
    ("dues_notice", "invoice credited whole"): _credit,
    ("receipt", "payment undone"): _undo,
    ("receipt", "online payment paid back whole"): _pay_back_online,
    ("certificate", "last day passed"): lambda house: setattr(
        house.clock, "at", dt.datetime(2027, 3, 1, 4, tzinfo=dt.UTC)
    ),
    ("certificate", "payment undone"): _undo,
    ("certificate", "credit given back"): _give_credit_back,
    ("certificate", "invoice credited whole"): _credit,
    ("certificate", "exit"): _leave,
    ("certificate", "change of name"): _rename,
    ("candidates", "meeting cancelled"): _with_list(
        lambda s, m, h: cancel_meeting(s, m, actor=h.actor(s, "membership"))
    ),
    ("candidates", "agenda changed"): _with_list(
        lambda s, m, h: change_agenda(s, m, [], actor=h.actor(s, "membership"))
    ),
    ("candidates", "meeting moved"): _with_list(
        lambda s, m, h: change_meeting(
            s, m, MeetingPlan("会", dt.date(2026, 6, 20)), actor=h.actor(s, "membership")
        )
    ),
}


def _certificates(session: ChamberSession) -> list[IssuedPaper]:
    query = (
        sa.select(IssuedPaper)
        .where(IssuedPaper.kind == MembershipPaper.CERTIFICATE)
        .order_by(IssuedPaper.id)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _told(house: House, session: ChamberSession | None = None) -> list[tuple[str, str]]:
    """The days of the certificates that are not void."""
    if session is None:
        with house.doors.chamber(house.jia.id) as reading:
            return _told(house, reading)
    return [
        (paper.snapshot["valid_from"], paper.snapshot["valid_through"])
        for paper in _certificates(session)
        if paper.void is None
    ]


def test_the_list_names_every_paper_and_every_ending_is_played() -> None:
    assert {kind for kind, _ in LISTED} == set(PAPER_KINDS)
    assert {line for line in LISTED if line[1] != "nothing"} == set(ENDINGS)


@pytest.mark.stage("one_admitted")
@pytest.mark.both_databases
@pytest.mark.parametrize("line", sorted(ENDINGS), ids=" ".join)
def test_what_ends_a_paper_reaches_it(house: House, line: tuple[str, str]) -> None:
    kind, _ = line
    ENDINGS[line](house)
    today = house.clock.at.date()
    with house.doors.chamber(house.jia.id) as session:
        papers = session.scalars(
            sa.select(IssuedPaper)
            .where(IssuedPaper.kind == PAPER_KINDS[kind])
            .order_by(IssuedPaper.id)
        ).all()
        ended = [paper for paper in papers if paper.standing(today) is not PaperStanding.HOLDS]
        words = [paper.check_word for paper in (ended or papers) if paper.check_word]
    assert ended
    for word in words:
        page = house.browser().get(f"/check/{word}").text
        assert "no longer hold" in page
        assert "and holds." not in page


@pytest.mark.stage("one_admitted")
def test_the_pdf_of_a_void_paper_says_so_and_the_old_bytes_are_shown_to_nobody(
    house: House,
) -> None:
    house.prints = True
    house.clock.at += dt.timedelta(days=3_651)
    house.work()
    house.clock.at -= dt.timedelta(days=3_651)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        undo_payment(
            session, _first(session, Payment), "记错了", actor=house.actor(session, "finance")
        )  # type: ignore[arg-type]
        paper = session.scalars(
            sa.select(IssuedPaper).where(IssuedPaper.kind == PaymentPaper.RECEIPT)
        ).one()
        assert find_rendering(session, paper.id) is not None
    assert house.browser("finance").get(f"/papers/{paper.id}.pdf").status_code == 202, (
        "the marked one is being made"
    )
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        rendering = find_void_rendering(session, paper.id)
        assert rendering is not None
        data = read_file(house.world.store, rendering.file)
    text = pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()
    assert "作废" in text.replace(" ", "")
    answer = house.browser("finance").get(f"/papers/{paper.id}.pdf")
    assert answer.status_code == 200
    assert answer.data == data


@pytest.mark.stage("one_admitted")
@pytest.mark.both_databases
def test_a_renewal_brings_another_certificate_and_the_day_decides_which_holds(house: House) -> None:
    """The check page of the certificate through 2026 says on 1 March 2027 that it is over.

    That of the renewal holds.
    """

    _renew(house)
    with house.doors.chamber(house.jia.id) as session:
        told = [
            (paper.number, paper.snapshot["valid_through"], paper.check_word)
            for paper in _certificates(session)
        ]
        assert session.scalars(sa.select(PaperVoid)).all() == []
    assert [line[:2] for line in told] == [
        ("ZS-000001", "2026-12-31"),
        ("ZS-000001-2", "2027-12-31"),
    ]
    house.clock.at = dt.datetime(2026, 12, 31, 15, 59, 59, tzinfo=dt.UTC)
    assert all("and holds." in house.browser().get(f"/check/{word}").text for *_, word in told), (
        "31 December 23:59 in Shanghai"
    )
    house.clock.at = dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)
    first, second = (house.browser().get(f"/check/{word}").text for *_, word in told)
    assert "no longer holds" in first
    assert "and holds." in second


@pytest.mark.stage("one_admitted")
@pytest.mark.both_databases
def test_the_same_money_recorded_again_is_followed_by_another_certificate(house: House) -> None:
    _undo(house)
    with house.doors.chamber(house.jia.id) as session:
        assert [paper.standing(dt.date(2026, 6, 15)) for paper in _certificates(session)] == [
            PaperStanding.VOID
        ]
        invoice = session.scalars(sa.select(Invoice)).one()

    def pay(session: ChamberSession) -> None:
        known = session.fetch(Invoice, invoice.id)
        part = Part(known, known.amount)
        record_payment(
            session,
            Arrival(dt.date(2026, 6, 15), known.amount, "付款人", "AGAIN"),
            [part],
            actor=house.actor(session, "finance"),
        )

    _in_jia(house, pay)
    with house.doors.chamber(house.jia.id) as session:
        assert [(p.number, p.standing(dt.date(2026, 6, 15))) for p in _certificates(session)][
            -1
        ] == ("ZS-000001-2", PaperStanding.HOLDS)


@pytest.mark.stage("one_admitted")
@pytest.mark.both_databases
def test_a_refund_that_fails_after_all_brings_another_receipt(house: House) -> None:
    _pay_back_online(house)

    def fail(session: ChamberSession) -> None:
        refund = session.scalars(sa.select(Refund)).one()
        apply_refund(session, refund, reference="re_1", status="failed", why="closed", actor=SYSTEM)

    with house.doors.chamber(house.jia.id) as session:
        assert (
            len(
                session.scalars(
                    sa.select(Mail).where(Mail.template == "billing/receipt_void")
                ).all()
            )
            == 1
        ), "whoever had it is told"
    for _ in range(2):
        _in_jia(house, fail)
    with house.doors.chamber(house.jia.id) as session:
        receipts = session.scalars(
            sa.select(IssuedPaper)
            .where(IssuedPaper.kind == PaymentPaper.RECEIPT)
            .order_by(IssuedPaper.number)
        ).all()
        assert [(paper.number, paper.standing(TODAY)) for paper in receipts] == [
            ("SJ2026-00001", PaperStanding.VOID),
            ("SJ2026-00002", PaperStanding.HOLDS),
        ]
        assert receipts[0].snapshot["lines"] == receipts[1].snapshot["lines"]


@pytest.mark.stage("one_admitted")
@pytest.mark.both_databases
def test_a_mail_that_waits_does_not_bring_a_paper_that_became_void(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        paper = session.scalars(
            sa.select(IssuedPaper).where(IssuedPaper.kind == PaymentPaper.RECEIPT)
        ).one()
        rendering = find_rendering(session, paper.id)
        assert rendering is not None
        waiting = send_mail(
            session,
            PaymentMail.RECEIPT,
            to="x@enterprise.example",
            attachment_file_id=rendering.file_id,
        )
        undo_payment(
            session, _first(session, Payment), "记错了", actor=house.actor(session, "finance")
        )  # type: ignore[arg-type]
        session.refresh(waiting)
        assert (waiting.state, waiting.fault) == (
            MailState.FAILED,
            "the paper that it brings is void",
        )
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        assert session.fetch(Mail, waiting.id).state is MailState.FAILED


@pytest.mark.stage("one_admitted")
@pytest.mark.both_databases
def test_this_year_paid_again_has_its_certificate_beside_that_of_the_next(house: House) -> None:
    """The next year's certificate stands when this year's payment is undone, and hides no day of it
    when it is recorded anew.
    """

    def pay_again(session: ChamberSession) -> None:
        invoice = session.scalars(sa.select(Invoice).where(was_raised_for(2026))).one()
        record_payment(
            session,
            Arrival(TODAY, invoice.amount, "付款人", "AGAIN"),
            [Part(invoice, invoice.amount)],
            actor=house.actor(session, "finance"),
        )

    _renew(house)
    _undo(house)
    assert _told(house) == [("2027-01-01", "2027-12-31")]
    _in_jia(house, pay_again)
    assert _told(house) == [("2027-01-01", "2027-12-31"), ("2026-06-15", "2027-12-31")]


@pytest.mark.stage("one_admitted")
@pytest.mark.both_databases
def test_a_charge_settled_by_half_money_and_half_a_credit_note_brings_its_certificate(
    house: House,
) -> None:
    _undo(house)

    def act(session: ChamberSession) -> None:
        from tests.locks import off_the_record

        off_the_record(session)
        invoice, finance = (
            session.scalars(sa.select(Invoice)).one(),
            house.actor(session, "finance"),
        )
        half = invoice.amount // 2
        record_payment(
            session, Arrival(TODAY, half, "付款人", "HALF"), [Part(invoice, half)], actor=finance
        )
        assert _told(house, session) == []
        issue_credit_note(session, invoice, invoice.amount - half, "减免", actor=finance)

    _in_jia(house, act)
    assert _told(house) == [("2026-06-15", "2026-12-31")]


@pytest.mark.stage("one_admitted")
@pytest.mark.both_databases
def test_a_member_without_the_certificate_of_a_paid_day_is_found(house: House) -> None:
    """As an installation may hold some from before certificates followed the money."""
    with house.doors.chamber(house.jia.id, writing=True) as session:
        member = session.scalars(sa.select(Membership)).one()
        member.paid_through = dt.date(2027, 3, 31)
    house.clock.at = dt.datetime(2027, 2, 1, 4, tzinfo=dt.UTC)
    with house.doors.chamber(house.jia.id) as session:
        assert list_out_of_step(session, dt.date(2026, 12, 31)) == []
        assert list_out_of_step(session, dt.date(2027, 2, 1)) == [member.enterprise_id]
        assert list_out_of_step(session, dt.date(2027, 4, 1)) == []
    _look_at_members(house)
    with house.doors.chamber(house.jia.id) as session:
        assert list_out_of_step(session, dt.date(2027, 2, 1)) == []


@pytest.mark.both_databases
def test_a_member_entered_by_hand_has_a_certificate_for_the_days_it_paid(house: House) -> None:
    enter_by_hand(
        house,
        31,
        "老会员贸易有限公司",
        joined="2016-05-04",
        email="old@enterprise.example",
        paid="2026-12-31",
    )
    with house.doors.chamber(house.jia.id) as session:
        told = [
            (paper.snapshot["valid_from"], paper.snapshot["valid_through"])
            for paper in _certificates(session)
        ]
    assert told == [("2016-05-04", "2026-12-31")]
