"""Changing what the chamber says of itself, its departments and its money's way."""

import re
import uuid
from typing import Any

import sqlalchemy as sa

from portal.accounts.models import Department
from portal.audit.acts import Act
from portal.audit.record import record
from portal.desks.chamber_settings.policies import may_edit_settings, may_see_mails
from portal.files.services import add_file
from portal.files.storing import StoredBytes
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.jobs import tasks
from portal.jobs.models import Job, Mail, MailState
from portal.jobs.outbox import deliver
from portal.members.enterprises.rules.uscc import read_uscc
from portal.tenancy.actor import OFFICE, Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.counters import hold, next_number
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession

COLOUR = re.compile(r"#[0-9a-f]{6}")
CODE = re.compile(r"[A-Z]{2,6}")


class SettingsAction(Act):
    """Acts on the chamber's settings."""

    CHANGED = "settings.changed", N_("Settings changed")
    SEAL_SET = "settings.seal_set", N_("Seal set")
    DEPARTMENT_ADDED = "department.added", N_("Department added")
    MAIL_SENT_AGAIN = "mail.sent_again", N_("Mail sent again")
    MAIL_PASSED_ON = "mail.passed_on", N_("Message passed on")
    JOB_RETRIED = "job.retried", N_("Job tried again")
    ALL_RETRIED = "jobs.retried", N_("Everything that failed tried again")


def change_settings(session: ChamberSession, *, actor: Actor, **values: Any) -> None:
    """Sets what is given.

    NotPermitted, or InvalidInput for a colour that is none, is too pale to read white on, or a
    wrong USCC.
    """
    guard(may_edit_settings, actor)
    if "colour" in values:
        values["colour"] = _colour(values["colour"])
    if values.get("uscc"):
        values["uscc"] = read_uscc(values["uscc"])
    settings = session.lock(settings_of(session))
    changed = [name for name, value in values.items() if getattr(settings, name) != value]
    for name in changed:
        setattr(settings, name, values[name])
    if changed:
        record(session, SettingsAction.CHANGED, settings, actor=actor, fields=sorted(changed))


def set_seal(session: ChamberSession, stored: StoredBytes, *, actor: Actor) -> None:
    """Sets the picture of the chamber's seal, which papers issued from now on carry.

    NotPermitted. Locks the settings.
    """
    guard(may_edit_settings, actor)
    settings = session.lock(settings_of(session))
    file = add_file(session, stored, owner_type="chamber_settings", owner_id=settings.id)
    settings.seal_file_id = file.id
    record(session, SettingsAction.SEAL_SET, settings, actor=actor, sha256=file.sha256)


def add_department(
    session: ChamberSession, *, code: str, name_zh: str, name_en: str, actor: Actor
) -> Department:
    """Adds a department. Its code (2 to 6 capital letters) stands in file numbers.

    InvalidInput where it is taken or none. **Locks** their latch.
    """
    guard(may_edit_settings, actor)
    if not CODE.fullmatch(code):
        raise InvalidInput("code", N_("Two to six capital letters, such as HYB."))
    hold(session, "department")
    if session.scalars(sa.select(Department).where(Department.code == code)).first() is not None:
        raise InvalidInput("code", N_("Another department has this code."))
    department = Department(
        code=code, name_zh=name_zh, name_en=name_en, position=next_number(session, "department")
    )
    session.add(department)
    record(session, SettingsAction.DEPARTMENT_ADDED, department, actor=actor, code=code)
    return department


def send_again(session: ChamberSession, mail: Mail, *, actor: Actor) -> None:
    """Queues a held or failed mail once more, or has a queued one tried now.

    NotPermitted for others than the general office.
    """
    guard(may_see_mails, actor)
    mail = session.lock(mail)
    if mail.state is not MailState.SENT:
        deliver(session, mail)
        record(session, SettingsAction.MAIL_SENT_AGAIN, mail, actor=actor)


def note_passed_on(session: ChamberSession, mail: Mail, *, actor: Actor) -> None:
    """Ends a held mail that the general office has passed on by chat, phone or on paper.

    Its one-time word is blanked as in a sent one.

    NotPermitted for others than the general office; Refused where it is not held (any more).
    """
    guard(may_see_mails, actor)
    mail = session.lock(mail)
    if mail.state is not MailState.HELD:
        raise Refused(N_("This message is not held any more."))
    mail.state, mail.sent_at, mail.secret = MailState.SENT, session.now(), None
    record(session, SettingsAction.MAIL_PASSED_ON, mail, actor=actor)


def retry_job(session: ChamberSession, job_id: uuid.UUID, *, actor: Actor) -> Job:
    """Puts a failed job of the chamber back in line. NotPermitted; NotFound where there is none."""
    guard(may_see_mails, actor)
    job = tasks.retry_job(session, job_id)
    record(
        session,
        SettingsAction.JOB_RETRIED,
        settings_of(session),
        actor=actor,
        department=OFFICE,
        task=job.task,
    )
    return job


def try_all_again(session: ChamberSession, *, actor: Actor) -> int:
    """Puts every failed job and mail of the chamber back in line; returns how many.

    NotPermitted for others than the general office.
    """
    guard(may_see_mails, actor)
    count = tasks.retry_failed(session)
    if count:
        record(
            session,
            SettingsAction.ALL_RETRIED,
            settings_of(session),
            actor=actor,
            department=OFFICE,
            count=count,
        )
    return count


def _colour(typed: str) -> str:
    colour = typed.strip().lower()
    if not COLOUR.fullmatch(colour):
        raise InvalidInput("colour", N_("Write the colour as # and six signs, such as #8c2f22."))
    red, green, blue = (_linear(int(colour[n : n + 2], 16) / 255) for n in (1, 3, 5))
    if 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) < 4.5:
        raise InvalidInput(
            "colour",
            N_("This colour is too pale: white text on it cannot be read (WCAG asks for 4.5:1)."),
        )
    return colour


def _linear(channel: float) -> float:
    """WCAG 2.2, relative luminance of one sRGB channel from 0 to 1."""
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
