"""Every route that changes something leaves an audit event, and every such route is tried here."""

import datetime as dt
import re
import uuid
from collections.abc import Callable

import pyotp
import pytest
import sqlalchemy as sa

from portal.accounts.models import Representation, SignIn
from portal.admission.applications.models import Application, ApplicationState
from portal.admission.reviewing.models import ChecklistItem
from portal.audit.models import AuditEvent
from portal.governance.bodies.rules import Vote
from portal.governance.resolutions.services import Decision
from portal.members.membership.queries import list_grades
from portal.money.dues.queries import was_raised_for
from portal.money.dues.services.schedules import RatePlan, adopt_schedule, enter_schedule
from portal.money.invoices.models import Invoice, InvoiceState
from portal.tenancy.models import ChamberOwned
from portal.web.blueprint import ROUTES
from tests.cast import PASSWORD, PNG, Browser, House, application_form
from tests.house.acts_of_governance import GOVERNANCE_ACTS
from tests.house.acts_of_the_roll import ROLL_ACTS
from tests.house.sightseeing import MEMBER_PASSWORD, applicant_browser, ids_of
from tests.scenes import grade_id, word_of_newest_mail

Act = Callable[[House], object]


def _member(house: House) -> Browser:
    browser = house.browser()
    browser.send("/sign-in", email="contact1@enterprise.example", password=MEMBER_PASSWORD)
    return browser


def _one(house: House, query: sa.Select) -> object:
    with house.doors.chamber(house.jia.id) as session:
        found = session.scalars(query).first()
        assert found is not None
        return found


def _newest(house: House, model: type[ChamberOwned]) -> object:
    return _one(house, sa.select(model.id).order_by(model.id.desc()))


def _raised_for(house: House, year: int) -> object:
    return _one(house, sa.select(Invoice.id).where(was_raised_for(year)))


def _in_review(house: House) -> object:
    return _one(
        house,
        sa.select(Application.id)
        .where(Application.state == ApplicationState.IN_REVIEW)
        .order_by(Application.id),
    )


def _apply(house: House, number: int = 7) -> None:
    house.browser().send(
        "/apply",
        **application_form(number),
        grade=grade_id(house),
        files={"licence": (PNG, "x.png")},
    )


def _submit(house: House) -> None:
    _apply(house)
    browser = house.browser()
    browser.get(f"/application/open/{word_of_newest_mail(house, 'jia', 'applications/confirm')}")
    browser.send("/application/submit")


def _vote(house: House) -> None:
    officer, waiting = house.browser("membership"), _in_review(house)
    officer.send(f"/applications/{waiting}/approve")
    officer.send(
        f"/applications/{waiting}/vote",
        meeting_on="2026-06-15",
        entitled="3",
        present="3",
        in_favour="3",
    )


def _transfer(house: House) -> None:
    _vote(house)
    invoice = _one(house, sa.select(Invoice.id).where(Invoice.state == InvoiceState.ISSUED))
    house.browser("finance").send(
        f"/billing/invoices/{invoice}/payment",
        channel="bank_transfer",
        received_on="2026-06-15",
        amount="1",
        payer="x",
        reference="R",
    )


def _return(house: House) -> None:
    house.browser("membership").send(f"/applications/{_in_review(house)}/return", address="理由")


def _after_return(way: str) -> Callable[[House], object]:
    def act(house: House) -> None:
        waiting = _in_review(house)
        _return(house)
        house.browser("membership").send(f"/applications/{waiting}{way}")

    return act


def _correct(house: House) -> None:
    _return(house)
    applicant_browser(house).send("/application/correct", address="新址")


def _invoice_again(house: House) -> None:
    waiting = _in_review(house)
    _void(house)
    house.browser("membership").send(f"/applications/{waiting}/invoice")


def _open_invoice(house: House) -> object:
    _vote(house)
    return _one(house, sa.select(Invoice.id).where(Invoice.state == InvoiceState.ISSUED))


def _void(house: House) -> None:
    invoice = _open_invoice(house)
    house.browser("finance").send(f"/billing/invoices/{invoice}/void", reason="理由")


