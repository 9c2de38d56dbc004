"""What the demo's colleagues have done with the roll.

Tags, notes, a change of name, saved views, and notices to members.
"""

import datetime as dt

import sqlalchemy as sa

from portal.circulars.services import Words, publish_circular, write_circular
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.services import Identity
from portal.members.enterprises.services.amending import approve_amendment, correct_enterprise
from portal.members.enterprises.services.keeping import (
    enter_history,
    tag_enterprises,
    write_enterprise_note,
)
from portal.members.membership.models import Membership
from portal.operations.demo.present import as_staff
from portal.roll.queries.narrowing import RollFilter
from portal.roll.services import save_view
from portal.tenancy.session import ChamberSession
from portal.web.world import World

HISTORY = ((dt.date(2016, 5, 18), "参加首届会员大会"), (dt.date(2019, 9, 6), "当选为理事单位"))


def unfold_roll(world: World, session: ChamberSession, slug: str) -> None:
    """Tags, notes and history on some members; one name changed, one change waiting; two views.

    Two notices, one of them public.
    """
    officer, office = (
        as_staff(session, f"{who}@{slug}.example") for who in ("membership", "office")
    )
    query = (
        sa.select(Enterprise)
        .join(Membership, Membership.enterprise_id == Enterprise.id)
        .order_by(Membership.number)
    )
    members = session.scalars(query.limit(24)).all()
    tag_enterprises(session, [e.id for e in members[:9]], "重点联系", actor=officer)
    tag_enterprises(session, [e.id for e in members[4:16]], "外贸", actor=officer)
    write_enterprise_note(
        session, members[0], "负责人希望多参加对接会，联系时请打座机。", actor=officer
    )
    enter_history(session, members[0], HISTORY, actor=officer)
    renamed = members[1].name.replace("有限公司", "集团有限公司")
    asked = correct_enterprise(
        session,
        members[1],
        Identity.of(members[1], name=renamed),
        reason="工商变更登记",
        actor=officer,
    ).amendment
    if asked is not None:
        approve_amendment(session, asked, actor=office)
    correct_enterprise(
        session,
        members[2],
        Identity.of(members[2], legal_representative="欧阳新"),
        reason="法定代表人变更",
        actor=officer,
    )
    save_view(session, "欠费会员", RollFilter(standing="arrears"), actor=officer)
    save_view(session, "广东会员", RollFilter(state="member", region="44"), actor=officer)
    for words in (
        Words(
            "关于召开年度会员大会的通知",
            "各会员单位：\n\n本会定于下月召开年度会员大会，请各单位派代表参加，并于会前一周回复参会人员。",
            by_mail=False,
        ),
        Words(
            "本会与海关举办政策宣讲会",
            "宣讲会面向全体企业开放，内容包括通关便利化和出口退税新政。",
            is_public=True,
            by_mail=False,
        ),
    ):
        publish_circular(session, write_circular(session, words, actor=officer), actor=officer)
    write_circular(session, Words("春节放假安排（草稿）", "放假时间待定。"), actor=officer)
