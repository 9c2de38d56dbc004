"""Seven real schedules in CNY (facts from their public pages) can be entered and give the invoices
that their rules imply.
"""

import datetime as dt
from dataclasses import dataclass, field

import pytest

from portal.governance.bodies.rules import Vote
from portal.governance.resolutions.services import Decision
from portal.members.enterprises.models import Enterprise, EnterpriseKind
from portal.members.enterprises.services import Identity, ensure_enterprise
from portal.members.membership.models import Grade
from portal.members.membership.queries import list_grades
from portal.members.offices.services import add_office, give_office
from portal.money.dues.models import Proration
from portal.money.dues.queries import find_charge_of
from portal.money.dues.services.charging import raise_first_invoice
from portal.money.dues.services.schedules import RatePlan, Terms, adopt_schedule, enter_schedule
from portal.money.invoices.models import Invoice
from portal.money.invoices.services.raising import Addressee
from portal.tenancy.session import ChamberSession
from tests.cast import House, apply_through_pages, invented_uscc
from tests.scenes import approve_through_pages, charge_of


@dataclass(frozen=True)
class Real:
    """Yuan a year by office, of an ordinary member, joining fees, terms of four years.

    And how who joins within the year is charged.
    """

    source: str
    offices: dict[str, int]
    member: int
    terms: Terms = field(default_factory=Terms)
    fees: dict[str, int] = field(default_factory=dict)
    four_years: dict[str, int] = field(default_factory=dict)
    member_four_years: int = 0


REAL = (
    Real("nxzljsxh.com", {"会长单位": 10_000, "常务理事单位": 6_000, "理事单位": 4_000}, 2_000),
    Real("lnahsh.com", {"会长": 50_000, "副会长": 10_000, "理事": 3_000}, 1_000),
    Real(
        "cdzgsh.cn",
        {"会长单位": 50_000, "常务副会长单位": 30_000, "副会长单位": 20_000, "理事单位": 10_000},
        5_000,
        Terms(due=(6, 30)),
    ),
    Real(
        "szpjsh.org",
        {"会长单位": 15_000, "常务副会长单位": 10_000, "副会长单位": 5_000, "理事单位": 2_500},
        1_000,
    ),
    Real(
        "gztcyj.tw",
        {
            "会长": 50_000,
            "第一常务副会长": 30_000,
            "常务副会长": 20_000,
            "副会长": 6_000,
            "监事会主席": 4_000,
            "理事/监事": 2_000,
        },
        1_000,
        Terms(due=(4, 30)),
    ),
    Real(
        "tzcqsh.com",
        {"会长": 50_000, "监事长": 22_000, "常务副会长": 20_000, "副会长": 10_000, "理事": 3_000},
        1_000,
        Terms(proration=Proration.HALF_YEAR, due=(6, 30)),
        fees={"会长": 50_000, "监事长": 32_000, "常务副会长": 30_000, "副会长": 20_000},
    ),
    Real(
        "cpwlx.com",
        {},
        2_500,
        four_years={"理事": 16_000, "副会长": 30_000, "常务副会长": 40_000, "会长": 50_000},
        member_four_years=8_000,
    ),
)


def _enter(house: House, session: ChamberSession, real: Real) -> tuple[Grade, dict[str, object]]:
    actor, grade = house.actor(session, "secretary"), list_grades(session)[1]
    rates = [RatePlan(real.member * 100, grade_id=grade.id)]
    if real.member_four_years:
        rates.append(RatePlan(real.member_four_years * 100, grade_id=grade.id, years=4))
    offices = {
        name: add_office(session, name_zh=name, name_en=name, actor=actor)
        for name in real.offices | real.four_years
    }
    session.flush()
    for name, office in offices.items():
        years = 4 if name in real.four_years else 1
        amount = (real.four_years | real.offices)[name]
        rates.append(
            RatePlan(
                amount * 100,
                office_id=office.id,
                years=years,
                joining_fee=real.fees.get(name, 0) * 100,
            )
        )
    schedule = enter_schedule(
        session,
        name=real.source,
        in_force_from=dt.date(2026, 1, 1),
        rates=rates,
        terms=real.terms,
        actor=actor,
    )
    adopt_schedule(
        session,
        schedule,
        Decision("决议", dt.date(2025, 12, 1), vote=Vote(90, 60, 60), secret_ballot=True),
        actor=actor,
    )
    return grade, dict(offices)


def _enterprise(house: House, session: ChamberSession, number: int) -> Enterprise:
    identity = Identity(
        invented_uscc(number),
        f"企业{number}有限公司",
        EnterpriseKind.PRIVATE,
        "张三",
        1,
        "C13",
        "4403",
        "x",
        None,
    )
    return ensure_enterprise(session, identity, actor=house.actor(session, "membership"))


def _raise(
    house: House,
    session: ChamberSession,
    enterprise: Enterprise,
    grade: Grade,
    on: dt.date,
    years: int | None = None,
) -> Invoice:
    return raise_first_invoice(
        session,
        enterprise,
        grade,
        Addressee("x", "x@y.example"),
        on=on,
        years=years,
        actor=house.actor(session, "finance"),
    )


@pytest.mark.parametrize("real", REAL, ids=lambda r: r.source)
def test_a_real_schedule_gives_its_invoices(house: House, real: Real) -> None:
    spring, autumn = dt.date(2026, 3, 1), dt.date(2026, 6, 15)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        grade, offices = _enter(house, session, real)
        plain = _raise(house, session, _enterprise(house, session, 1), grade, spring)
        assert plain.amount == real.member * 100
        assert plain.due_on == (
            dt.date(2026, *real.terms.due)
            if real.terms.due and dt.date(2026, *real.terms.due) > autumn
            else dt.date(2026, 7, 15)
        )
        for number, (name, office) in enumerate(offices.items(), 2):
            holder = _enterprise(house, session, number)
            give_office(
                session,
                office,
                holder,
                held_by="张三",
                from_on=dt.date(2026, 1, 1),
                until_on=None,
                actor=house.actor(session, "secretary"),
            )  # type: ignore[arg-type]
            session.flush()
            expected = (real.four_years | real.offices)[name] + real.fees.get(name, 0)
            invoice = _raise(house, session, holder, grade, spring)
            assert invoice.amount == expected * 100, name
            charge = find_charge_of(session, invoice.id)
            assert charge is not None
            assert charge.covers_until == dt.date(2029 if name in real.four_years else 2026, 12, 31)
        if real.member_four_years:
            assert (
                _raise(
                    house, session, _enterprise(house, session, 90), grade, spring, years=4
                ).amount
                == real.member_four_years * 100
            )


def test_joining_after_june_is_half_where_the_schedule_says_so(house: House) -> None:
    house.clock.at = dt.datetime(2026, 7, 1, 4, tzinfo=dt.UTC)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        grade, _ = _enter(house, session, REAL[5])
        assert (
            _raise(
                house, session, _enterprise(house, session, 1), grade, dt.date(2026, 6, 30)
            ).amount
            == 100_000
        )
        late = _raise(house, session, _enterprise(house, session, 2), grade, dt.date(2026, 7, 1))
        assert late.amount == 50_000
        assert late.due_on == dt.date(2026, 7, 31)


def test_an_applicant_chooses_between_a_year_and_a_term(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        grade, _ = _enter(house, session, REAL[6])
    assert "for 4 yr" in house.browser().get("/apply").text
    _, application = apply_through_pages(house, 1, grade=f"{grade.id}:4")
    invoice = approve_through_pages(house, application)
    assert (invoice.amount, charge_of(house, invoice).covers_until) == (
        800_000,
        dt.date(2029, 12, 31),
    )