def _spread(house: House) -> None:
    number = _one(house, sa.select(Invoice.number).where(Invoice.id == _open_invoice(house)))
    arrival = {
        "channel": "cash",
        "received_on": "2026-06-15",
        "amount": "9",
        "payer": "x",
        "reference": "R",
    }
    house.browser("finance").send(
        "/billing/payments/record",
        **arrival,
        **{"parts-0-number": str(number), "parts-0-amount": "9"},
    )


def _slip(house: House) -> None:
    invoice = _open_invoice(house)
    applicant_browser(house).send(
        f"/billing/invoices/{invoice}/slips", files={"slip": (PNG, "s.png")}
    )


def _use_credit(house: House) -> None:
    ids, finance = ids_of(house, "jia"), house.browser("finance")
    finance.send(f"/billing/accounts/{ids['enterprise_id']}/dues", year="2027")
    first = _one(
        house,
        sa.select(Invoice.id).where(was_raised_for(2026), Invoice.party_id == ids["enterprise_id"]),
    )
    finance.send(f"/billing/invoices/{first}/credit-note", amount="10", reason="理由")
    finance.send(f"/billing/invoices/{_raised_for(house, 2027)}/use-credit")


def _raise_difference(house: House) -> None:
    """A schedule in which the office that the member holds owes more than its grade did, and from
    which day.
    """
    ids = ids_of(house, "jia")
    with house.doors.chamber(house.jia.id, writing=True) as session:
        actor, on = house.actor(session, "finance"), dt.date(2026, 1, 1)
        rates = [
            RatePlan(200_000, grade_id=list_grades(session)[1].id),
            RatePlan(1_000_000, office_id=ids["office_id"]),
        ]
        schedule = enter_schedule(
            session, name="新标准", in_force_from=on, rates=rates, actor=actor
        )
        adopt_schedule(
            session,
            schedule,
            Decision("决议", on, vote=Vote(3, 3, 3), secret_ballot=True),
            actor=actor,
        )
    house.browser("finance").send(
        f"/billing/accounts/{ids['enterprise_id']}/supplement", from_on="2026-06-15"
    )


def _give_credit_back(house: House) -> None:
    _use_credit(house)
    house.browser("finance").send(f"/billing/invoices/{_raised_for(house, 2027)}/give-credit-back")


def _undo(house: House) -> None:
    ids = ids_of(house, "jia")
    house.browser("secretary").send(f"/billing/refunds/{ids['refund_id']}/decline", reason="理由")
    house.browser("finance").send(f"/billing/payments/{ids['payment_id']}/undo", reason="理由")


def _refund_paid(house: House) -> None:
    address = "/billing/refunds/{refund_id}".format(**ids_of(house, "jia"))
    house.browser("secretary").send(f"{address}/approve")
    house.browser("finance").send(f"{address}/paid", reference="OUT-1")


def _billing(who: str, path: str, **fields: str) -> Act:
    return lambda house: house.browser(who).send(
        f"/billing{path.format(**ids_of(house, 'jia'))}", **fields
    )


def _reset(house: House) -> None:
    house.browser().send("/password/forgotten", email="finance@jia.example")
    house.work()
    house.browser().send(
        f"/link/{word_of_newest_mail(house, 'jia', 'accounts/reset')}",
        password="some other sentence",
    )


def _factor(house: House, *, then_off: bool = False) -> None:
    browser = house.browser("rights")
    secret = re.findall(r"[A-Z2-7]{32}", browser.send("/account/second-factor").text)[0]
    browser.send("/account/second-factor", code=pyotp.TOTP(secret).at(house.clock.at))
    if then_off:
        house.clock.at = house.clock.at + dt.timedelta(minutes=1)
        browser.send(
            "/account/second-factor/off",
            old_password=PASSWORD,
            code=pyotp.TOTP(secret).at(house.clock.at),
        )
        return
    house.clock.at = house.clock.at + dt.timedelta(minutes=1)
    again = house.browser()
    again.send("/sign-in", email="rights@jia.example", password=PASSWORD)
    again.send("/sign-in/code", code=pyotp.TOTP(secret).at(house.clock.at))


