"""What billing does when a paper of its own stands: the notice goes to the payer by mail."""

import uuid

from portal.billing.models import Invoice
from portal.enterprises.models import Enterprise
from portal.filing.models import IssuedPaper, PaperKind
from portal.filing.queries import find_rendering
from portal.jobs.outbox import send_mail
from portal.jobs.registry import reacts_to
from portal.tenancy.session import ChamberSession


@reacts_to("paper_rendered")
def mail_notice_of_dues(session: ChamberSession, paper_id: str) -> None:
    """Mails a notice of dues, with its PDF, to whom the invoice is addressed."""
    paper = session.fetch(IssuedPaper, uuid.UUID(paper_id))
    if paper.kind is not PaperKind.DUES_NOTICE or paper.copy or not paper.snapshot["to_pay"]:
        return
    invoice = session.fetch(Invoice, paper.subject_id)
    rendering = find_rendering(session, paper.id)
    send_mail(
        session,
        "billing/notice_of_dues",
        to=invoice.notify_email,
        name=invoice.notify_name,
        language=invoice.language,
        attachment_file_id=rendering.file_id if rendering else None,
        enterprise=session.fetch(Enterprise, invoice.enterprise_id).name,
        number=invoice.number,
        amount=paper.snapshot["to_pay"],
        dues_year=invoice.dues_year,
        due_on=invoice.due_on.isoformat(),
        **{name: paper.snapshot[name] for name in ("payment_code", "bank_account_name", "bank_name", "bank_account_number")},
    )
