"""Receipts go to the payer by mail, and so does the word that one no longer holds."""

import uuid

from portal.accounts.queries import greeting_of
from portal.jobs.news import News
from portal.jobs.outbox import send_mail
from portal.jobs.registry import reacts_to
from portal.money.payments.models import PaymentMail, PaymentPaper
from portal.money.payments.queries import find_invoice_of_payment
from portal.money.payments.rules import whose
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.queries import find_rendering, list_papers
from portal.tenancy.session import ChamberSession


@reacts_to(News.PAPER_RENDERED, "billing.mail_receipt")
def mail_receipt(session: ChamberSession, paper_id: str) -> None:
    """Mails a receipt, with its PDF, to whom the invoice that was paid is addressed."""
    paper = session.fetch(IssuedPaper, uuid.UUID(paper_id))
    if paper.kind is not PaymentPaper.RECEIPT or paper.copy or paper.void:
        return
    invoice = find_invoice_of_payment(session, paper.subject_id, whose(paper))
    if invoice is None:
        return
    rendering = find_rendering(session, paper.id)
    send_mail(
        session,
        PaymentMail.RECEIPT,
        to=invoice.notify_email,
        name=greeting_of(session, invoice.notify_email, invoice.notify_name),
        language=invoice.language,
        attachment_file_id=rendering.file_id if rendering else None,
        enterprise=paper.snapshot["enterprise"],
        number=paper.number,
        amount=paper.snapshot["amount"],
        invoice_id=str(invoice.id),
        invoice_number=invoice.number,
        open_amount=invoice.open_amount,
    )


@reacts_to(News.RECEIPTS_VOID, "billing.mail_void_receipt")
def mail_void_receipt(session: ChamberSession, payment_id: str) -> None:
    """Tells whoever had a receipt by mail that it no longer holds."""
    for paper in list_papers(session, [uuid.UUID(payment_id)], PaymentPaper.RECEIPT):
        invoice = find_invoice_of_payment(session, paper.subject_id, whose(paper))
        if paper.copy or invoice is None or paper.void is None:
            continue
        send_mail(
            session,
            PaymentMail.RECEIPT_VOID,
            to=invoice.notify_email,
            name=greeting_of(session, invoice.notify_email, invoice.notify_name),
            language=invoice.language,
            enterprise=paper.snapshot["enterprise"],
            number=paper.number,
            amount=paper.snapshot["amount"],
            invoice_id=str(invoice.id),
            invoice_number=invoice.number,
            open_amount=invoice.open_amount,
        )
