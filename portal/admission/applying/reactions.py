"""The regular look at drafts that nobody came back to, and at approvals that are unpaid."""

import datetime as dt
import functools
import logging
import uuid
from typing import Any

from portal.admission.applications.models import Application, ApplicationState
from portal.admission.applications.queries.reading import list_expiring
from portal.admission.applying.services.drafting import clear_drafts
from portal.admission.reviewing.services.ending import REMINDED_AHEAD, expire_application
from portal.foundation.errors import DomainError
from portal.jobs.registry import recur
from portal.jobs.worker import each
from portal.tenancy.actor import SYSTEM
from portal.tenancy.chambers import every_chamber, today_of
from portal.tenancy.models import Chamber
from portal.tenancy.session import Doors

log = logging.getLogger("portal.admission")


def _expire_everywhere(world: Any, _prepared: None) -> None:
    each(
        every_chamber(world.doors),
        functools.partial(_expire, world.doors),
        lambda chamber: chamber.slug,
    )


def _expire(doors: Doors, chamber: Chamber) -> None:
    with doors.chamber(chamber.id, writing=True) as session:
        clear_drafts(session)
        on = today_of(session)
        unpaid = [application.id for application in list_expiring(session, on + REMINDED_AHEAD)]

    def expire(application_id: uuid.UUID) -> None:
        try:
            with doors.chamber(chamber.id, writing=True) as session:
                application = session.fetch(Application, application_id)
                if application.state is ApplicationState.AWAITING_DUES:
                    expire_application(session, application, on, actor=SYSTEM)
        except DomainError as refusal:
            log.warning("an unpaid application of %s waits for a person: %s", chamber.slug, refusal)

    each(unpaid, expire, str)


recur("expire_applications", dt.timedelta(hours=6), _expire_everywhere)
