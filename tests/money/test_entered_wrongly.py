"""What finance entered wrongly is put right.

Dues of the wrong time, suspensions, credit that was used, refunds, admissions whose money never
came.
"""

import datetime as dt

import pytest
import sqlalchemy as sa

from portal.foundation.errors import InvalidInput
from portal.governance.bodies.rules import Vote
from portal.governance.resolutions.services import Decision
from portal.jobs.models import Mail
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Membership, MembershipPaper
from portal.members.membership.queries import find_open_membership, list_grades
from portal.members.offices.models import Office
from portal.members.offices.services import add_office, give_office
from portal.money.dues.models import DuesSuspension, Period, Proration
from portal.money.dues.queries import find_charge_of, list_rates
from portal.money.dues.services.charging import raise_dues_of_year
from portal.money.dues.services.schedules import RatePlan, Terms, adopt_schedule, enter_schedule
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.invoices.services.raising import Addressee
from portal.money.ledger.queries import credit_of
from portal.money.payments.models import Payment, Refund, RefundState
from portal.operations.verify import verify
from portal.papers.issuing.models import IssuedPaper
from tests.cast import House, invented_uscc
from tests.roll.by_hand import enter_by_hand
from tests.scenes import application_of, charge_of, invoice_of, invoices_of_year, pay_through_pages

pytestmark = [pytest.mark.both_databases, pytest.mark.stage("three_approved")]
REASON = {"reason": "开错了"}
MONEY = {"channel": "bank_transfer", "received_on": "2026-06-15", "payer": "付款人"}


@pytest.fixture
def invoices(house: House) -> list[Invoice]:
    """The open invoices of three enterprises, of 2,000 yuan each."""
    return [
        invoice_of(house, "jia", application_of(house, "jia", invented_uscc(number)).id)
        for number in (1, 2, 3)
    ]


def _all(house: House, model: type, **columns: object) -> list[object]:
    with house.doors.chamber(house.jia.id) as session:
        return list(session.scalars(sa.select(model).filter_by(**columns).order_by(model.id)))  # type: ignore[attr-defined]


def _sums(house: House, invoice: Invoice) -> tuple[InvoiceState, int, int]:
    with house.doors.chamber(house.jia.id) as session:
        found = session.fetch(Invoice, invoice.id)
        return found.state, found.open_amount, credit_of(session, found.party_id)


def _adopt(house: House, begins: dt.date, terms: Terms, *amounts: tuple[int, int]) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        finance, grade = house.actor(session, "finance"), list_grades(session)[1]
        rates = [
            RatePlan(amount * 100, grade_id=grade.id, years=years, joining_fee=50_000)
            for years, amount in amounts
        ]
        schedule = enter_schedule(
            session,
            name=f"标准{begins}",
            in_force_from=begins,
            rates=rates,
            terms=terms,
            actor=finance,
        )
        adopt_schedule(
            session,
            schedule,
            Decision("决议", dt.date(2025, 12, 1), vote=Vote(3, 3, 3), secret_ballot=True),
            actor=finance,
        )


def test_a_certificate_holds_no_longer_than_the_money_it_was_given_for(
    house: House, invoices: list[Invoice]
) -> None:
    pay_through_pages(house, invoices[0], "2,000", "WRONG")
    finance, stranger, (payment,) = house.browser("finance"), house.browser(), _all(house, Payment)
    (first,) = _all(house, IssuedPaper, kind=MembershipPaper.CERTIFICATE)
    assert finance.send(f"/billing/payments/{payment.id}/undo", **REASON).status_code == 302  # type: ignore[attr-defined]
    house.work()
    assert "no longer holds" in stranger.get(f"/check/{first.check_word}").text  # type: ignore[attr-defined]
    assert "is open" in finance.get(f"/enterprises/{invoices[0].party_id}").text
    (told,) = _all(house, Mail, template="billing/receipt_void")
    assert (told.to_address, told.context["open_amount"]) == (invoices[0].notify_email, 200_000)  # type: ignore[attr-defined]
    pay_through_pages(house, invoices[0], "2,000", "RIGHT")
    _, again = _all(house, IssuedPaper, kind=MembershipPaper.CERTIFICATE)
    assert again.number == f"{first.number}-2"  # type: ignore[attr-defined]
    assert "no longer holds" not in stranger.get(f"/check/{again.check_word}").text  # type: ignore[attr-defined]


