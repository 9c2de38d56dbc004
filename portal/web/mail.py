"""Mails: rendered from their template and frozen context.

And delivered by the worker after commit.
"""

import contextlib
import smtplib
import ssl
import uuid
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr
from typing import Any
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from flask import render_template
from flask_babel import force_locale

from portal.files.models import StoredFile
from portal.files.queries import read_file
from portal.jobs.models import Mail, MailState
from portal.jobs.registry import OUTAGE, Failure, Hopeless, Silent, Task, register
from portal.tenancy.chambers import settings_of
from portal.tenancy.models import Chamber, ChamberSettings
from portal.tenancy.session import ChamberSession
from portal.web.world import World

NO_SUCH_READER = {550, 551, 553}
"""Answers about the reader's address (RFC 5321, 4.2.3).

With 5.7 (RFC 3463, 3.8) they are about the sender's right.
"""


@dataclass(frozen=True)
class Letter:
    """A mail as its reader sees it."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class ToDeliver:
    """A mail and what it needs, read before the slow part."""

    mail: Mail
    chamber: Chamber
    settings: ChamberSettings
    attachment: StoredFile | None


def write_letter(
    world: World, mail: Mail, chamber: Chamber, settings: ChamberSettings, *, with_word: bool
) -> Letter:
    """Renders a mail in its own language, with full addresses of the chamber's host.

    The links that let their reader act only `with_word`.
    """
    word = world.sealer.open(mail.secret) if with_word and mail.secret else None

    def link(path: str) -> str:
        return world.address(chamber.slug, path.replace("{word}", word or "…"))

    def marked(purpose: str, id: str) -> str:
        return (
            "…"
            if purpose == "application" and not with_word
            else world.sealer.mark(purpose, chamber.id, uuid.UUID(id))
        )

    values: dict[str, Any] = {
        **mail.context,
        "settings": settings,
        "link": link,
        "marked": marked,
        "has_word": bool(mail.secret),
        "to_name": mail.to_name,
    }
    with world.app.app_context(), world.app.test_request_context(), force_locale(mail.language):
        text = render_template(f"emails/{mail.template}.txt", **values).strip()
        subject, _, body = text.partition("\n")
        html = render_template(
            "emails/letter.html",
            subject=subject,
            paragraphs=[p for p in body.strip().split("\n\n") if p],
            **values,
        )
    return Letter(subject.strip(), body.strip() + "\n", html)


def _prepare(session: ChamberSession, mail_id: str) -> ToDeliver | None:
    mail = session.fetch(Mail, uuid.UUID(mail_id))
    if mail.state is not MailState.QUEUED:
        return None
    chamber = session.scalars(sa.select(Chamber).where(Chamber.id == session.chamber_id)).one()
    return ToDeliver(
        mail, chamber, settings_of(session), session.find(StoredFile, mail.attachment_file_id)
    )


def _work(world: World, item: ToDeliver | None) -> MailState | None:
    if item is None:
        return None
    if world.settings.smtp_url is None or not item.mail.to_address:
        return MailState.HELD
    letter = write_letter(world, item.mail, item.chamber, item.settings, with_word=True)
    message = EmailMessage()
    message["Subject"] = letter.subject
    message["From"] = formataddr(
        (item.settings.mail_sender_name or item.settings.name_zh, world.settings.mail_from)
    )
    message["To"] = formataddr((item.mail.to_name, item.mail.to_address))
    if item.settings.mail_reply_to:
        message["Reply-To"] = item.settings.mail_reply_to
    message["Message-ID"] = f"<{item.mail.id}@{world.settings.base_domain}>"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    if item.attachment is not None:
        data = read_file(world.store, item.attachment)
        message.add_attachment(
            data, maintype="application", subtype="pdf", filename=item.attachment.name
        )
    _post(world.settings.smtp_url, message)
    return MailState.SENT


def _finish(session: ChamberSession, state: MailState | None, mail_id: str) -> None:
    if state is None:
        return
    mail = session.lock(session.fetch(Mail, uuid.UUID(mail_id)))
    mail.state, mail.next_try_at, mail.fault = state, None, ""
    if state is MailState.SENT:
        mail.sent_at, mail.secret = session.now(), None
        mail.tries += 1


def _failed(session: ChamberSession, failure: Failure, mail_id: str) -> None:
    """A mail says how often it was tried, why it did not leave, and when it is tried again.

    Or that it never will be.
    """
    mail = session.lock(session.fetch(Mail, uuid.UUID(mail_id)))
    if mail.state is MailState.QUEUED:
        mail.tries, mail.fault, mail.next_try_at = mail.tries + 1, failure.why, failure.next_at
        mail.state = MailState.QUEUED if failure.next_at else MailState.FAILED


def _post(url: str, message: EmailMessage) -> None:
    """Hands a message to the server.

    Silent where none answers or lets us in; Hopeless where it does not know the reader; Deferred
    where it does not take this mail now. Once it has taken it, whatever it says to the farewell
    means nothing.
    """
    server = _greet(url)
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        ((code, words),) = refused.recipients.values()
        why = f"{code} {words.decode(errors='replace')}"
        raise (Hopeless if code in NO_SUCH_READER and " 5.7." not in why else Deferred)(
            why
        ) from refused
    except OSError as error:
        raise Deferred(str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            server.quit()
        server.close()


def _greet(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    secure = parts.scheme == "smtps"
    kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
    try:
        server = kind(
            parts.hostname or "localhost", parts.port or (465 if secure else 25), timeout=20
        )
        try:
            server.ehlo_or_helo_if_needed()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except OSError:
            server.close()
            raise
    except OSError as error:
        raise Silent(f"the mail server does not serve: {error}") from error
    return server


class Deferred(Exception):
    """The server will take this mail later."""


register(Task("deliver_mail", _finish, prepare=_prepare, work=_work, failed=_failed, waits=OUTAGE))
