"""A worker killed with -9 in the middle of a job loses nothing and does nothing twice."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import Application, ApplicationEnding, ApplicationState
from portal.foundation.clock import Clock
from portal.jobs.models import Job, JobState, Mail
from portal.members.membership.models import Grade
from portal.money.invoices.models import Invoice, InvoiceState
from portal.operations.verify import verify
from tests.cast import House
from tests.jobs.killing import kill_in_the_middle, until, worker_process

pytestmark = pytest.mark.both_databases


def test_a_job_survives_its_worker(house: House, tmp_path: Path) -> None:
    house.work()
    mark = tmp_path / "mark"
    with house.doors.chamber(house.jia.id, writing=True) as session:
        now = Clock().now()
        session.add(
            Job(task="long_work", args={}, run_at=now, created_at=now, state=JobState.READY)
        )
    kill_in_the_middle(house, mark)
    with worker_process(house, mark):
        until(mark.exists)
        mark.unlink()
        until(lambda: _state(house) is JobState.DONE)
    with house.doors.chamber(house.jia.id) as session:
        assert len(session.scalars(sa.select(Grade).where(Grade.name_zh == "survived")).all()) == 1
        assert session.scalars(sa.select(Job).where(Job.task == "long_work")).one().attempts == 2


def _state(house: House) -> JobState:
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(sa.select(Job.state).where(Job.task == "long_work")).one()


@pytest.mark.either_database
@pytest.mark.stage("three_approved")
def test_what_expires_when_the_worker_dies_in_the_middle_expires_once(
    house: House, tmp_path: Path
) -> None:
    kill_in_the_middle(house, tmp_path / "mark", "application_ending")
    with house.doors.chamber(house.jia.id) as session:
        assert len(session.scalars(sa.select(ApplicationEnding)).all()) == 1, (
            "the second was not committed"
        )
    house.clock.at = Clock().now() + dt.timedelta(minutes=1)
    house.work()
    with house.doors.chamber(house.jia.id) as session:
        assert {a.state for a in session.scalars(sa.select(Application))} == {
            ApplicationState.EXPIRED
        }
        assert {i.state for i in session.scalars(sa.select(Invoice))} == {InvoiceState.VOID}
        assert (
            len(
                session.scalars(
                    sa.select(Mail).where(Mail.template == "applications/expired")
                ).all()
            )
            == 3
        )
    assert [line for line, fault in verify(house.world) if fault] == []
