"""Filling the demo.

Settings, people and applications through the services, the past in bulk.
"""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from portal.accounts.models import Person
from portal.accounts.passwords import hash_password
from portal.accounts.queries import list_departments
from portal.accounts.services.appointments import appoint
from portal.accounts.services.people import ensure_person
from portal.accounts.services.representing import add_representation
from portal.admission.applications.models import QuestionKind
from portal.admission.applications.services.asking import QuestionPlan, add_question
from portal.admission.applications.services.documents import publish_document
from portal.desks.chamber_settings.services import change_settings, set_seal
from portal.files.storing import Upload, store_upload
from portal.foundation.clock import day_in
from portal.governance.bodies.models import COUNCIL
from portal.governance.bodies.queries import body_of_code
from portal.governance.bodies.rules import Vote
from portal.governance.bodies.services import seat_office
from portal.governance.resolutions.queries import list_resolutions_of
from portal.governance.resolutions.services import Decision, publish_resolution
from portal.members.enterprises.rules.uscc import check_sign
from portal.members.membership.models import Announcement
from portal.members.membership.queries import list_grades
from portal.members.offices.services import add_office
from portal.money.dues.models import Proration
from portal.money.dues.queries import list_terms
from portal.money.dues.services.schedules import RatePlan, Terms, adopt_schedule, enter_schedule
from portal.operations.create import create_chamber, founder
from portal.operations.demo.desk import unfold_desk
from portal.operations.demo.history import History, joined_lately
from portal.operations.demo.invented import Invented, companies, seal
from portal.operations.demo.money import unfold_money
from portal.operations.demo.present import NEWCOMERS, Plan, Present, as_staff
from portal.operations.demo.roll import unfold_roll
from portal.tenancy.actor import SYSTEM, Actor, Rank
from portal.tenancy.chambers import settings_of
from portal.tenancy.session import ChamberSession
from portal.web.world import World

PASSWORD = "huiguan-demo"
STAFF = (
    ("membership", "周会员", "HYB", Rank.OFFICER),
    ("membership-clerk", "吴干事", "HYB", Rank.CLERK),
    ("finance", "郑财务", "CWB", Rank.HEAD),
    ("office", "王办公", "BGS", Rank.HEAD),
    ("rights", "冯权益", "QYB", Rank.HEAD),
)
CHARTER = """第一章 总则
第一条 本会是由企业自愿结成的非营利性社会团体。
第二条 本会遵守国家法律法规，维护会员合法权益，促进行业自律与交流。

第二章 会员
第三条 申请加入本会的企业，应当拥护本会章程，有加入本会的意愿，并在本行业领域内具有一定的影响。
第四条 会员入会的程序：提交入会申请；经理事会审议通过；缴纳会费；由本会发给会员证书。
第五条 会员退会应当书面通知本会并交回会员证书，已缴会费不予退还。"""
FEES = (100_000, 300_000, 600_000, 1_000_000)
QUESTIONS = (
    QuestionPlan(
        QuestionKind.REFEREE,
        "介绍会员（会员编号、名称或代码）",
        "Recommended by (member number, name or code)",
        "由本会会员介绍入会的，请填写",
        "Where a member recommends you",
        required=False,
    ),
    QuestionPlan(
        QuestionKind.PARAGRAPH,
        "企业简介",
        "About the enterprise",
        "主营业务、人数、所获荣誉",
        "Business, staff, honours",
        required=False,
    ),
    QuestionPlan(
        QuestionKind.CHOICE,
        "希望获得的服务",
        "What do you hope for?",
        choices=("市场对接", "政策咨询", "法律援助", "培训交流"),
        required=False,
    ),
    QuestionPlan(
        QuestionKind.PAPER,
        "上年度审计报告",
        "Audit report of last year",
        "PDF或照片",
        "PDF or photo",
        required=False,
    ),
)
OFFICES = {
    ("会长", "President"): 5_000_000,
    ("常务副会长", "Executive vice-president"): 3_000_000,
    ("副会长", "Vice-president"): 2_000_000,
    ("理事", "Council member"): 1_000_000,
}


PLANS = (
    Plan(
        "yunze",
        "云泽市跨境贸易商会",
        "Yunze Cross-border Trade Chamber of Commerce",
        "云泽",
        "4403",
        "#8c2f22",
        11,
        "本会由云泽市从事跨境贸易、物流与供应链的企业共同发起，服务会员、维护权益、促进合作。",
    ),
    Plan(
        "chengwan",
        "澄湾区智造产业商会",
        "Chengwan Smart Manufacturing Chamber of Commerce",
        "澄湾",
        "3302",
        "#1f4e5f",
        27,
        "本会聚合澄湾区的装备、材料与电子制造企业，搭建产业协作与权益保障的平台。",
    ),
)


