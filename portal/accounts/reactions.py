"""The worker's part in accounts.

Mails that must not tell by their time whether somebody is known.
"""

import uuid

from portal.accounts.services.people import mail_reset
from portal.jobs.registry import Task, register
from portal.tenancy.actor import VISITOR
from portal.tenancy.session import ChamberSession


def _mail_reset(session: ChamberSession, _worked: None, person_id: str) -> None:
    mail_reset(session, uuid.UUID(person_id), actor=VISITOR)


register(Task("mail_reset", _mail_reset))