def _end_sign_in(house: House) -> None:
    browser = house.browser("finance")
    house.browser("finance")
    browser.send(
        f"/account/sign-ins/{_one(house, sa.select(SignIn.id).order_by(SignIn.id.desc()))}/end"
    )


def _end_representation(house: House) -> None:
    member = _member(house)
    member.send("/my-enterprise/colleagues", name="x", email="x@y.example")
    member.send(f"/my-enterprise/colleagues/{_newest(house, Representation)}/end")


def _end_contact(house: House) -> None:
    clerk, enterprise = house.browser("membership-clerk"), ids_of(house, "jia")["enterprise_id"]
    clerk.send(
        f"/enterprises/{enterprise}/contacts", name="x", email="x@y.example", dues_contact="y"
    )
    clerk.send(f"/enterprises/contacts/{_newest(house, Representation)}/end")


def _settings(path: str, **fields: str) -> Act:
    return lambda house: house.browser("secretary").send(
        f"/settings{path.format(**ids_of(house, 'jia'))}", **fields
    )


def _schedule(house: House) -> None:
    level = f"g{ids_of(house, 'jia')['grade_id']}"
    fields = {
        "name": "新",
        "in_force_from": "2027-01-01",
        "period": "calendar",
        "proration": "full",
        "rates-0-level": level,
        "rates-0-amount": "1",
        "rates-0-years": "1",
    }
    fields |= {
        f"rates-{n}-{name}": "" for n in range(1, 9) for name in ("level", "amount", "joining_fee")
    } | {f"rates-{n}-years": "1" for n in range(1, 9)}
    house.browser("secretary").send("/settings/dues/new", **fields)


def _give(house: House) -> None:
    office = str(ids_of(house, "jia")["office_id"])
    house.browser("secretary").send(
        "/settings/offices/give",
        office=office,
        uscc=application_form()["uscc"],
        held_by="李四",
        from_on="2026-06-15",
    )


def _desk(path: str, **fields: str) -> Act:
    return lambda house: house.browser("secretary").send(
        path.format(**ids_of(house, "jia")), **fields
    )


def _hand_everything_over(house: House) -> None:
    house.browser("membership").send(f"/applications/{_in_review(house)}/claim")
    _settings("/staff/{person_id}/hand-over", to="")(house)


def _new_point(house: House) -> None:
    _settings("/checklist", title_zh="点", title_en="Point")(house)
    house.browser("secretary").send(f"/settings/checklist/{_newest(house, ChecklistItem)}/retire")


def _hand_over(house: House) -> None:
    house.browser("membership").send(f"/applications/{_in_review(house)}/claim")
    house.browser("membership").send(f"/applications/{_in_review(house)}/hand-over", to="")


def _end_notice(house: House) -> None:
    address = "/applications/{application_id}".format(**(ids := ids_of(house, "jia")))
    secretary = house.browser("secretary")
    secretary.send(f"{address}/objections/{ids['objection_id']}", upheld="no", reason="查无实据")
    house.clock.at += dt.timedelta(days=8)
    house.browser("secretary").send(f"{address}/end-notice")


