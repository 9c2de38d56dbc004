"""Mails leave after the commit, to a real SMTP server on loopback."""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.accounts.actions import AccountMail
from portal.foundation.ids import new_id
from portal.jobs.models import Job, Mail, MailState
from portal.jobs.outbox import enqueue, send_mail
from portal.jobs.registry import OUTAGE
from portal.settings import Settings
from portal.tenancy.bulk import insert_rows
from tests.cast import House
from tests.scenes import approve_through_pages
from tests.servers import free_port


class Postbox:
    """Takes every mail; refuses while `closed`, and readers that are unknown."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.closed = False

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 5.1.1 no such reader"
        if address.startswith("barred@"):
            return "554 5.7.1 relay access denied"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.closed:
            return "451 come back later"
        found = message_from_bytes(envelope.content or b"", policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.mails.append(found)
        return "250 taken"


@contextmanager
def postbox_at(port: int) -> Iterator[Postbox]:
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop(no_assert=True)


@pytest.fixture
def smtp_port() -> int:
    """Where the installation's mail server is looked for."""
    return free_port()


@pytest.fixture
def postbox(smtp_port: int) -> Iterator[tuple[Postbox, int]]:
    with postbox_at(smtp_port) as box:
        yield box, smtp_port


@pytest.fixture
def settings(settings: Settings, smtp_port: int) -> Settings:
    return dataclasses.replace(settings, smtp_url=f"smtp://127.0.0.1:{smtp_port}")


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_a_mail_loses_its_secret_once_it_has_left(
    house: House, postbox: tuple[Postbox, int]
) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        send_mail(
            session, AccountMail.RESET, to="a@b.example", name="甲", secret="word", person="甲"
        )
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        mails = session.scalars(sa.select(Mail)).all()
        assert {m.state for m in mails} == {MailState.SENT}
        assert {m.secret for m in mails} == {None}


def test_nothing_leaves_from_an_act_that_was_rolled_back(
    house: House, postbox: tuple[Postbox, int]
) -> None:
    house.work()
    sent = len(postbox[0].mails)
    with pytest.raises(RuntimeError), house.doors.chamber(house.jia.id, writing=True) as session:
        send_mail(session, AccountMail.RESET, to="a@b.example", secret="word", person="甲")
        raise RuntimeError
    house.work()
    assert len(postbox[0].mails) == sent


def test_a_server_that_refuses_is_tried_again(house: House, postbox: tuple[Postbox, int]) -> None:
    house.work()
    box = postbox[0]
    sent = len(box.mails)
    box.closed = True
    with house.doors.chamber(house.jia.id, writing=True) as session:
        send_mail(
            session, AccountMail.RESET, to="a@b.example", name="甲", secret="word", person="甲"
        )
    house.work()
    assert len(box.mails) == sent
    with house.doors.chamber(house.jia.id) as session:
        assert "451" in (
            session.scalars(sa.select(Job).where(Job.error.is_not(None))).one().error or ""
        )
    box.closed = False
    house.clock.at = house.clock.at + dt.timedelta(minutes=1)
    house.work()
    assert len(box.mails) == sent + 1


def _send(house: House, to: str, slug: str = "jia") -> uuid.UUID:
    chamber = house.jia if slug == "jia" else house.yi
    with house.doors.chamber(chamber.id, writing=True) as session:
        return send_mail(
            session, AccountMail.RESET, to=to, name="甲", secret="word", person="甲"
        ).id


def _mail(house: House, mail_id: uuid.UUID) -> Mail:
    with house.doors.chamber(house.jia.id) as session:
        return session.fetch(Mail, mail_id)


@pytest.mark.both_databases
def test_four_hours_without_a_mail_server_lose_nothing(house: House, smtp_port: int) -> None:
    """The server is gone, comes back after four hours, and every mail leaves once.

    Its state is true all the while.
    """
    house.work()
    mails = [_send(house, f"reader{n}@b.example") for n in range(30)]
    worker = house.worker()
    for _ in range(4 * 12):
        worker.run_all()
        told = [_mail(house, mail_id) for mail_id in mails]
        assert {mail.state for mail in told} == {MailState.QUEUED}
        assert all(mail.fault and mail.next_try_at for mail in told if mail.tries)
        house.clock.at = house.clock.at + dt.timedelta(minutes=5)
    assert any(mail.tries for mail in told)
    with postbox_at(smtp_port) as box:
        for _ in range(13):
            worker.run_all()
            house.clock.at = house.clock.at + dt.timedelta(minutes=5)
        assert {_mail(house, mail_id).state for mail_id in mails} == {MailState.SENT}
        came = [str(mail["Message-ID"]) for mail in box.mails]
        assert len(came) == len(set(came)), "one came twice"
        assert {f"<{mail_id}@localhost>" for mail_id in mails} <= set(came)


