"""A load of real requests on a portal that is being killed, and what it was told was kept."""

import datetime as dt
import http.client
import itertools
import re
import threading
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from urllib3.filepost import encode_multipart_formdata

from portal.accounts.actions import AccountMail
from portal.jobs.models import WorkerBeat
from portal.jobs.outbox import send_mail
from portal.jobs.queries import SILENT
from portal.tenancy.session import Doors
from tests.cast import PNG, application_form
from tests.servers import health_of

HOST = "jia.localhost"


@dataclass
class Kept:
    """What somebody was told that it is kept, and what the portal said of itself."""

    forms: list[str] = field(default_factory=list)
    """Codes (USCC) of forms that were answered as taken."""
    mails: list[str] = field(default_factory=list)
    """Ids of mails whose transaction committed."""
    answers: dict[int, int] = field(default_factory=dict)
    healths: list[dict[str, Any]] = field(default_factory=list)


def send_form(port: int, number: int, grade: str, kept: Kept) -> None:
    """Fills in an application as a stranger does, from an address of its own.

    Remembers it where it was taken.
    """
    source = (f"127.0.0.{2 + number % 200}", 0)
    form = application_form(number) | {"grade": grade}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=source)
    try:
        connection.request("GET", "/apply", headers={"Host": HOST})
        page = connection.getresponse()
        cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())
        if token is None:
            return
        fields = {**form, "csrf_token": token[1], "licence": ("licence.png", PNG, "image/png")}
        body, kind = encode_multipart_formdata(fields)
        connection.request(
            "POST", "/apply", body, {"Host": HOST, "Cookie": cookie, "Content-Type": kind}
        )
        status = connection.getresponse().status
        kept.answers[status] = kept.answers.get(status, 0) + 1
        if status == 302:
            kept.forms.append(form["uscc"])
    except (OSError, http.client.HTTPException):
        kept.answers[0] = kept.answers.get(0, 0) + 1
    finally:
        connection.close()


def call_for_mail(doors: Doors, chamber_id: object, number: int, kept: Kept) -> None:
    """Queues a mail as another web machine would; remembers it where the commit came back."""
    try:
        with doors.chamber(chamber_id, writing=True) as session:  # type: ignore[arg-type]
            mail = send_mail(
                session,
                AccountMail.RESET,
                to=f"reader{number}@b.example",
                secret=f"word{number}",
                person="甲",
            )
    except Exception:
        kept.answers[-1] = kept.answers.get(-1, 0) + 1
    else:
        kept.mails.append(str(mail.id))


def _forms(port: int, first: int, grade: str, kept: Kept, ends: threading.Event) -> None:
    for number in itertools.count(first, 2):
        send_form(port, number, grade, kept)
        if ends.wait(0.2):
            return


def _mails(doors: Doors, chamber_id: object, kept: Kept, ends: threading.Event) -> None:
    for number in itertools.count():
        call_for_mail(doors, chamber_id, number, kept)
        if ends.wait(0.2):
            return


def _watch(port: int, doors: Doors, kept: Kept, ends: threading.Event) -> None:
    """Asks after the portal's health, and looks into the database before and after.

    What it says must lie between.
    """
    while not ends.wait(0.5):
        began, first = doors.clock.now(), _heard_of(doors)
        told = health_of(port)
        last, ended = _heard_of(doors), doors.clock.now()
        if told:
            between = (
                (int((began - last).total_seconds()), int((ended - first).total_seconds()))
                if first and last
                else None
            )
            kept.healths.append(told | {"between": between})


def _heard_of(doors: Doors) -> dt.datetime | None:
    """When a worker was last heard of; None too while the database is away."""
    try:
        with doors.platform() as session:
            return session.scalar(sa.select(sa.func.max(WorkerBeat.beat_at)))
    except SQLAlchemyError:
        return None


def is_true(told: dict[str, Any]) -> bool:
    """Whether an answer of /healthz says what the database knew.

    When a worker was heard of, and silence as silence.
    """
    if told["status"] == "no word":
        return bool(told["code"] == 503)
    beat = told["worker_heard_of"]
    least, most = told["between"] or (0, SILENT.total_seconds())
    silent = beat is None or beat > SILENT.total_seconds()
    return least <= (beat or 0) <= most and (told["status"] == "silent") == silent == (
        told["code"] == 503
    )


def run_load(
    port: int, doors: Doors, chamber_id: object, grade: str, ends: threading.Event
) -> tuple[Kept, list[threading.Thread]]:
    """Starts senders of forms and of mails, and somebody who asks after the portal's health, until
    `ends`.
    """
    kept = Kept()
    threads = [
        threading.Thread(target=_forms, args=(port, 1_000, grade, kept, ends)),
        threading.Thread(target=_forms, args=(port, 1_001, grade, kept, ends)),
        threading.Thread(target=_mails, args=(doors, chamber_id, kept, ends)),
        threading.Thread(target=_watch, args=(port, doors, kept, ends)),
    ]
    for thread in threads:
        thread.start()
    return kept, threads
