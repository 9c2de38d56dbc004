"""What a stranger had mailed to a mailbox that nobody has confirmed."""

import datetime as dt

import sqlalchemy as sa

from portal.admission.applications.models.actions import ApplicationMail
from portal.jobs.models import Mail
from portal.tenancy.session import ChamberSession

MOST_LINKS = 5
"""Links of forms and drafts that one mailbox is sent in a day before one of them is opened."""
LINKS = (ApplicationMail.CONFIRM, ApplicationMail.DRAFT)
OPENED = "applications/received"
DAY = dt.timedelta(days=1)


def is_full(session: ChamberSession, mailbox: str) -> bool:
    """Whether a mailbox was sent as many links today as it may be.

    MOST_LINKS since one of them was opened and its form confirmed: by then its owner is at work.

    Asked under the latch of tries, so that two forms do not both find room for the last one.
    """
    since = session.now() - DAY
    theirs = sa.select(Mail.template).where(
        Mail.to_address == mailbox, Mail.created_at > since, Mail.template.in_([*LINKS, OPENED])
    )
    sent = session.scalars(theirs.order_by(Mail.created_at.desc(), Mail.id.desc())).all()
    return (sent.index(OPENED) if OPENED in sent else len(sent)) >= MOST_LINKS