CHAIN = {
    "steps-0-kind": "council",
    "steps-0-name_zh": "理事会",
    "steps-0-department": "",
    "steps-0-pass_base": "present",
}
CHAIN |= {
    f"steps-{n}-{name}": value
    for n in (1, 2, 3)
    for name, value in (("kind", ""), ("department", ""), ("pass_base", "present"))
}
ACTS: dict[str, tuple[Act, str]] = {
    **ROLL_ACTS,
    **GOVERNANCE_ACTS,
    "applicants.apply": (_apply, "application.begun"),
    "applicants.autosave": (
        lambda h: h.browser().send(
            "/apply/draft", form_key=str(uuid.uuid4()), changed='[["name", "x", 0]]', seen="{}"
        ),
        "draft.begun",
    ),
    "applicants.save_for_later": (
        lambda h: h.browser().send("/apply/later", contact_email="x@y.example"),
        "draft.mailed",
    ),
    "applicants.submit_application": (_submit, "application.submitted"),
    "reviews.approve_step": (
        lambda h: h.browser("membership").send(f"/applications/{_in_review(h)}/approve"),
        "application.step_approved",
    ),
    "reviews.record_vote": (_vote, "application.approved"),
    "reviews.reject_application": (
        lambda h: h.browser("membership").send(
            f"/applications/{_in_review(h)}/reject", reason="理由"
        ),
        "application.rejected",
    ),
    "reviews.return_application": (_return, "application.returned"),
    "reviews.remind_of_correction": (_after_return("/return/remind"), "application.reminded"),
    "reviews.take_return_back": (
        _after_return("/return/take-back"),
        "application.return_taken_back",
    ),
    "applicants.correct_application": (_correct, "application.corrected"),
    "applicants.withdraw_application": (
        lambda h: applicant_browser(h).send("/application/withdraw", reason="x"),
        "application.withdrawn",
    ),
    "reviews.raise_invoice_again": (_invoice_again, "application.invoiced_again"),
    "billing.record_payment": (_transfer, "payment.recorded"),
    "billing.spread_payment": (_spread, "payment.recorded"),
    "billing.void_invoice": (_void, "invoice.voided"),
    "billing.issue_credit_note": (
        _billing("finance", "/invoices/{invoice_id}/credit-note", amount="10", reason="理由"),
        "credit_note.issued",
    ),
    "billing.use_credit": (_use_credit, "credit.used"),
    "billing.give_credit_back": (_give_credit_back, "credit.given_back"),
    "billing.upload_slip": (_slip, "payment_slip.uploaded"),
    "billing.undo_payment": (_undo, "payment.undone"),
    "billing.reissue_receipt": (
        _billing("finance", "/receipts/{paper_id}/copy"),
        "receipt.reissued",
    ),
    "billing.raise_dues_of_year": (
        _billing("finance", "/accounts/{enterprise_id}/dues", year="2027"),
        "invoice.raised",
    ),
    "billing.raise_supplement": (_raise_difference, "invoice.raised"),
    "billing.request_refund": (
        _billing(
            "finance",
            "/accounts/{enterprise_id}/refund",
            amount="1",
            payee="x",
            payee_account="1",
            reason="理由",
        ),
        "refund.requested",
    ),
    "billing.approve_refund": (
        _billing("secretary", "/refunds/{refund_id}/approve"),
        "refund.approved",
    ),
    "billing.decline_refund": (
        _billing("secretary", "/refunds/{refund_id}/decline", reason="理由"),
        "refund.declined",
    ),
    "billing.record_refund_paid": (_refund_paid, "refund.paid"),
    "reviews.export_queue": (_desk("/applications/export?state=all"), "applications.exported"),
    "reviews.claim_application": (
        _desk("/applications/{application_id}/claim"),
        "application.claimed",
    ),
    "reviews.hand_over_application": (_hand_over, "application.handed_over"),
    "reviews.write_note": (
        _desk("/applications/{application_id}/note", body="注"),
        "application.noted",
    ),
    "reviews.tick_point": (
        _desk("/applications/{application_id}/points/{item_id}", value="1"),
        "application.ticked",
    ),
    "reviews.decide_duplicate": (
        _desk("/applications/{application_id}/duplicates/{duplicate_id}", same="no", reason="同名"),
        "application.duplicate_decided",
    ),
    "reviews.record_objection": (
        _desk(
            "/applications/{application_id}/objections",
            raised_by="x",
            received_on="2026-06-15",
            body="异议",
        ),
        "objection.recorded",
    ),
    "reviews.decide_objection": (
        _desk(
            "/applications/{application_id}/objections/{objection_id}",
            upheld="no",
            reason="查无实据",
        ),
        "objection.decided",
    ),
    "reviews.end_notice": (_end_notice, "application.step_approved"),
    "chamber_settings.edit_checklist": (
        _settings("/checklist", title_zh="点", title_en="Point"),
        "checklist.changed",
    ),
    "chamber_settings.edit_questions": (
        _settings("/questions", kind="text", title_zh="问", title_en="Q", grade=""),
        "question.changed",
    ),
    "chamber_settings.retire_question": (
        _settings("/questions/{question_id}/retire"),
        "question.changed",
    ),
    "chamber_settings.retire_point": (_new_point, "checklist.changed"),
    "chamber_settings.hand_over_everything": (_hand_everything_over, "application.handed_over"),
    "billing.export_invoices": (
        _billing("finance", "/invoices/export?state=paid"),
        "billing.exported",
    ),
    "billing.export_payments": (_billing("finance", "/payments/export"), "billing.exported"),
    "sign_in.sign_in": (lambda h: h.browser("finance"), "account.signed_in"),
    "sign_in.give_code": (_factor, "account.second_factor_passed"),
    "sign_in.sign_out": (lambda h: h.browser("finance").send("/sign-out"), "account.signed_out"),
    "sign_in.forgotten": (
        lambda h: h.browser().send("/password/forgotten", email="finance@jia.example"),
        "account.reset_asked",
    ),
    "sign_in.open_link": (_reset, "account.password_set"),
    "sign_in.choose_language": (
        lambda h: h.browser("finance").send("/language", value="en"),
        "account.language_chosen",
    ),
    "sign_in.end_sign_in": (_end_sign_in, "account.signed_out"),
    "sign_in.sign_out_everywhere": (
        lambda h: h.browser("finance").send("/account/sign-out-everywhere"),
        "account.signed_out",
    ),
    "sign_in.change_password": (
        lambda h: h.browser("finance").send(
            "/account/password", old_password=PASSWORD, password="some other sentence"
        ),
        "account.password_set",
    ),
    "sign_in.set_up_second_factor": (_factor, "account.second_factor_on"),
    "sign_in.drop_second_factor": (
        lambda h: _factor(h, then_off=True),
        "account.second_factor_off",
    ),
    "sign_in.choose_enterprise": (
        lambda h: _member(h).send(
            "/account/enterprise", value=str(_one(h, sa.select(Representation.enterprise_id)))
        ),
        "account.enterprise_chosen",
    ),
    "dashboard.invite_colleague": (
        lambda h: _member(h).send("/my-enterprise/colleagues", name="x", email="x@y.example"),
        "account.colleague_invited",
    ),
    "dashboard.end_representation": (_end_representation, "account.representation_ended"),
    "dossier.invite_colleague": (
        lambda h: h.browser("membership-clerk").send(
            f"/enterprises/{ids_of(h, 'jia')['enterprise_id']}/contacts",
            name="x",
            email="x@y.example",
        ),
        "account.colleague_invited",
    ),
    "dossier.end_representation": (_end_contact, "account.representation_ended"),
    "chamber_settings.edit_chamber": (
        _settings("/chamber", name_zh="新名", name_en="New", colour="#1f4e5f"),
        "settings.changed",
    ),
    "chamber_settings.edit_bank": (
        _settings(
            "/bank",
            bank_account_name="n",
            bank_name="b",
            bank_account_number="1",
            days_to_pay="9",
            days_to_expiry="60",
        ),
        "settings.changed",
    ),
    "chamber_settings.edit_mail_sender": (
        _settings("/mail-sender", mail_sender_name="n", mail_reply_to="a@b.example"),
        "settings.changed",
    ),
    "chamber_settings.set_seal": (
        lambda h: h.browser("secretary").send("/settings/seal", files={"seal": (PNG, "s.png")}),
        "settings.seal_set",
    ),
    "chamber_settings.edit_departments": (
        _settings("/departments", code="XCB", name_zh="宣传部", name_en="Press"),
        "department.added",
    ),
    "chamber_settings.edit_grades": (
        _settings("/grades", name_zh="荣誉会员", name_en="Honorary"),
        "grade.added",
    ),
    "chamber_settings.retire_grade": (_settings("/grades/{grade_id}/retire"), "grade.retired"),
    "chamber_settings.enter_schedule": (_schedule, "dues_schedule.entered"),
    "chamber_settings.suspend_dues": (
        _settings("/dues/suspend", from_on="2026-01-01", until_on="2026-01-31", resolution="决议"),
        "dues.suspended",
    ),
    "chamber_settings.take_suspension_back": (
        _settings("/dues/suspensions/{suspension_id}/take-back"),
        "dues.suspension_taken_back",
    ),
    "chamber_settings.edit_offices": (
        _settings("/offices", name_zh="会长", name_en="President"),
        "office.added",
    ),
    "chamber_settings.retire_office": (_settings("/offices/{office_id}/retire"), "office.retired"),
    "chamber_settings.give_office": (_give, "office.given"),
    "chamber_settings.end_office": (
        _settings("/offices/holdings/{holding_id}/end"),
        "office.ended",
    ),
    "chamber_settings.adopt_schedule": (
        _settings(
            "/dues/{schedule_id}/adopt",
            title="决议",
            adopted_on="2026-01-01",
            entitled="3",
            present="3",
            in_favour="3",
            secret_ballot="y",
        ),
        "dues_schedule.adopted",
    ),
    "chamber_settings.set_chain": (_settings("/chain", **CHAIN), "chain.changed"),
    "chamber_settings.edit_documents": (
        _settings("/documents", title_zh="公约", title_en="Code", version="1", body="文"),
        "required_document.published",
    ),
    "chamber_settings.retire_document": (
        _settings("/documents/{document_id}/retire"),
        "required_document.retired",
    ),
    "chamber_settings.appoint": (
        _settings(
            "/staff/appoint",
            name="x",
            email="x@y.example",
            rank="clerk",
            department="HYB",
            from_on="2026-06-15",
        ),
        "account.appointed",
    ),
    "chamber_settings.end_appointment": (
        _settings("/staff/{appointment_id}/end"),
        "account.appointment_ended",
    ),
    "chamber_settings.note_passed_on": (_settings("/mails/{mail_id}/passed-on"), "mail.passed_on"),
    "chamber_settings.send_again": (_settings("/mails/{mail_id}/send-again"), "mail.sent_again"),
    "chamber_settings.retry_job": (_settings("/jobs/{job_id}/retry"), "job.retried"),
    "chamber_settings.try_all_again": (_settings("/jobs/retry"), "jobs.retried"),
}