def test_a_suspension_is_taken_back_and_its_invoice_of_nothing_made_void(
    house: House, invoices: list[Invoice]
) -> None:
    pay_through_pages(house, invoices[0])
    finance, account = house.browser("finance"), f"/billing/accounts/{invoices[0].party_id}/dues"
    finance.send(
        "/settings/dues/suspend", from_on="2027-01-01", until_on="2027-12-31", resolution="决议"
    )
    assert finance.send(account, year="2027").status_code == 302
    (nothing,) = invoices_of_year(house, 2027)
    assert nothing.state is InvoiceState.PAID  # type: ignore[attr-defined]
    assert "Nothing is owed" in finance.get(f"/billing/invoices/{nothing.id}").text  # type: ignore[attr-defined]
    (suspension,) = _all(house, DuesSuspension)
    address = f"/settings/dues/suspensions/{suspension.id}/take-back"  # type: ignore[attr-defined]
    assert house.browser("membership").send(address).status_code == 403
    assert [finance.send(address).status_code for _ in range(2)] == [302, 409]
    assert finance.send(f"/billing/invoices/{nothing.id}/void", **REASON).status_code == 302  # type: ignore[attr-defined]
    assert finance.send(account, year="2027").status_code == 302
    assert [i.amount for i in invoices_of_year(house, 2027)] == [0, 200_000]  # type: ignore[attr-defined]
    assert (
        finance.send(
            "/settings/dues/suspend", from_on="2027-01-01", until_on="2027-12-31", resolution="决议"
        ).status_code
        == 302
    )


def test_dues_begin_with_the_day_of_joining(house: House, invoices: list[Invoice]) -> None:
    pay_through_pages(house, invoices[0])
    finance, account = house.browser("finance"), f"/billing/accounts/{invoices[0].party_id}/dues"
    assert "joined on" in finance.send(account, year="2025").text
    assert (
        finance.send(
            f"/billing/invoices/{invoices[0].id}/credit-note", amount="2,000", seen="0", **REASON
        ).status_code
        == 302
    )
    _adopt(house, dt.date(2026, 1, 1), Terms(proration=Proration.MONTHLY), (1, 1_200))
    assert finance.send(account, year="2026").status_code == 302
    *_, again = invoices_of_year(house, 2026, party_id=invoices[0].party_id)
    assert (again.amount, charge_of(house, again).covers_from) == (70_000, dt.date(2026, 6, 15))  # type: ignore[attr-defined]
    assert "¥1,200.00 × 7/12" in finance.get(f"/billing/invoices/{again.id}").text  # type: ignore[attr-defined]
    assert (
        finance.send(
            f"/billing/invoices/{again.id}/credit-note", amount="700", seen="0", **REASON
        ).status_code
        == 302
    )  # type: ignore[attr-defined]
    application = application_of(house, "jia", invented_uscc(1))
    officer = house.browser("membership")
    assert "stand in no invoice" in officer.get(f"/applications/{application.id}").text
    assert officer.send(f"/applications/{application.id}/invoice").status_code == 302
    assert invoice_of(house, "jia", application.id).amount == 120_000, (
        "the dues of seven months, and the joining fee"
    )
    assert [line for line, fault in verify(house.world) if fault] == []


def test_the_schedule_of_the_first_day_and_a_term_that_is_chosen(
    house: House, invoices: list[Invoice]
) -> None:
    pay_through_pages(house, invoices[0])
    _adopt(house, dt.date(2026, 12, 1), Terms(), (1, 2_500), (4, 8_000))
    _adopt(house, dt.date(2027, 6, 1), Terms(), (1, 999))
    house.clock.at = dt.datetime(2027, 6, 15, 4, tzinfo=dt.UTC)
    finance, account = house.browser("finance"), f"/billing/accounts/{invoices[0].party_id}/dues"
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enterprise = session.fetch(Enterprise, invoices[0].party_id)
        member, told = find_open_membership(session, enterprise.id), Addressee("x", "x@y.example")
        assert member is not None
        invoice = raise_dues_of_year(
            session,
            enterprise,
            member.grade,
            told,
            2027,
            years=4,
            actor=house.actor(session, "finance"),
        )
        assert (invoice.amount, find_charge_of(session, invoice.id).covers_until) == (
            800_000,
            dt.date(2030, 12, 31),
        ), "as on 1 January, not as today"
        with pytest.raises(InvalidInput):
            raise_dues_of_year(
                session, enterprise, member.grade, told, 2028, actor=house.actor(session, "finance")
            )
    assert 'name="term"' not in finance.get(account).text
    house.clock.at = dt.datetime(2026, 12, 15, 4, tzinfo=dt.UTC)
    assert 'value="4"' in house.browser("finance").get(account).text


