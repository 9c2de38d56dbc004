"""What applications do when money has come; and the regular look at notices that are over."""

import datetime as dt
import functools
import logging
import uuid
from typing import Any

from portal.admission.applications.models import Application
from portal.admission.applications.queries.reading import find_by_invoice
from portal.admission.applications.services.versions import index_application
from portal.admission.reviewing.queries.notices import list_ended_notices
from portal.admission.reviewing.services.admitting import admit_if_due
from portal.admission.reviewing.services.noticing import end_notice_of_step
from portal.foundation.errors import DomainError
from portal.jobs.news import News
from portal.jobs.registry import Task, reacts_to, recur, register
from portal.jobs.worker import each
from portal.tenancy.actor import SYSTEM
from portal.tenancy.chambers import every_chamber, today_of
from portal.tenancy.models import Chamber
from portal.tenancy.session import ChamberSession, Doors

log = logging.getLogger("portal.admission")


@reacts_to(News.INVOICE_PAID, "applications.admit_applicant")
def admit_applicant(session: ChamberSession, invoice_id: str) -> None:
    """Admits the enterprise whose application waited for this invoice."""
    application = find_by_invoice(session, uuid.UUID(invoice_id))
    if application is not None:
        admit_if_due(session, application, actor=SYSTEM)


def _index(session: ChamberSession, _worked: None, application_id: str) -> None:
    index_application(session, session.lock(session.fetch(Application, uuid.UUID(application_id))))


def _end_notices_everywhere(world: Any, _prepared: None) -> None:
    each(
        every_chamber(world.doors),
        functools.partial(_end_notices, world.doors),
        lambda chamber: chamber.slug,
    )


def _end_notices(doors: Doors, chamber: Chamber) -> None:
    with doors.chamber(chamber.id) as session:
        over = [step.id for step in list_ended_notices(session, today_of(session))]

    def end(step_id: uuid.UUID) -> None:
        try:
            with doors.chamber(chamber.id, writing=True) as session:
                end_notice_of_step(session, step_id, actor=SYSTEM)
        except DomainError as refusal:
            log.warning("a notice of %s waits for a person: %s", chamber.slug, refusal)

    each(over, end, str)


register(Task("index_application", _index))
recur("end_notices", dt.timedelta(hours=1), _end_notices_everywhere)
