"""Papers and mails that an earlier version made say a dues year, where today's say the wording of
their lines.
"""

import pytest
import sqlalchemy as sa

from portal.jobs.models import Mail
from portal.jobs.outbox import send_mail
from portal.money.dues.models import DuesMail
from portal.money.payments.models import PaymentPaper
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.reactions import _prepare, render_html
from portal.papers.issuing.services import issue_paper
from portal.tenancy.actor import SYSTEM
from portal.tenancy.chambers import settings_of
from portal.web.mail import write_letter
from tests.cast import House

pytestmark = [pytest.mark.stage("one_admitted"), pytest.mark.both_databases]
BANK = {
    "payment_code": "D2700001X",
    "bank_account_name": "商会",
    "bank_name": "银行",
    "bank_account_number": "1",
}
SUMS = {"number": "JF2027-00001", "enterprise": "某公司", "due_on": "2027-03-31", "credit": 0}


@pytest.mark.parametrize(("language", "words"), [("zh", "2027年度会费"), ("en", "dues of 2027")])
@pytest.mark.parametrize("amount", [0, 200_000])
def test_a_mail_that_waited_through_the_upgrade_says_its_year(
    house: House, language: str, words: str, amount: int
) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        told = {**BANK, **SUMS, "dues_year": 2027, "amount": amount, "first": False}
        mail = send_mail(
            session, DuesMail.NOTICE, to="x@enterprise.example", language=language, **told
        )
        letter = write_letter(
            house.world,
            session.fetch(Mail, mail.id),
            house.jia,
            settings_of(session),
            with_word=True,
        )
    assert words in letter.text
    assert words in letter.html


def test_a_receipt_of_an_earlier_version_says_its_year(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        known = session.scalars(
            sa.select(IssuedPaper).where(IssuedPaper.kind == PaymentPaper.RECEIPT)
        ).one()
        line = {"invoice_number": "JF2026-00001", "dues_year": 2026, "amount": 200_000}
        said = {**known.snapshot, "lines": [line]}
        paper = issue_paper(
            session,
            PaymentPaper.RECEIPT,
            known,
            number="SJ2026-00099",
            enterprise_id=known.enterprise_id,
            snapshot=said,
            actor=SYSTEM,
        )
        prepared = _prepare(session, str(paper.id))
        assert prepared is not None
    page = render_html(house.world, prepared)
    assert "2026年度会费" in page
    assert "JF2026-00001" in page
