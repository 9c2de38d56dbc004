"""How many links a stranger may have mailed to a mailbox that nobody has confirmed."""

import datetime as dt

import sqlalchemy as sa

from portal.accounts.services.sign_ins import TooManyTries
from portal.foundation.labels import N_
from portal.jobs.models import Mail
from portal.tenancy.actor import Actor
from portal.tenancy.counters import hold
from portal.tenancy.session import ChamberSession

MOST_LINKS = 5
LINKS = ("applications/confirm", "applications/draft")
OPENED = "applications/received"
DAY = dt.timedelta(days=1)


def check_mailbox(session: ChamberSession, mailbox: str, *, actor: Actor) -> None:
    """TooManyTries where `actor` could fill somebody's mailbox in the chamber's name.

    MOST_LINKS links of forms and drafts a day, counted anew once one of them was opened and its form confirmed: by then the
    mailbox's owner is at work. **Locks** the latch of tries.
    """
    hold(session, "tries")
    since = session.now() - DAY
    theirs = sa.select(Mail.template, Mail.created_at).where(Mail.to_address == mailbox, Mail.created_at > since)
    sent = session.execute(theirs.where(Mail.template.in_([*LINKS, OPENED])).order_by(Mail.created_at.desc(), Mail.id.desc())).all()
    unopened = next((n for n, (template, _) in enumerate(sent) if template == OPENED), len(sent))
    if unopened >= MOST_LINKS:
        raise TooManyTries(N_("Several links were mailed to this mailbox today. Open one of them, or come again tomorrow."))
