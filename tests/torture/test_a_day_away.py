"""A day, stepped through by the clock, on which neither the mail server nor the store of files
answers.
"""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import Application
from portal.files.queries import read_file
from portal.jobs.models import Job, JobState, Mail, MailState
from portal.operations.verify import verify
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.queries import find_rendering
from portal.settings import Settings
from tests.cast import PNG, House, application_form, apply_through_pages
from tests.jobs.test_mail import postbox_at
from tests.s3_server import KEYS, S3Server, s3_serving
from tests.scenes import approve_through_pages, grade_id
from tests.servers import free_port

STEP = dt.timedelta(minutes=10)
DAY = dt.timedelta(days=1)


@pytest.fixture
def s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """The store of files, which may go away."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "weed").mkdir()
    with s3_serving(tmp_path / "weed") as server:
        yield server


@pytest.fixture
def smtp_port() -> int:
    """Where the mail server is looked for."""
    return free_port()


@pytest.fixture
def settings(settings: Settings, s3: S3Server, smtp_port: int) -> Settings:
    return dataclasses.replace(
        settings,
        files=f"s3://papers?endpoint={s3.address}",
        smtp_url=f"smtp://127.0.0.1:{smtp_port}",
    )


def _step_through(house: House, span: dt.timedelta) -> None:
    """Steps through a time as the worker does, which beats, keeps its schedules and runs what comes
    due; /healthz says each time what is so.
    """
    worker, ends = house.worker(), house.clock.at + span
    while house.clock.at < ends:
        worker.beat()
        worker.call_schedules()
        worker.run_all()
        answer = house.app.test_client().get("/healthz", headers={"Host": "localhost"})
        with house.doors.platform() as session:
            due = (
                session.scalar(
                    sa.select(sa.func.count(Job.id)).where(
                        Job.state == JobState.READY, Job.run_at <= house.clock.at
                    )
                )
                or 0
            )
            failed = session.scalar(
                sa.select(sa.func.count(Job.id)).where(Job.state == JobState.FAILED)
            )
        assert (
            (answer.status_code, answer.json["worker_heard_of"], answer.json["failed_jobs"])
            == (200, 0, failed)
            == (200, 0, 0)
        )
        assert (answer.json["oldest_due_job"] > 0) <= (due > 0)
        house.clock.at += STEP


@pytest.mark.both_databases
def test_a_day_without_mail_and_store_loses_nothing(
    house: House, s3: S3Server, smtp_port: int
) -> None:
    house.prints = True
    applicant, application = apply_through_pages(house)
    s3.stop()
    invoice = approve_through_pages(house, application)
    visitor = house.browser()
    form = application_form(2) | {"grade": grade_id(house)}
    refused = visitor.send("/apply", **form, files={"licence": (PNG, "licence.png")})
    assert refused.status_code == 503, "a licence that cannot be kept is not taken"
    assert form["name"] in refused.text, "and nothing typed is lost"
    _step_through(house, DAY)
    with house.doors.chamber(house.jia.id) as session:
        assert len(session.scalars(sa.select(Application)).all()) == 1
        papers = session.scalars(
            sa.select(IssuedPaper).where(IssuedPaper.enterprise_id.is_not(None))
        ).all()
        assert [paper.number for paper in papers if find_rendering(session, paper.id)] == []
        assert invoice.number in {paper.number for paper in papers}
        assert session.scalars(sa.select(Mail)).all()
        assert MailState.SENT not in set(session.scalars(sa.select(Mail.state)))
    s3.start()
    with postbox_at(smtp_port) as box:
        _step_through(house, DAY / 8)
    sent: dict[str, MailState] = {}
    for chamber in (house.jia, house.yi):
        with house.doors.chamber(chamber.id) as session:
            sent |= {
                f"<{mail.id}@localhost>": mail.state for mail in session.scalars(sa.select(Mail))
            }
    assert set(sent.values()) == {MailState.SENT}
    assert Counter(str(mail["Message-ID"]) for mail in box.mails) == dict.fromkeys(sent, 1)
    with house.doors.chamber(house.jia.id) as session:
        for paper in papers:
            rendering = find_rendering(session, paper.id)
            assert rendering is not None
            assert read_file(house.world.store, rendering.file).startswith(b"%PDF-")
    again = visitor.send("/apply", **form, files={"licence": (PNG, "licence.png")})
    assert again.status_code == 302
    assert applicant.get("/application").status_code == 200
    assert [line for line, fault in verify(house.world) if fault] == []
