"""What applications do when money has come."""

import uuid

from portal.applications.queries import find_by_invoice
from portal.applications.services.admitting import admit_if_due
from portal.jobs.registry import reacts_to
from portal.tenancy.actor import SYSTEM
from portal.tenancy.session import ChamberSession


@reacts_to("invoice_paid")
def admit_applicant(session: ChamberSession, invoice_id: str) -> None:
    """Admits the enterprise whose application waited for this invoice."""
    application = find_by_invoice(session, uuid.UUID(invoice_id))
    if application is not None:
        admit_if_due(session, application, actor=SYSTEM)
