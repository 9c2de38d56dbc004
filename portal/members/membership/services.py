"""Admitting enterprises, and the chamber's grades."""

import datetime as dt
import uuid

import sqlalchemy as sa

from portal.audit.acts import Act
from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.members.enterprises.models import Enterprise
from portal.members.membership.models import Announcement, Grade, Membership, MembershipPaper
from portal.members.membership.policies import may_edit_grades
from portal.members.membership.queries import find_open_membership, list_grades
from portal.papers.filing.services import file_paper
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.queries import list_papers
from portal.papers.issuing.services import issue_paper
from portal.tenancy.actor import MEMBERSHIP, Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.counters import hold, next_number
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


class MembershipAction(Act):
    """Acts on memberships and grades."""

    ADMITTED = "membership.admitted", N_("Admitted")
    ENTERED = "membership.entered", N_("Existing member entered by hand")
    GRADE_ADDED = "grade.added", N_("Grade added")
    GRADE_RETIRED = "grade.retired", N_("Grade retired")


def admit_enterprise(
    session: ChamberSession,
    enterprise: Enterprise,
    grade: Grade,
    *,
    application_id: uuid.UUID,
    decided_on: dt.date,
    actor: Actor,
) -> Membership:
    """Makes the enterprise a member.

    Number, announcement, record of admission in the membership department's tray; its certificate
    comes with what is paid.

    Called under the application's lock. Refused where the enterprise is a member already.
    """
    if find_open_membership(session, enterprise.id) is not None:
        raise Refused(N_("This enterprise is a member already."))
    membership = Membership(
        enterprise_id=enterprise.id,
        grade_id=grade.id,
        application_id=application_id,
        number=f"{next_number(session, 'member'):06d}",
        joined_on=decided_on,
    )
    session.add(membership)
    session.flush()
    session.add(Announcement(membership_id=membership.id, published_at=session.now()))
    record(
        session,
        MembershipAction.ADMITTED,
        membership,
        actor=actor,
        number=membership.number,
        enterprise=enterprise.name,
    )
    _file_admission(session, membership, enterprise, grade, decided_on, actor=actor)
    return membership


def _give_number(session: ChamberSession, number: str) -> str:
    """The number of the old list, or the next one. **Locks** the latch of member numbers."""
    counter = hold(session, "member")
    if number and not (number.isascii() and number.isdigit() and 0 < int(number) < 1_000_000):
        raise InvalidInput("number", N_("A member number has up to six digits."))
    counter.value = max(counter.value, int(number)) if number else counter.value + 1
    given = f"{int(number) if number else counter.value:06d}"
    taken = sa.select(Membership.id).where(Membership.number == given)
    if session.scalars(taken).first() is not None:
        raise InvalidInput("number", N_("Another member has this number."))
    return given


def enter_membership(
    session: ChamberSession,
    enterprise: Enterprise,
    grade: Grade,
    *,
    number: str,
    joined_on: dt.date,
    paid_through: dt.date | None,
    actor: Actor,
) -> Membership:
    """Enters a membership from before the portal, without an announcement.

    Its certificate comes with what is paid. Without a `number` the next one is given.

    A number of the chamber's old list is kept as it is; later ones go on after the highest.
    InvalidInput where the number is no number or taken, or the enterprise is a member already.
    """
    if find_open_membership(session, enterprise.id) is not None:
        raise InvalidInput("uscc", N_("This enterprise is a member already."))
    given = _give_number(session, number)
    membership = Membership(
        enterprise_id=enterprise.id,
        grade_id=grade.id,
        number=given,
        joined_on=joined_on,
        paid_through=paid_through,
    )
    session.add(membership)
    session.flush()
    record(
        session,
        MembershipAction.ENTERED,
        membership,
        actor=actor,
        department=MEMBERSHIP,
        number=given,
        enterprise=enterprise.name,
    )
    return membership


def issue_certificate(
    session: ChamberSession,
    membership: Membership,
    enterprise: Enterprise,
    valid_from: dt.date,
    valid_through: dt.date,
    *,
    actor: Actor,
) -> IssuedPaper:
    """Issues a member's certificate for the days that are paid.

    Under the next number of this member. Called under the membership's lock.
    """
    grade = session.fetch(Grade, membership.grade_id)
    again = sum(
        not paper.copy
        for paper in list_papers(session, [membership.id], MembershipPaper.CERTIFICATE)
    )
    return issue_paper(
        session,
        MembershipPaper.CERTIFICATE,
        membership,
        number=f"ZS-{membership.number}" + (f"-{again + 1}" if again else ""),
        enterprise_id=enterprise.id,
        snapshot={
            "enterprise": enterprise.name,
            "uscc": enterprise.uscc,
            "grade_zh": grade.name_zh,
            "grade_en": grade.name_en,
            "member_number": membership.number,
            "joined_on": membership.joined_on.isoformat(),
            "issued_on": today_of(session).isoformat(),
            "valid_from": valid_from.isoformat(),
            "valid_through": valid_through.isoformat(),
        },
        checkable=True,
        actor=actor,
    )


def _file_admission(
    session: ChamberSession,
    membership: Membership,
    enterprise: Enterprise,
    grade: Grade,
    decided_on: dt.date,
    *,
    actor: Actor,
) -> None:
    paper = issue_paper(
        session,
        MembershipPaper.ADMISSION,
        membership,
        number=f"RH-{membership.number}",
        enterprise_id=enterprise.id,
        priority=0,
        snapshot={
            "enterprise": enterprise.name,
            "uscc": enterprise.uscc,
            "legal_representative": enterprise.legal_representative,
            "grade_zh": grade.name_zh,
            "member_number": membership.number,
            "joined_on": membership.joined_on.isoformat(),
            "decided_on": decided_on.isoformat(),
            "admitted_on": today_of(session).isoformat(),
        },
        actor=actor,
    )
    title = f"关于吸收{enterprise.name}为{grade.name_zh}的入会记录"
    file_paper(session, paper, title=title, origin=membership, actor=actor)


def add_grade(session: ChamberSession, *, name_zh: str, name_en: str, actor: Actor) -> Grade:
    """Adds a grade at the end of the chamber's list.

    NotPermitted, or InvalidInput where there is one of this name. **Locks** their latch.
    """
    guard(may_edit_grades, actor)
    hold(session, "grade")
    if any(grade.name_zh == name_zh for grade in list_grades(session, retired=True)):
        raise InvalidInput("name_zh", N_("There is a grade of this name."))
    grade = Grade(name_zh=name_zh, name_en=name_en, position=next_number(session, "grade"))
    session.add(grade)
    record(session, MembershipAction.GRADE_ADDED, grade, actor=actor, name=name_zh)
    return grade


def retire_grade(session: ChamberSession, grade: Grade, *, actor: Actor) -> None:
    """Closes a grade for new members; those who hold it keep it. **Locks** the grade."""
    guard(may_edit_grades, actor)
    grade = session.lock(grade)
    if grade.retired_at is None:
        grade.retired_at = session.now()
        record(session, MembershipAction.GRADE_RETIRED, grade, actor=actor, name=grade.name_zh)
