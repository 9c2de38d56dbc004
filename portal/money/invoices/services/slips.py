"""Transfer slips that members upload: evidence for finance, which settles nothing."""

from portal.audit.record import record
from portal.files.services import add_file
from portal.files.storing import StoredBytes
from portal.foundation.errors import Refused
from portal.foundation.labels import N_
from portal.jobs.outbox import enqueue
from portal.money.invoices.models import Invoice, InvoiceAction, PaymentSlip
from portal.money.invoices.policies import may_upload_slip
from portal.money.invoices.queries import list_slips
from portal.tenancy.actor import Actor
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession

MOST = 10


def upload_slip(
    session: ChamberSession, invoice: Invoice, stored: StoredBytes, *, actor: Actor
) -> PaymentSlip:
    """Keeps a slip beside an open invoice and shows it to finance.

    NotPermitted for others than the enterprise; Refused after MOST slips. Locks the invoice.
    """
    invoice = session.lock(invoice)
    guard(may_upload_slip, actor, invoice)
    if len(list_slips(session, invoice.id)) >= MOST:
        raise Refused(N_("There are many slips already. Call the chamber's finance department."))
    file = add_file(session, stored, owner_type="invoice", owner_id=invoice.id)
    slip = PaymentSlip(
        invoice_id=invoice.id, file_id=file.id, uploaded_at=session.now(), uploaded_by=actor.name
    )
    session.add(slip)
    enqueue(session, "make_previews", file_id=file.id)
    record(
        session,
        InvoiceAction.SLIP_UPLOADED,
        slip,
        actor=actor,
        invoice=invoice.number,
        sha256=file.sha256,
    )
    return slip
