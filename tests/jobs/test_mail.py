"""Mails leave after the commit, to a real SMTP server on loopback."""

import dataclasses
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.jobs.models import Job, Mail, MailState
from portal.jobs.outbox import send_mail
from portal.settings import Settings
from tests.cast import House
from tests.scenes import approve_through_pages
from tests.servers import free_port


class Postbox:
    """Takes every mail; refuses while `closed`."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.closed = False

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.closed:
            return "451 come back later"
        found = message_from_bytes(envelope.content or b"", policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.mails.append(found)
        return "250 taken"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield box, controller.port
    controller.stop(no_assert=True)


@pytest.fixture
def settings(settings: Settings, postbox: tuple[Postbox, int]) -> Settings:
    return dataclasses.replace(settings, smtp_url=f"smtp://127.0.0.1:{postbox[1]}")


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_a_mail_loses_its_secret_once_it_has_left(house: House, postbox: tuple[Postbox, int]) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        send_mail(session, "accounts/reset", to="a@b.example", name="甲", secret="word", person="甲")
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        mails = session.scalars(sa.select(Mail)).all()
        assert {m.state for m in mails} == {MailState.SENT}
        assert {m.secret for m in mails} == {None}


def test_nothing_leaves_from_an_act_that_was_rolled_back(house: House, postbox: tuple[Postbox, int]) -> None:
    house.work()
    sent = len(postbox[0].mails)
    with pytest.raises(RuntimeError), house.doors.chamber(house.jia.id, writing=True) as session:
        send_mail(session, "accounts/reset", to="a@b.example", secret="word", person="甲")
        raise RuntimeError
    house.work()
    assert len(postbox[0].mails) == sent


def test_a_server_that_refuses_is_tried_again(house: House, postbox: tuple[Postbox, int]) -> None:
    house.work()
    box = postbox[0]
    sent = len(box.mails)
    box.closed = True
    with house.doors.chamber(house.jia.id, writing=True) as session:
        send_mail(session, "accounts/reset", to="a@b.example", name="甲", secret="word", person="甲")
    house.work()
    assert len(box.mails) == sent
    with house.doors.chamber(house.jia.id) as session:
        assert "451" in (session.scalars(sa.select(Job).where(Job.error.is_not(None))).one().error or "")
    box.closed = False
    import datetime as dt

    house.clock.at = house.clock.at + dt.timedelta(minutes=1)
    house.work()
    assert len(box.mails) == sent + 1


def test_a_heading_cannot_be_smuggled_in_by_a_name(house: House, postbox: tuple[Postbox, int]) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        send_mail(session, "accounts/reset", to="a@b.example", name="x\nBcc: everyone@example.com", secret="w", person="x\nBcc: y")
    house.work()
    assert all(m["Bcc"] is None for m in postbox[0].mails)


def test_every_mail_of_the_way_reaches_its_reader(house: House, postbox: tuple[Postbox, int]) -> None:
    """The way once with a real mail server: the words of links are read from the mails themselves."""
    import re

    from tests.cast import PNG, application_form
    from tests.scenes import application_of, grade_id, pay_through_pages

    house.prints = True
    house.work()
    box = postbox[0]
    browser = house.browser()
    form = application_form(5) | {"grade": grade_id(house)}
    assert browser.send("/apply", **form, files={"licence": (PNG, "licence.png")}).status_code == 302
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
    assert member.send("/sign-in", email="contact5@enterprise.example", password="a new quiet sentence").status_code == 302
    assert "000001" in member.get("/my-enterprise").text
