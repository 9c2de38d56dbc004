"""Three years of members, invoices, payments and papers.

Written in bulk and true to the ledger's rules.
"""

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from typing import Any

from portal.accounts.models import Person, Representation
from portal.foundation.ids import new_id
from portal.foundation.money import in_capitals
from portal.foundation.search import normalise_name, pinyin_key, tokens_of
from portal.foundation.secrecy import new_word
from portal.jobs.outbox import BACKGROUND, enqueue
from portal.members.enterprises.models import Enterprise, EnterpriseKind, Party, PartyKind
from portal.members.membership.models import Grade, Membership, MembershipPaper, MembershipState
from portal.money.dues.models import DuesCharge
from portal.money.invoices.models import (
    Allocation,
    Invoice,
    InvoiceLine,
    InvoicePaper,
    InvoiceState,
)
from portal.money.invoices.rules import payment_code
from portal.money.ledger.models import Account, Journal, JournalKind, Posting
from portal.money.payments.models import Channel, Payment, PaymentPaper
from portal.operations.demo.invented import Invented
from portal.papers.issuing.models import IssuedPaper, PaperKind
from portal.papers.issuing.services import TEMPLATE_VERSION
from portal.tenancy.bulk import insert_rows
from portal.tenancy.models import ChamberSettings, Counter, SearchToken
from portal.tenancy.session import ChamberSession

Rows = dict[type[Any], list[dict[str, Any]]]