def fill(world: World, *, members: int = 300, plans: Sequence[Plan] = PLANS) -> None:
    """Makes the demo's chambers in an empty installation."""
    hashed = hash_password(PASSWORD)
    for plan in plans:
        secretary = f"secretary@{plan.slug}.example"
        chamber = create_chamber(
            world.doors,
            slug=plan.slug,
            name_zh=plan.name_zh,
            name_en=plan.name_en,
            secretary_name="陈秘书长",
            secretary_email=secretary,
        )
        with world.doors.chamber(chamber.id, writing=True) as session:
            _furnish(session, world, plan, hashed)
        invented = companies(plan.seed, plan.place, plan.region, members + NEWCOMERS)
        with world.doors.chamber(chamber.id, writing=True) as session:
            _past(session, plan, invented[:members], hashed)
        present = Present(world, chamber.id, plan, invented[members:])
        present.unfold()
        with world.doors.chamber(chamber.id, writing=True) as session:
            unfold_money(
                session,
                as_staff(session, f"finance@{plan.slug}.example"),
                as_staff(session, secretary),
            )
        with world.doors.chamber(chamber.id, writing=True) as session:
            unfold_desk(present, session, as_staff(session, secretary))
            unfold_roll(world, session, plan.slug)


def _furnish(session: ChamberSession, world: World, plan: Plan, hashed: str) -> None:
    setup = founder(session)
    departments = {d.code: d for d in list_departments(session)}
    for name, person, code, rank in STAFF:
        appoint(
            session,
            email=f"{name}@{plan.slug}.example",
            name=person,
            department=departments[code],
            rank=rank,
            from_on=dt.date(2020, 1, 1),
            actor=setup,
        )
    for known in session.scalars(sa.select(Person)):
        known.password_hash = hashed
    body = f"5199{plan.seed:02d}00MJ{plan.seed:07d}"
    change_settings(
        session,
        colour=plan.colour,
        introduction=plan.introduction,
        uscc=body + check_sign(body),
        address=f"{plan.place}示范大道1号商会大厦",
        phone="0000-12345678",
        bank_account_name=plan.name_zh,
        bank_name="示例银行示例支行",
        bank_account_number=f"6200 0000 0000 {plan.seed:04d}",
        days_to_pay=30,
        actor=setup,
    )
    picture = Upload("seal.png", seal(plan.name_zh))
    stored = store_upload(
        world.store, session.chamber_id, picture, at=session.now(), field="seal", pictures_only=True
    )
    set_seal(session, stored, actor=setup)
    publish_document(
        session,
        title_zh=f"{plan.name_zh}章程",
        title_en="Charter",
        version="2024",
        body=CHARTER,
        actor=setup,
    )
    for question in QUESTIONS:
        add_question(session, question, actor=setup)
    _adopt_dues(session, setup)


def _adopt_dues(session: ChamberSession, setup: Actor) -> None:
    """The offices, which sit in the council, and what each of them and each grade owes."""
    grades = zip(list_grades(session), FEES, strict=True)
    rates = [RatePlan(fee, grade_id=grade.id) for grade, fee in grades]
    for (zh, en), fee in OFFICES.items():
        office = add_office(session, name_zh=zh, name_en=en, actor=setup)
        rates.append(RatePlan(fee, office_id=office.id))
        seat_office(session, office, [body_of_code(session, COUNCIL)], actor=setup)
    schedule = enter_schedule(
        session,
        name="会费标准（2024）",
        in_force_from=dt.date(2020, 1, 1),
        rates=rates,
        terms=Terms(proration=Proration.HALF_YEAR),
        actor=setup,
    )
    adopt_schedule(
        session,
        schedule,
        Decision(
            "第三届第一次会员大会会费标准决议",
            dt.date(2019, 12, 20),
            vote=Vote(286, 231, 214),
            secret_ballot=True,
        ),
        actor=setup,
    )
    for resolution in list_resolutions_of(session, schedule.id):
        publish_resolution(session, resolution, actor=setup)


def _past(session: ChamberSession, plan: Plan, invented: Sequence[Invented], hashed: str) -> None:
    settings = settings_of(session)
    today = day_in(session.now(), settings.zone)
    grades = {r.grade.id: (r.grade, r.amount) for r in list_terms(session, today) if r.grade}
    history = History(session, settings, grades, today, plan.seed)
    ids = [history.add_member(company) for company in invented]
    history.write()
    for number, row in enumerate(joined_lately(history.rows)):
        session.add(
            Announcement(
                membership_id=row["id"],
                published_at=session.now() - dt.timedelta(days=3 * number + 3),
            )
        )
    contact = ensure_person(
        session, email=f"member@{plan.slug}.example", name=invented[1].contact, actor=SYSTEM
    )
    contact.password_hash = hashed
    add_representation(
        session, contact, ids[0], member_representative=True, dues_contact=True, actor=SYSTEM
    )
