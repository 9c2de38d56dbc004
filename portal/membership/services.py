"""Admitting enterprises, and the chamber's grades."""

import datetime as dt
import uuid

from portal.audit.record import record
from portal.enterprises.models import Enterprise
from portal.filing.models import IssuedPaper, PaperKind, Retention
from portal.filing.services import file_paper, issue_paper
from portal.foundation.clock import day_in
from portal.foundation.errors import NotPermitted, Refused
from portal.foundation.labels import N_, Labelled
from portal.membership.models import Announcement, Grade, Membership
from portal.membership.policies import may_edit_grades
from portal.membership.queries import find_open_membership
from portal.tenancy.actor import MEMBERSHIP, Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.counters import next_number
from portal.tenancy.session import ChamberSession


class MembershipAction(Labelled):
    """Acts on memberships and grades."""

    ADMITTED = "membership.admitted", N_("Admitted")
    GRADE_ADDED = "grade.added", N_("Grade added")
    GRADE_RETIRED = "grade.retired", N_("Grade retired")


def admit_enterprise(session: ChamberSession, enterprise: Enterprise, grade: Grade, *, application_id: uuid.UUID, decided_on: dt.date, actor: Actor) -> Membership:
    """Makes the enterprise a member: number, certificate, announcement, record of admission in the membership department's tray.

    Called under the application's lock. Refused where the enterprise is a member already.
    """
    if find_open_membership(session, enterprise.id) is not None:
        raise Refused(N_("This enterprise is a member already."))
    settings = settings_of(session)
    joined_on = day_in(session.now(), settings.zone)
    membership = Membership(enterprise_id=enterprise.id, grade_id=grade.id, application_id=application_id, number=f"{next_number(session, 'member'):06d}", joined_on=joined_on)
    session.add(membership)
    session.flush()
    session.add(Announcement(membership_id=membership.id, published_at=session.now()))
    record(session, MembershipAction.ADMITTED, membership, actor=actor, number=membership.number, enterprise=enterprise.name)
    _issue_certificate(session, membership, enterprise, grade, actor=actor)
    _file_admission(session, membership, enterprise, grade, decided_on, actor=actor)
    return membership


def _issue_certificate(session: ChamberSession, membership: Membership, enterprise: Enterprise, grade: Grade, *, actor: Actor) -> IssuedPaper:
    return issue_paper(
        session,
        PaperKind.CERTIFICATE,
        membership,
        number=f"ZS-{membership.number}",
        enterprise_id=enterprise.id,
        snapshot={
            "enterprise": enterprise.name,
            "uscc": enterprise.uscc,
            "grade_zh": grade.name_zh,
            "grade_en": grade.name_en,
            "member_number": membership.number,
            "joined_on": membership.joined_on.isoformat(),
            "valid_through": dt.date(membership.joined_on.year, 12, 31).isoformat(),
        },
        actor=actor,
    )


def _file_admission(session: ChamberSession, membership: Membership, enterprise: Enterprise, grade: Grade, decided_on: dt.date, *, actor: Actor) -> None:
    paper = issue_paper(
        session,
        PaperKind.ADMISSION,
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
        },
        actor=actor,
    )
    title = f"关于吸收{enterprise.name}为{grade.name_zh}的入会记录"
    file_paper(session, paper, title=title, department_code=MEMBERSHIP, retention=Retention.THIRTY_YEARS, origin=membership, actor=actor)


def add_grade(session: ChamberSession, *, name_zh: str, name_en: str, actor: Actor) -> Grade:
    """Adds a grade at the end of the chamber's list; NotPermitted for others than the settings' keepers."""
    if not may_edit_grades(actor):
        raise NotPermitted(N_("Only the secretary-general or the general office's head changes settings."))
    grade = Grade(name_zh=name_zh, name_en=name_en, position=next_number(session, "grade"))
    session.add(grade)
    record(session, MembershipAction.GRADE_ADDED, grade, actor=actor, name=name_zh)
    return grade


def retire_grade(session: ChamberSession, grade: Grade, *, actor: Actor) -> None:
    """Closes a grade for new members; those who hold it keep it."""
    if not may_edit_grades(actor):
        raise NotPermitted(N_("Only the secretary-general or the general office's head changes settings."))
    if grade.retired_at is None:
        grade.retired_at = session.now()
        record(session, MembershipAction.GRADE_RETIRED, grade, actor=actor, name=grade.name_zh)