@pytest.mark.both_databases
def test_a_mail_is_tried_eighty_times_in_three_days_before_it_is_given_up(
    house: House, postbox: tuple[Postbox, int]
) -> None:
    house.work()
    postbox[0].closed = True
    mail_id, began = _send(house, "a@b.example"), house.clock.at
    worker = house.worker()
    while _mail(house, mail_id).state is MailState.QUEUED:
        worker.run_all()
        told = _mail(house, mail_id)
        house.clock.at = told.next_try_at or house.clock.at
    assert told.state is MailState.FAILED
    assert told.tries == len(OUTAGE) + 1 >= 48
    assert house.clock.at - began >= dt.timedelta(days=3)
    assert told.secret is not None, "whoever looks after mails can still pass its link on"
    postbox[0].closed = False
    office = house.browser("office")
    assert "451" in office.get("/settings/mails").text
    assert office.send("/settings/jobs/retry").status_code == 302
    house.work()
    assert _mail(house, mail_id).state is MailState.SENT


def test_an_unknown_reader_is_told_at_once_and_a_barred_sender_is_not_the_readers_fault(
    house: House, postbox: tuple[Postbox, int]
) -> None:
    house.work()
    nobody, barred = _send(house, "nobody@b.example"), _send(house, "barred@b.example")
    house.work()
    assert _mail(house, nobody).state is MailState.FAILED
    assert "5.1.1" in _mail(house, nobody).fault
    assert _mail(house, barred).state is MailState.QUEUED
    assert "5.7.1" in _mail(house, barred).fault


def test_a_mail_has_one_job_however_often_it_is_sent_again(
    house: House, postbox: tuple[Postbox, int]
) -> None:
    house.work()
    postbox[0].closed = True
    mail_id = _send(house, "a@b.example")
    house.work()
    office = house.browser("office")
    for _ in range(3):
        assert office.send(f"/settings/mails/{mail_id}/send-again").status_code == 302
    postbox[0].closed = False
    sent = len(postbox[0].mails)
    house.work()
    assert len(postbox[0].mails) == sent + 1
    assert office.send(f"/settings/mails/{mail_id}/send-again").status_code == 302
    house.work()
    assert len(postbox[0].mails) == sent + 1


@pytest.mark.either_database
def test_beside_twenty_thousand_mails_of_one_chamber_anothers_leaves_at_once(
    house: House, postbox: tuple[Postbox, int]
) -> None:
    house.work()
    same = {
        "template": "accounts/reset",
        "context": {"person": "甲"},
        "state": MailState.QUEUED,
        "created_at": house.clock.at,
    }
    same |= {"to_name": "", "language": "zh", "tries": 0, "fault": ""}
    with house.doors.chamber(house.jia.id, writing=True) as session:
        mails = [new_id() for _ in range(20_000)]
        insert_rows(
            session,
            Mail,
            ({"id": key, "to_address": f"r{n}@b.example", **same} for n, key in enumerate(mails)),
        )
        for key in mails:
            enqueue(
                session, "deliver_mail", unique_key=f"deliver_mail:{key}", priority=5, mail_id=key
            )
    _send(house, "theirs@c.example", "yi")
    worker, sent = house.worker(), len(postbox[0].mails)
    for _ in range(4):
        worker.run_one()
    assert any("theirs@c.example" in str(mail["To"]) for mail in postbox[0].mails[sent:])


def test_a_heading_cannot_be_smuggled_in_by_a_name(
    house: House, postbox: tuple[Postbox, int]
) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        send_mail(
            session,
            AccountMail.RESET,
            to="a@b.example",
            name="x\nBcc: everyone@example.com",
            secret="w",
            person="x\nBcc: y",
        )
    house.work()
    assert all(m["Bcc"] is None for m in postbox[0].mails)


def test_every_mail_of_the_way_reaches_its_reader(
    house: House, postbox: tuple[Postbox, int]
) -> None:
    """The way once with a real mail server.

    The words of links are read from the mails themselves.
    """
    import re

    from tests.cast import PNG, application_form
    from tests.scenes import application_of, grade_id, pay_through_pages

    house.prints = True
    house.work()
    box = postbox[0]
    browser = house.browser()
    form = application_form(5) | {"grade": grade_id(house)}
    assert (
        browser.send("/apply", **form, files={"licence": (PNG, "licence.png")}).status_code == 302
    )
    house.work()
    word = re.findall(r"/application/open/(\S+)", _body(box.mails[-1]))[0]
    browser.get(f"/application/open/{word}")
    browser.send("/application/submit")
    application = application_of(house, "jia", form["uscc"])
    invoice = approve_through_pages(house, application)
    notice = box.mails[-1]
    assert [a.get_content_type() for a in notice.iter_attachments()] == ["application/pdf"]
    assert next(iter(notice.iter_attachments())).get_content()[:5] == b"%PDF-"
    assert invoice.payment_code in _body(notice)
    pay_through_pages(house, invoice)
    welcome = next(m for m in box.mails if "Welcome" in m["Subject"])
    word = re.findall(r"/link/(\S+)", _body(welcome))[0]
    page = house.browser()
    assert page.get(f"/link/{word}").status_code == 200
    assert page.send(f"/link/{word}", password="a new quiet sentence").status_code == 302
    assert page.send(f"/link/{word}", password="a new quiet sentence").status_code == 404
    member = house.browser()
    assert (
        member.send(
            "/sign-in", email="contact5@enterprise.example", password="a new quiet sentence"
        ).status_code
        == 302
    )
    assert "000001" in member.get("/my-enterprise").text
