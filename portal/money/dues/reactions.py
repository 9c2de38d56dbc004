"""Notices of dues go to the payer by mail, and certificates follow what is paid."""

import datetime as dt
import functools
import uuid

from portal.accounts.queries import greeting_of
from portal.jobs.news import News
from portal.jobs.outbox import send_mail
from portal.jobs.registry import reacts_to, recur
from portal.jobs.worker import each
from portal.members.enterprises.queries import find_debtor
from portal.members.membership.queries import find_open_membership
from portal.money.dues.models import DuesMail
from portal.money.dues.queries import find_charge_of, list_out_of_step
from portal.money.dues.services.certificates import follow_money
from portal.money.invoices.models import Invoice, InvoicePaper
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.queries import find_rendering
from portal.tenancy.actor import SYSTEM
from portal.tenancy.chambers import every_chamber, today_of
from portal.tenancy.models import Chamber
from portal.tenancy.session import ChamberSession, Doors
from portal.web.world import World


@reacts_to(News.PAPER_RENDERED, "billing.mail_notice_of_dues")
def mail_notice_of_dues(session: ChamberSession, paper_id: str) -> None:
    """Mails a notice of dues, with its PDF, to whom the invoice is addressed.

    One that credit settles asks for nothing and says so.
    """
    paper = session.fetch(IssuedPaper, uuid.UUID(paper_id))
    if paper.kind is not InvoicePaper.DUES_NOTICE or paper.copy or paper.void:
        return
    invoice = session.fetch(Invoice, paper.subject_id)
    rendering = find_rendering(session, paper.id)
    send_mail(
        session,
        DuesMail.NOTICE,
        to=invoice.notify_email,
        name=greeting_of(session, invoice.notify_email, invoice.notify_name),
        language=invoice.language,
        attachment_file_id=rendering.file_id if rendering else None,
        enterprise=find_debtor(session, invoice.party_id).name,
        invoice_id=str(invoice.id),
        number=invoice.number,
        amount=paper.snapshot["to_pay"],
        credit=paper.snapshot["credit"],
        wording="、".join(line["wording"] for line in paper.snapshot["lines"]),
        due_on=invoice.due_on.isoformat(),
        first=find_charge_of(session, invoice.id) is not None
        and find_open_membership(session, invoice.party_id) is None,
        **{
            name: paper.snapshot[name]
            for name in ("payment_code", "bank_account_name", "bank_name", "bank_account_number")
        },
    )


@reacts_to(News.ENTERPRISE_RENAMED, "billing.rename_certificate")
def rename_certificate(session: ChamberSession, enterprise_id: str) -> None:
    """A certificate under an earlier name or code ends, and another follows."""
    follow_money(session, [uuid.UUID(enterprise_id)], "变更登记", actor=SYSTEM)


def _follow_everywhere(world: World, _prepared: None) -> None:
    each(
        every_chamber(world.doors),
        functools.partial(_follow_members, world.doors),
        lambda chamber: chamber.slug,
    )


def _follow_members(doors: Doors, chamber: Chamber) -> None:
    with doors.chamber(chamber.id) as session:
        owners = list_out_of_step(session, today_of(session))

    def follow(owner: uuid.UUID) -> None:
        with doors.chamber(chamber.id, writing=True) as session:
            follow_money(session, [owner], "会籍终止", actor=SYSTEM)

    each(owners, follow, str)


recur("follow_members", dt.timedelta(hours=6), _follow_everywhere)
