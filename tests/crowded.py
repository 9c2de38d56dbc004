"""Many rows at once, for tests of pages that must not care how many there are."""

import datetime as dt
import uuid

from portal.admission.applications.models import (
    ADMISSION,
    Application,
    ApplicationState,
    ApplicationStep,
    StepKind,
    StepState,
)
from portal.foundation.clock import day_in
from portal.foundation.search import normalise_name, pinyin_key
from portal.governance.meetings.models import Matter
from portal.members.enterprises.models import Enterprise, EnterpriseKind, Party, PartyKind
from portal.members.membership.queries import list_grades
from portal.money.dues.models import DuesCharge
from portal.money.invoices.models import Invoice, InvoiceLine, InvoiceState
from portal.money.invoices.rules import payment_code
from portal.money.ledger.models import Account
from portal.tenancy.bulk import insert_rows
from tests.cast import House, invented_uscc
from tests.scenes import council


def furnish_invoices(house: House, count: int, first: int = 1, paid_of_20: int = 0) -> None:
    """`count` enterprises of 甲 with an invoice each, numbered from `first`.

    Of twenty, `paid_of_20` are paid.
    """
    with house.doors.chamber(house.jia.id, writing=True) as session:
        today = day_in(session.now())
        companies = [
            {
                "id": uuid.uuid4(),
                "uscc": invented_uscc(n),
                "name": f"甲字{n}号有限公司",
                "name_normal": normalise_name(f"甲字{n}号有限公司"),
                "pinyin_key": pinyin_key(f"甲字{n}号有限公司"),
                "kind": EnterpriseKind.PRIVATE,
                "legal_representative": "张三",
                "capital": 1,
                "industry": "C13",
                "region": "4403",
                "address": "示例路",
                "licence_file_id": None,
                "created_at": session.now(),
            }
            for n in range(first, first + count)
        ]
        insert_rows(
            session,
            Party,
            (
                {"id": company["id"], "kind": PartyKind.ENTERPRISE, "name": ""}
                for company in companies
            ),
        )
        insert_rows(session, Enterprise, companies)
        invoices = [
            {
                "id": uuid.uuid4(),
                "number": f"JF2026-{n:05d}",
                "payment_code": payment_code(2026, n),
                "party_id": company["id"],
                "credited": 0,
                "issued_on": today,
                "due_on": today,
                "amount": 200_000,
                "paid": 200_000 if n % 20 < paid_of_20 else 0,
                "currency": "CNY",
                "state": InvoiceState.PAID if n % 20 < paid_of_20 else InvoiceState.ISSUED,
                "notify_name": "x",
                "notify_email": "x@y.example",
                "language": "zh",
            }
            for n, company in enumerate(companies, first)
        ]
        insert_rows(session, Invoice, invoices)
        charge = {
            "dues_year": 2026,
            "supplement": 0,
            "rate_id": None,
            "covers_from": today,
            "covers_until": today,
            "standing": True,
            "inherited": False,
        }
        insert_rows(
            session,
            DuesCharge,
            ({"invoice_id": i["id"], "enterprise_id": i["party_id"], **charge} for i in invoices),
        )
        line = {
            "position": 1,
            "wording": "2026年度会费",
            "formula": "",
            "amount": 200_000,
            "account": Account.DUES_INCOME,
        }
        insert_rows(session, InvoiceLine, ({"invoice_id": i["id"], **line} for i in invoices))


def furnish_applications(house: House, count: int, first: int = 1) -> None:
    """`count` applications of 甲 in review, each at its first step, numbered from `first`."""
    with house.doors.chamber(house.jia.id, writing=True) as session:
        grade = list_grades(session)[0].id
        now = session.now()
        identity = {
            "kind": EnterpriseKind.PRIVATE,
            "legal_representative": "张三",
            "capital": 1,
            "industry": "C13",
            "region": "4403",
            "address": "示例路",
            "licence_file_id": None,
        }
        companies = [
            {
                "id": uuid.uuid4(),
                "uscc": invented_uscc(500_000 + n),
                "name": f"申请{n}号有限公司",
                "name_normal": f"申请{n}号",
                "pinyin_key": f"{n}",
                "created_at": now,
                **identity,
            }
            for n in range(first, first + count)
        ]
        insert_rows(
            session,
            Party,
            (
                {"id": company["id"], "kind": PartyKind.ENTERPRISE, "name": ""}
                for company in companies
            ),
        )
        insert_rows(session, Enterprise, companies)
        contact = {
            "contact_name": "李四",
            "contact_email": "x@y.example",
            "contact_phone": "1",
            "language": "zh",
            "created_at": now,
            "invoice_id": None,
        }
        applications = [
            {
                "id": uuid.uuid4(),
                "form_key": uuid.uuid4(),
                "word_hash": uuid.uuid4().hex,
                "submitted_at": now + dt.timedelta(seconds=n),
                "state": ApplicationState.IN_REVIEW,
                "number": f"SQ2026-{n:05d}",
                "uscc": company["uscc"],
                "name": company["name"],
                "grade_id": grade,
                "dues_years": None,
                "enterprise_id": company["id"],
                **contact,
                **identity,
            }
            for n, company in enumerate(companies, first)
        ]
        insert_rows(session, Application, applications)
        rule = {
            "quorum_num": 2,
            "quorum_den": 3,
            "pass_num": 2,
            "pass_den": 3,
            "pass_base": "present",
            "strict": False,
        }
        where = {"opened_at": now, "department_id": None, "body_id": council(session).id}
        steps = [
            {
                "id": uuid.uuid4(),
                "application_id": a["id"],
                "position": 1,
                "kind": StepKind.COUNCIL,
                "name_zh": "理事会",
                "name_en": "Council",
                "state": StepState.OPEN,
                **where,
                **rule,
            }
            for a in applications
        ]
        insert_rows(session, ApplicationStep, steps)
        matter = {
            "kind": ADMISSION,
            "body_id": council(session).id,
            "text": "",
            "subject_type": "application_step",
            "brought_at": now,
            **rule,
        }
        insert_rows(
            session,
            Matter,
            (
                {"title": a["name"], "subject_id": s["id"], **matter}
                for a, s in zip(applications, steps, strict=True)
            ),
        )