def test_credit_that_was_used_is_given_back(house: House, invoices: list[Invoice]) -> None:
    house.prints = True
    pay_through_pages(house, invoices[0], "4,000", "WRONG")
    finance, (payment,) = house.browser("finance"), _all(house, Payment)
    finance.send(f"/billing/accounts/{invoices[0].party_id}/dues", year="2027")
    house.work()
    (later,) = invoices_of_year(house, 2027)
    (mail,) = [
        m
        for m in _all(house, Mail, template="billing/notice_of_dues")
        if m.context["wording"].startswith("2027")
    ]  # type: ignore[attr-defined]
    assert (mail.context["amount"], mail.context["credit"]) == (0, 200_000)  # type: ignore[attr-defined]
    undo, reason = f"/billing/payments/{payment.id}/undo", "这笔转账记错了企业"  # type: ignore[attr-defined]
    stopped = finance.send(undo, reason=reason)
    assert stopped.status_code == 409
    assert reason in stopped.text
    page, back = f"/billing/invoices/{later.id}", f"/billing/invoices/{later.id}/give-credit-back"  # type: ignore[attr-defined]
    assert "Give ¥2,000.00 of credit back" in finance.get(page).text
    assert house.browser("membership").send(back).status_code == 403
    assert [finance.send(back).status_code for _ in range(2)] == [302, 409]
    assert _sums(house, later) == (InvoiceState.ISSUED, 200_000, 200_000)  # type: ignore[arg-type]
    assert finance.send(undo, reason=reason).status_code == 302
    assert _sums(house, invoices[0]) == (InvoiceState.ISSUED, 200_000, 0)
    assert [line for line, fault in verify(house.world) if fault] == []


def test_who_asked_for_a_refund_takes_it_back_and_a_bounced_one_lies_on_account(
    house: House, invoices: list[Invoice]
) -> None:
    pay_through_pages(house, invoices[0], "2,500", "CAME")
    finance, secretary = house.browser("finance"), house.browser("secretary")
    ask = {"amount": "500", "payee": "企业", "payee_account": "6200", **REASON}
    page = f"/billing/accounts/{invoices[0].party_id}/refund"
    assert secretary.send(page, **ask).status_code == 302
    (refund,) = _all(house, Refund)
    address = f"/billing/refunds/{refund.id}"  # type: ignore[attr-defined]
    assert finance.send(f"{address}/decline", **REASON).status_code == 403
    assert "Take the request back" in secretary.get(address).text
    assert secretary.send(f"{address}/decline", **REASON).status_code == 302
    assert _sums(house, invoices[0])[2] == 50_000
    assert "¥500.00" in finance.get("/billing/refunds").text
    assert finance.send(page, **ask).status_code == 302
    _, refund = _all(house, Refund)
    address = f"/billing/refunds/{refund.id}"  # type: ignore[attr-defined]
    assert secretary.send(f"{address}/approve").status_code == 302
    assert "arrived" in finance.send(f"{address}/paid", reference="CAME").text
    assert secretary.send(f"{address}/decline", **REASON).status_code == 302
    assert [r.state for r in _all(house, Refund)] == [RefundState.DECLINED, RefundState.DECLINED]  # type: ignore[attr-defined]
    assert _sums(house, invoices[0])[2] == 50_000


def test_a_line_is_for_the_invoice_it_names_and_lines_are_added(
    house: House, invoices: list[Invoice]
) -> None:
    finance = house.browser("finance")
    line = {"parts-0-number": "2000", "parts-0-amount": ""}
    assert (
        "of no open invoice"
        in finance.send(
            "/billing/payments/record", **MONEY, amount="2,000", reference="R", **line
        ).text
    )
    more = finance.send(
        "/billing/payments/record",
        **MONEY,
        amount="2,000",
        reference="R",
        more="1",
        **{"parts-5-number": invoices[0].number},
    )
    assert more.status_code == 200
    assert 'name="parts-15-number"' in more.text
    assert invoices[0].number in more.text
    assert _all(house, Payment) == []