class History:
    """Collects the rows of a chamber's past, table by table.

    And writes them in the order of their references.
    """

    ORDER = (
        Party,
        Enterprise,
        Person,
        Representation,
        SearchToken,
        Membership,
        Invoice,
        DuesCharge,
        InvoiceLine,
        Payment,
        Journal,
        Allocation,
        Posting,
        IssuedPaper,
    )

    def __init__(
        self,
        session: ChamberSession,
        settings: ChamberSettings,
        grades: dict[uuid.UUID, tuple[Grade, int]],
        today: dt.date,
        seed: int,
    ) -> None:
        self.session, self.settings, self.today = session, settings, today
        self.grades = list(grades.values())
        self.dice = random.Random(seed)
        self.rows: Rows = {table: [] for table in self.ORDER}
        self.counters: dict[str, int] = {}

    def add_member(self, company: Invented) -> uuid.UUID:
        """An enterprise with its membership and its dues of the last three years.

        Returns its id.
        """
        enterprise_id = self._enterprise(company)
        grade, amount = self.dice.choices(self.grades, weights=(3, 10, 3, 2))[0]
        joined_year = self.today.year - self.dice.choice((0, 1, 2, 2, 3, 5, 8))
        left = self.dice.random() < 0.05
        lapsed = not left and self.dice.random() < 0.06
        joined = self._day(joined_year, 1, 9)
        state = (
            MembershipState.EXITED
            if left
            else MembershipState.LAPSED
            if lapsed
            else MembershipState.ACTIVE
        )
        ended = self._day(self.today.year, 2, 10) if left else None
        member: dict[str, Any] = {
            "id": new_id(),
            "enterprise_id": enterprise_id,
            "grade_id": grade.id,
            "application_id": None,
            "number": f"{self._next('member'):06d}",
        }
        self.rows[Membership].append(
            {**member, "state": state, "joined_on": joined, "ended_on": ended}
        )
        paid = False
        for year in range(max(joined_year, self.today.year - 2), self.today.year + 1):
            if not (left and year == self.today.year):
                paid = self._dues(company, enterprise_id, grade, amount, year, behind=lapsed)
        if paid and not left:
            snapshot = {
                "enterprise": company.name,
                "uscc": company.uscc,
                "grade_zh": grade.name_zh,
                "grade_en": grade.name_en,
                "member_number": member["number"],
            }
            first = max(joined, dt.date(self.today.year, 1, 1))
            dates = {
                "issued_on": first,
                "joined_on": joined,
                "valid_from": first,
                "valid_through": dt.date(self.today.year, 12, 31),
            }
            snapshot |= {name: on.isoformat() for name, on in dates.items()}
            self._paper(
                MembershipPaper.CERTIFICATE,
                f"ZS-{member['number']}",
                "membership",
                member["id"],
                enterprise_id,
                first,
                snapshot,
            )
        return enterprise_id

    def write(self) -> None:
        """Inserts everything, sets the counters, and calls for the papers in the background."""
        for table in self.ORDER:
            insert_rows(self.session, table, self.rows[table])
        self.session.add_all(
            Counter(name=name, value=value) for name, value in self.counters.items()
        )
        for paper in reversed(self.rows[IssuedPaper]):
            enqueue(self.session, "render_paper", priority=BACKGROUND, paper_id=paper["id"])
        self.session.flush()

    def _enterprise(self, company: Invented) -> uuid.UUID:
        enterprise_id = new_id()
        self.rows[Party].append({"id": enterprise_id, "kind": PartyKind.ENTERPRISE, "name": ""})
        self.rows[Enterprise].append(
            {
                "id": enterprise_id,
                "uscc": company.uscc,
                "name": company.name,
                "name_normal": normalise_name(company.name),
                "pinyin_key": pinyin_key(company.name),
                "kind": EnterpriseKind.PRIVATE,
                "legal_representative": company.legal_representative,
                "capital": company.capital,
                "industry": company.industry,
                "region": company.region,
                "address": f"示范大道{self.dice.randrange(1, 400)}号",
                "licence_file_id": None,
                "created_at": self.session.now(),
            }
        )
        person: dict[str, Any] = {
            "id": new_id(),
            "email": f"{company.uscc.lower()}@enterprise.example",
            "name": company.contact,
            "phone": f"138{len(self.rows[Person]):08d}",
        }
        self.rows[Person].append({**person, "created_at": self.session.now()})
        acting = {
            "person_id": person["id"],
            "enterprise_id": enterprise_id,
            "is_member_representative": True,
            "is_dues_contact": True,
        }
        self.rows[Representation].append({**acting, "began_at": self.session.now()})
        texts = (company.name, company.uscc, company.contact, str(person["phone"]))
        self.rows[SearchToken].extend(
            {"subject_type": "enterprise", "subject_id": enterprise_id, "token": token}
            for token in tokens_of(*texts)
        )
        return enterprise_id

    def _dues(
        self,
        company: Invented,
        enterprise_id: uuid.UUID,
        grade: Grade,
        amount: int,
        year: int,
        *,
        behind: bool,
    ) -> bool:
        """The dues of a year, and what was paid of them; whether that is all."""
        issued = min(self._day(year, 1, 2), self.today)
        due = issued + dt.timedelta(days=60)
        sequence = self._next(f"invoice {year}")
        wording = f"{year}年度会费（{grade.name_zh}）"
        invoice: dict[str, Any] = {
            "id": new_id(),
            "number": f"JF{year}-{sequence:05d}",
            "payment_code": payment_code(year, sequence),
            "party_id": enterprise_id,
        }
        paid = self._paid(amount, year, behind=behind)
        state = (
            InvoiceState.PAID
            if paid == amount
            else InvoiceState.PARTLY_PAID
            if paid
            else InvoiceState.ISSUED
        )
        covers = {"covers_from": dt.date(year, 1, 1), "covers_until": dt.date(year, 12, 31)}
        told = {
            "notify_name": company.contact,
            "notify_email": "finance@example.invalid",
            "language": "zh",
            "currency": "CNY",
        }
        self.rows[Invoice].append(
            {
                **invoice,
                "issued_on": issued,
                "due_on": due,
                "amount": amount,
                "paid": paid,
                "credited": 0,
                "state": state,
                **told,
            }
        )
        charge = {
            "enterprise_id": enterprise_id,
            "invoice_id": invoice["id"],
            "dues_year": year,
            "supplement": 0,
            "rate_id": None,
            "standing": True,
            "inherited": False,
        }
        self.rows[DuesCharge].append({**charge, **covers})
        self.rows[InvoiceLine].append(
            {
                "invoice_id": invoice["id"],
                "position": 1,
                "wording": wording,
                "formula": "",
                "amount": amount,
                "account": Account.DUES_INCOME,
            }
        )
        self._post(
            issued,
            enterprise_id,
            [(Account.RECEIVABLES, amount), (Account.DUES_INCOME, -amount)],
            kind=JournalKind.INVOICE,
            origin=("invoice", invoice["id"]),
        )
        bank = {
            name: getattr(self.settings, name)
            for name in ("bank_account_name", "bank_name", "bank_account_number")
        }
        sums = {
            "payment_code": invoice["payment_code"],
            "issued_on": issued.isoformat(),
            "due_on": due.isoformat(),
            "amount": amount,
            "credit": 0,
            "to_pay": amount,
        }
        lines = {
            "capitals": in_capitals(amount),
            "lines": [{"wording": wording, "formula": "", "amount": amount}],
            "enterprise": company.name,
            "uscc": company.uscc,
        }
        self._paper(
            InvoicePaper.DUES_NOTICE,
            invoice["number"],
            "invoice",
            invoice["id"],
            enterprise_id,
            issued,
            {**bank, **sums, **lines},
        )
        if paid:
            self._payment(
                company,
                enterprise_id,
                invoice,
                wording,
                paid,
                min(issued + dt.timedelta(days=self.dice.randrange(3, 75)), self.today),
            )
        return paid == amount

    def _paid(self, amount: int, year: int, *, behind: bool) -> int:
        if behind and year >= self.today.year - 1:
            return 0
        if year < self.today.year:
            return amount
        return self.dice.choices((amount, 0, amount // 2), weights=(78, 18, 4))[0]

    def _payment(
        self,
        company: Invented,
        enterprise_id: uuid.UUID,
        invoice: dict[str, Any],
        wording: str,
        paid: int,
        on: dt.date,
    ) -> None:
        payment_id, reference = new_id(), f"{on:%Y%m%d}{self._next('demo bank serial'):08d}"
        who = {
            "payer": company.name,
            "recorded_at": self.session.now(),
            "recorded_by": "财务部",
            "recorded_by_id": None,
            "attempt": 1,
        }
        sums = {"received_on": on, "amount": paid, "currency": "CNY"}
        self.rows[Payment].append(
            {
                "id": payment_id,
                "channel": Channel.BANK_TRANSFER,
                "reference": reference,
                **sums,
                **who,
            }
        )
        journal = self._post(
            on,
            enterprise_id,
            [(Account.BANK, paid), (Account.RECEIVABLES, -paid)],
            kind=JournalKind.PAYMENT,
            origin=("payment", payment_id),
        )
        self.rows[Allocation].append(
            {
                "journal_id": journal,
                "payment_id": payment_id,
                "invoice_id": invoice["id"],
                "amount": paid,
            }
        )
        told = {
            "enterprise": company.name,
            "payer": company.name,
            "channel": "bank_transfer",
            "received_on": on.isoformat(),
            "issued_on": on.isoformat(),
        }
        rest = {
            "lines": [{"invoice_number": invoice["number"], "wording": wording, "amount": paid}],
            "amount": paid,
            "credit": 0,
            "capitals": in_capitals(paid),
            "reference": reference,
            "recorded_by": "财务部",
        }
        self._paper(
            PaymentPaper.RECEIPT,
            f"SJ{on.year}-{self._next(f'receipt {on.year}'):05d}",
            "payment",
            payment_id,
            enterprise_id,
            on,
            {**told, **rest},
        )

    def _post(
        self,
        on: dt.date,
        enterprise_id: uuid.UUID,
        sides: list[tuple[Account, int]],
        *,
        kind: JournalKind,
        origin: tuple[str, uuid.UUID],
    ) -> uuid.UUID:
        journal = new_id()
        came = {
            "origin_type": origin[0],
            "origin_id": origin[1],
            "beside_id": None,
            "reverses_id": None,
        }
        self.rows[Journal].append(
            {"id": journal, "kind": kind, "posted_on": on, "posted_at": self.session.now(), **came}
        )
        self.rows[Posting].extend(
            {"journal_id": journal, "account": account, "party_id": enterprise_id, "amount": amount}
            for account, amount in sides
        )
        return journal

    def _paper(
        self,
        kind: PaperKind,
        number: str,
        subject: str,
        subject_id: uuid.UUID,
        enterprise_id: uuid.UUID,
        on: dt.date,
        snapshot: dict[str, Any],
    ) -> None:
        own = self.settings
        head = {
            "chamber_zh": own.name_zh,
            "chamber_en": own.name_en,
            "chamber_uscc": own.uscc or "",
            "chamber_address": own.address,
            "chamber_phone": own.phone,
        }
        look = {"colour": own.colour, "seal_file_id": str(own.seal_file_id or "")}
        at = dt.datetime.combine(on, dt.time(2), dt.UTC)
        word = new_word() if kind in {PaymentPaper.RECEIPT, MembershipPaper.CERTIFICATE} else None
        row = {
            "id": new_id(),
            "kind": kind,
            "number": number,
            "copy": 0,
            "check_word": word,
            "subject_type": subject,
            "subject_id": subject_id,
            "enterprise_id": enterprise_id,
        }
        self.rows[IssuedPaper].append(
            {
                **row,
                "template_version": TEMPLATE_VERSION,
                "snapshot": {**head, **look, **snapshot},
                "issued_at": at,
            }
        )

    def _day(self, year: int, first: int, last: int) -> dt.date:
        return min(
            dt.date(year, self.dice.randrange(first, last + 1), self.dice.randrange(1, 28)),
            self.today,
        )

    def _next(self, name: str) -> int:
        self.counters[name] = self.counters.get(name, 0) + 1
        return self.counters[name]


def joined_lately(rows: Rows, most: int = 12) -> Iterator[dict[str, Any]]:
    """The newest active memberships, for their public announcement."""
    active = [m for m in rows[Membership] if m["state"] is MembershipState.ACTIVE]
    yield from sorted(active, key=lambda m: m["joined_on"], reverse=True)[:most]