def test_every_posting_route_is_among_the_acts(house: House) -> None:
    posting = {
        rule.endpoint for rule in house.app.url_map.iter_rules() if "POST" in (rule.methods or ())
    }
    assert posting == set(ACTS)
    assert posting <= set(ROUTES)


def _actions(house: House) -> list[str]:
    with house.doors.chamber(house.jia.id) as session:
        return list(session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)))


@pytest.mark.parametrize("endpoint", sorted(ACTS))
def test_the_act_is_written_down(furnished: House, endpoint: str) -> None:
    house = furnished
    act, action = ACTS[endpoint]
    before = len(_actions(house))
    act(house)
    assert action in _actions(house)[before:]


def test_nothing_secret_goes_into_the_audit(furnished: House) -> None:
    house = furnished
    _reset(house)
    with house.doors.chamber(house.jia.id) as session:
        words = " ".join(str(event.details) for event in session.scalars(sa.select(AuditEvent)))
    for secret in (
        PASSWORD,
        MEMBER_PASSWORD,
        "some other sentence",
        word_of_newest_mail(house, "jia", "accounts/reset"),
        "argon2",
    ):
        assert secret not in words


def test_a_reading_changes_nothing(furnished: House) -> None:
    house = furnished
    ids = ids_of(house, "jia")
    browser = house.browser("secretary")
    before = _actions(house)
    for rule in house.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.endpoint.startswith("platform."):
            browser.get(re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(ids.get(m[1], 1)), rule.rule))
    assert _actions(house) == before