def test_an_unpaid_invoice_is_made_void_and_not_credited(
    house: House, invoices: list[Invoice]
) -> None:
    finance, address = house.browser("finance"), f"/billing/invoices/{invoices[0].id}"
    assert (
        "make it void"
        in finance.send(f"{address}/credit-note", amount="2,000", seen="0", **REASON).text
    )
    assert (
        finance.send(f"{address}/credit-note", amount="500", seen="0", **REASON).status_code == 302
    )
    assert _sums(house, invoices[0]) == (InvoiceState.ISSUED, 150_000, 0)
    assert "partly paid" not in finance.get(address).text


@pytest.mark.parametrize(
    "words",
    [
        "付款人",
        "ABC 123 456",
        "ａｂｃ１２３４５６".upper(),
        "3456",
        "2,000",
        "测试企业1",
        "JF2026-00001",
    ],
)
def test_a_payment_is_found_by_what_finance_has_at_hand(
    house: House, invoices: list[Invoice], words: str
) -> None:
    pay_through_pages(house, invoices[0], "2,000", "ABC123456")
    pay_through_pages(house, invoices[1], "1", "OTHER")
    page = house.browser("finance").get("/billing/payments", query_string={"q": words}).text
    assert "ABC123456" in page
    assert ("OTHER" in page) is (words == "付款人")
    assert "ABC123456" not in house.browser("finance").get("/billing/payments?from=2026-06-16").text


def _with_office(house: House, terms: Terms, *grade_rates: tuple[int, int]) -> Enterprise:
    """A member entered by hand, and a schedule by which a vice-president owes 10,000 a year.

    (years, yuan) of the grade.
    """
    member = enter_by_hand(
        house, 31, "老会员贸易有限公司", joined="2016-05-04", email="old@enterprise.example"
    )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        finance, grade = house.actor(session, "finance"), list_grades(session)[1]
        office = add_office(
            session,
            name_zh="副会长",
            name_en="Vice-president",
            actor=house.actor(session, "secretary"),
        )
        session.flush()
        rates = [
            RatePlan(1_000_000, office_id=office.id),
            *(
                RatePlan(yuan * 100, grade_id=grade.id, years=years)
                for years, yuan in grade_rates or ((1, 2_000),)
            ),
        ]
        schedule = enter_schedule(
            session,
            name="有职务的标准",
            in_force_from=dt.date(2026, 1, 1),
            rates=rates,
            terms=terms,
            actor=finance,
        )
        adopt_schedule(
            session,
            schedule,
            Decision("决议", dt.date(2025, 12, 1), vote=Vote(3, 3, 3), secret_ballot=True),
            actor=finance,
        )
    return member


def _charge(
    house: House, member: Enterprise, year: int = 2026, years: int | None = None
) -> Invoice:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enterprise, grade = session.fetch(Enterprise, member.id), list_grades(session)[1]
        return raise_dues_of_year(
            session,
            enterprise,
            grade,
            Addressee("x", "x@y.example"),
            year,
            years=years,
            actor=house.actor(session, "finance"),
        )


def _rise(house: House, member: Enterprise, on: dt.date) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        (office,) = session.scalars(sa.select(Office).where(Office.name_zh == "副会长"))
        give_office(
            session,
            office,
            session.fetch(Enterprise, member.id),
            held_by="张三",
            from_on=on,
            until_on=None,
            actor=house.actor(session, "secretary"),
        )


