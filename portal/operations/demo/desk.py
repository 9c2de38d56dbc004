"""What the secretariat does beside deciding.

A checklist, claims and notes, public notices with an objection, a possible duplicate, council
meetings.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from portal.accounts.queries import list_departments
from portal.admission.applications.models import Application, ApplicationState, StepKind
from portal.admission.applications.queries.reading import find_application
from portal.admission.applying.services.applying import submit_application
from portal.admission.reviewing.services.chain import StepPlan, set_chain
from portal.admission.reviewing.services.desk import (
    add_point,
    claim_application,
    hand_over_application,
    tick_point,
    write_note,
)
from portal.admission.reviewing.services.noticing import record_objection
from portal.admission.reviewing.services.reviewing import approve_step
from portal.foundation.clock import day_in
from portal.governance.bodies.models import COUNCIL
from portal.governance.bodies.queries import body_of_code
from portal.governance.meetings.models import MeetingOutcome
from portal.governance.meetings.queries import find_meeting, list_waiting
from portal.governance.meetings.services.holding import Ballot, hold_meeting
from portal.governance.meetings.services.matters import bring_other_matter
from portal.governance.meetings.services.meetings import (
    MeetingPlan,
    call_meeting,
    print_agenda,
    seat_attendees,
)
from portal.governance.resolutions.queries import list_resolutions_of
from portal.governance.resolutions.services import publish_resolution
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Membership
from portal.operations.demo.invented import Invented, companies
from portal.operations.demo.present import EARLIER, Present, as_staff
from portal.tenancy.actor import Actor, ActorKind
from portal.tenancy.session import ChamberSession

POINTS = (
    ("企业名称与营业执照一致", "Name as on the licence"),
    ("统一社会信用代码与营业执照一致", "Code as on the licence"),
    ("未列入经营异常名录", "Not on the list of abnormal operations"),
)


def unfold_desk(present: Present, session: ChamberSession, secretary: Actor) -> None:
    """The chain gains deadlines and a public notice; six more enterprises apply.

    Two meetings of the council.
    """
    officer, clerk = (
        as_staff(session, f"{who}@{present.plan.slug}.example")
        for who in ("membership", "membership-clerk")
    )
    _claims(session, officer, clerk)
    _meetings(session, present, officer)
    hyb = next(d.id for d in list_departments(session) if d.code == "HYB")
    chain = [
        StepPlan(
            StepKind.DEPARTMENT, "会员部初审", "Review by the membership department", hyb, days=5
        ),
        StepPlan(StepKind.NOTICE, "公示", "Public notice", days=7),
    ]
    set_chain(
        session,
        [*chain, StepPlan(StepKind.COUNCIL, "理事会审议", "Decision of the council", days=30)],
        actor=secretary,
    )
    points = [add_point(session, zh, en, actor=secretary) for zh, en in POINTS]
    for number, company in enumerate(_newcomers(session, present), 40):
        application = present.begin(session, company, number)
        submit_application(
            session,
            application,
            actor=Actor(ActorKind.APPLICANT, company.contact, application_id=application.id),
        )
        if number < 43:
            for point in points:
                tick_point(session, application, point, ticked=True, actor=clerk)
            approve_step(session, *present.open(session, application), actor=officer)
        if number == 42:
            application, step = present.open(session, application)
            today = day_in(session.now())
            record_objection(
                session,
                application,
                step,
                raised_by="某会员企业代表",
                contact="0000-87654321",
                body="该企业与本会会员存在未了结的货款纠纷，请予核实。",
                received_on=today,
                actor=clerk,
            )


def _newcomers(session: ChamberSession, present: Present) -> Sequence[Invented]:
    """Six enterprises; the last has the name of a member."""
    found = present.newcomers[EARLIER:]
    member = session.scalars(
        sa.select(Enterprise)
        .join(Membership, Membership.enterprise_id == Enterprise.id)
        .order_by(Enterprise.pinyin_key)
    ).first()
    return [*found[:-1], replace(found[-1], name=member.name)] if member else found


def _claims(session: ChamberSession, officer: Actor, clerk: Actor) -> None:
    waiting = session.scalars(
        sa.select(Application)
        .where(Application.state == ApplicationState.IN_REVIEW)
        .order_by(Application.submitted_at)
    ).all()
    for application in waiting[:3]:
        claim_application(session, application, actor=clerk)
    write_note(session, waiting[0], "已电话联系，补充的股权结构图本周内送达。", actor=clerk)
    found = find_application(session, waiting[2].id)
    if found is not None:
        hand_over_application(session, found, None, "出差一周，请同事继续。", actor=officer)


def _meetings(session: ChamberSession, present: Present, officer: Actor) -> None:
    today = day_in(session.now())
    council = body_of_code(session, COUNCIL)
    waiting = [matter.id for matter in list_waiting(session, council.id)]
    text = "同意与高校共建产业学院，由秘书处办理签约事宜。"
    other = bring_other_matter(session, council, "关于共建产业学院的决议", text, actor=officer)
    seats = [
        (company.legal_representative, "理事")
        for company in companies(present.plan.seed, "", "", 33)
    ]
    plan = MeetingPlan(
        "第三届理事会第八次会议", today, "商会大厦一号会议室", "陈秘书长", "周会员", dt.time(9, 30)
    )
    held = call_meeting(session, council, plan, [*waiting[:3], other.id], actor=officer)
    seat_attendees(session, held, seats, actor=officer)
    session.expire_all()
    whole = find_meeting(session, held.id) or held
    outcomes = (
        Ballot(MeetingOutcome.CARRIED, 26),
        Ballot(MeetingOutcome.DECLINED, 9, "主营业务与本会行业不符。"),
        Ballot(MeetingOutcome.POSTPONED, None, "待补充上年度审计报告。"),
        Ballot(MeetingOutcome.CARRIED, 27),
    )
    ballots = {item.id: ballot for item, ballot in zip(whole.items, outcomes, strict=False)}
    hold_meeting(session, whole, [a.id for a in whole.attendees[:27]], ballots, actor=officer)
    for resolution in list_resolutions_of(session, held.id)[:1]:
        publish_resolution(session, resolution, actor=officer)
    waiting = [matter.id for matter in list_waiting(session, council.id)]
    coming = call_meeting(
        session,
        council,
        replace(plan, title="第三届理事会第九次会议", held_on=today + dt.timedelta(days=14)),
        waiting,
        actor=officer,
    )
    print_agenda(session, coming, actor=officer)