@pytest.mark.parametrize(
    ("proration", "on", "difference", "formula"),
    [
        (Proration.FULL, dt.date(2026, 9, 10), 800_000, ""),
        (Proration.HALF_YEAR, dt.date(2026, 9, 10), 400_000, "× 1/2"),
        (Proration.MONTHLY, dt.date(2026, 9, 10), 266_667, "× 4/12"),
        (Proration.DAILY, dt.date(2026, 12, 31), 2_192, "× 1/365"),
    ],
)
def test_who_rises_within_the_year_pays_the_difference_once(
    house: House, proration: Proration, on: dt.date, difference: int, formula: str
) -> None:
    member = _with_office(house, Terms(proration=proration))
    base = _charge(house, member)
    assert base.amount == 200_000
    _rise(house, member, on)
    page, finance = f"/billing/accounts/{member.id}/supplement", house.browser("finance")
    assert house.browser("membership").send(page, from_on=str(on)).status_code == 403
    early = finance.send(page, from_on="2026-06-15")
    assert early.status_code == 422
    assert "owes no more" in early.text
    assert "raise them" in finance.send(page, from_on="2025-06-15").text
    assert [finance.send(page, from_on=str(on)).status_code for _ in range(2)] == [302, 422]
    _, invoice = _all(house, Invoice, party_id=member.id)
    assert (
        invoice.amount,
        charge_of(house, invoice).supplement,
        charge_of(house, invoice).covers_from,
    ) == (difference, 1, on)  # type: ignore[attr-defined, arg-type]
    shown = finance.get(f"/billing/invoices/{invoice.id}").text  # type: ignore[attr-defined]
    assert "会费补差（普通会员→副会长）" in shown
    assert formula in shown
    under = finance.send(f"/billing/invoices/{base.id}/void", **REASON)
    assert (under.status_code, "Take it back first" in under.text) == (409, True)
    assert finance.send(f"/billing/invoices/{invoice.id}/void", **REASON).status_code == 302  # type: ignore[attr-defined]
    assert finance.send(page, from_on=str(on)).status_code == 302, (
        "and again after it was taken back"
    )
    assert "stand in" in finance.send(f"/billing/accounts/{member.id}/dues", year="2026").text
    assert [line for line, fault in verify(house.world) if fault] == []


def test_a_term_has_one_difference_and_a_discount_is_none(house: House) -> None:
    member = _with_office(house, Terms(), (1, 2_500), (4, 8_000))
    assert charge_of(house, _charge(house, member, years=4)).covers_until == dt.date(2029, 12, 31)
    page, finance = f"/billing/accounts/{member.id}/supplement", house.browser("finance")
    assert "owes no more" in finance.send(page, from_on="2026-06-15").text, (
        "a term at a discount is no lower level"
    )
    _rise(house, member, dt.date(2027, 3, 1))
    assert [
        finance.send(page, from_on=day).status_code
        for day in ("2027-03-01", "2027-03-01", "2028-01-01")
    ] == [302, 422, 422]
    *_, invoice = _all(house, Invoice, party_id=member.id)
    assert (invoice.amount, charge_of(house, invoice).covers_until) == (
        2_400_000,
        dt.date(2029, 12, 31),
    ), "three years of 10,000 less 2,000"  # type: ignore[attr-defined]


def test_where_periods_roll_the_difference_is_of_the_period(house: House) -> None:
    member = _with_office(house, Terms(period=Period.ROLLING))
    base = _charge(house, member)
    _rise(house, member, dt.date(2026, 11, 1))
    finance, page = house.browser("finance"), f"/billing/accounts/{member.id}/supplement"
    assert finance.send(page, from_on="2026-11-01").status_code == 302
    *_, invoice = _all(house, Invoice, party_id=member.id)
    assert (invoice.amount, charge_of(house, invoice).covers_until) == (
        800_000,
        charge_of(house, base).covers_until,
    )  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("joined", "through"),
    [(dt.date(2016, 5, 4), dt.date(2027, 5, 3)), (dt.date(2024, 2, 29), dt.date(2027, 2, 27))],
)
def test_where_periods_roll_one_year_is_one_difference(
    house: House, joined: dt.date, through: dt.date
) -> None:
    member, on = _with_office(house, Terms(period=Period.ROLLING)), dt.date(2026, 11, 1)
    rate = _paid_before(house, member, through, joined)
    if through.month == 2:
        assert charge_of(house, _charge(house, member, 2027)).covers_until == dt.date(2028, 2, 28)
        on = dt.date(2027, 3, 1)
    _rise(house, member, on)
    assert (
        house.browser("finance")
        .send(f"/billing/accounts/{member.id}/supplement", from_on=str(on), charged_by=rate)
        .status_code
        == 302
    )
    *_, invoice = _all(house, Invoice, party_id=member.id)
    assert invoice.amount == 800_000  # type: ignore[attr-defined]


def _paid_before(
    house: House,
    member: Enterprise,
    through: dt.date,
    joined: dt.date | None = None,
    on: dt.date = dt.date(2026, 6, 15),
) -> str:
    """Dues were paid through a day before the portal.

    Returns the id of the grade's amount in the schedule of the day `on`.
    """
    with house.doors.chamber(house.jia.id, writing=True) as session:
        membership = session.scalars(
            sa.select(Membership).where(Membership.enterprise_id == member.id)
        ).one()
        membership.paid_through, membership.joined_on = through, joined or membership.joined_on
        return next(str(rate.id) for rate in list_rates(session, on) if rate.grade_id)


def test_what_was_paid_before_the_portal_is_told_by_its_level(house: House) -> None:
    member = _with_office(house, Terms())
    rate = _paid_before(house, member, dt.date(2026, 12, 31))
    _rise(house, member, dt.date(2026, 9, 1))
    finance, page = house.browser("finance"), f"/billing/accounts/{member.id}/supplement"
    assert "Choose the level" in finance.send(page, from_on="2026-09-01").text
    assert rate in finance.get(page).text
    assert [
        finance.send(page, from_on="2026-09-01", charged_by=rate).status_code for _ in range(2)
    ] == [302, 422]
    (invoice,) = _all(house, Invoice, party_id=member.id)
    assert invoice.amount == 800_000  # type: ignore[attr-defined]


def test_what_was_paid_before_the_portal_until_the_middle_of_a_year_owes_its_part(
    house: House,
) -> None:
    member = _with_office(house, Terms(proration=Proration.DAILY))
    rate = _paid_before(house, member, dt.date(2026, 6, 30))
    _rise(house, member, dt.date(2026, 3, 1))
    finance, account = house.browser("finance"), f"/billing/accounts/{member.id}"
    assert (
        finance.send(f"{account}/supplement", from_on="2026-03-01", charged_by=rate).status_code
        == 302
    )
    assert finance.send(f"{account}/dues", year="2026").status_code == 302
    invoices = _all(house, Invoice, party_id=member.id)
    charges = [charge_of(house, invoice) for invoice in invoices]  # type: ignore[arg-type]
    assert [(c.covers_from, c.covers_until) for c in charges] == [
        (dt.date(2026, 3, 1), dt.date(2026, 6, 30)),
        (dt.date(2026, 7, 1), dt.date(2026, 12, 31)),
    ]
    assert [i.amount for i in invoices] == [267_397, 504_110], (
        "8,000 × 122/365, and 10,000 × 184/365"
    )  # type: ignore[attr-defined]


def test_both_levels_of_a_difference_are_of_one_schedule(house: House) -> None:
    member = _with_office(house, Terms())
    _adopt(house, dt.date(2026, 6, 1), Terms(), (1, 4_000))
    dearer = _paid_before(house, member, dt.date(2026, 12, 31))
    _rise(house, member, dt.date(2026, 9, 1))
    assert (
        house.browser("finance")
        .send(f"/billing/accounts/{member.id}/supplement", from_on="2026-09-01", charged_by=dearer)
        .status_code
        == 302
    )
    (invoice,) = _all(house, Invoice, party_id=member.id)
    assert invoice.amount == 800_000, (
        "10,000 less the 2,000 of the schedule by which the year was charged"
    )  # type: ignore[attr-defined]


def test_first_dues_that_credit_settled_and_gave_back_withhold_the_certificate(
    house: House, invoices: list[Invoice]
) -> None:
    application, finance = application_of(house, "jia", invented_uscc(1)), house.browser("finance")
    uscc = {"owner": invented_uscc(1)}
    assert (
        finance.send(
            "/billing/payments/record", **MONEY, amount="2,000", reference="EARLY", **uscc
        ).status_code
        == 302
    )
    assert finance.send(f"/billing/invoices/{invoices[0].id}/use-credit").status_code == 302
    house.work()
    (certificate,) = _all(house, IssuedPaper, kind=MembershipPaper.CERTIFICATE)
    assert finance.send(f"/billing/invoices/{invoices[0].id}/give-credit-back").status_code == 302
    house.work()
    assert "no longer holds" in house.browser().get(f"/check/{certificate.check_word}").text  # type: ignore[attr-defined]
    assert "dues are open again" in house.browser("membership").get("/my-day").text
    assert finance.send(f"/billing/invoices/{invoices[0].id}/void", **REASON).status_code == 302
    finance.send(f"/billing/accounts/{invoices[0].party_id}/dues", year="2026")
    house.work()
    assert (
        house.browser("membership").send(f"/applications/{application.id}/invoice").status_code
        == 302
    )
    house.work()
    assert [p.number for p in _all(house, IssuedPaper, kind=MembershipPaper.CERTIFICATE)][1:] == [
        f"{certificate.number}-2"
    ], "the charge that stands is paid by the credit"  # type: ignore[attr-defined]
