"""The demo, at a tenth of its size: every state is there, and everything in it fits."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import (
    Answer,
    Application,
    ApplicationState,
    ApplicationStep,
    StepKind,
    StepState,
)
from portal.admission.reviewing.models import (
    ApplicationNote,
    Handover,
    Objection,
    PossibleDuplicate,
)
from portal.app import create_app
from portal.foundation.clock import StandingClock
from portal.foundation.database import Database
from portal.governance.meetings.models import Meeting, MeetingResult, MeetingState
from portal.jobs.models import Job, JobState
from portal.jobs.worker import Worker
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.rules.uscc import read_uscc
from portal.members.membership.models import Membership, MembershipState
from portal.money.dues.models import DuesCharge
from portal.money.invoices.models import Invoice, InvoiceState
from portal.operations.demo.fill import PLANS, fill
from portal.operations.schema import migrate
from portal.operations.verify import verify
from portal.tenancy.chambers import every_chamber
from portal.web.world import World
from tests.locks import nobody_records
from tests.templates import settings_on


@pytest.fixture
def world(empty_database: str, tmp_path: Path) -> Iterator[World]:
    """A small demo, its urgent jobs done, and of its papers a dozen made."""
    database = Database(empty_database)
    migrate(database)
    database.dispose()
    app = create_app(
        settings_on(empty_database, empty_database, tmp_path / "files"),
        clock=StandingClock(dt.datetime(2026, 11, 22, 4, tzinfo=dt.UTC)),
    )
    made: World = app.extensions["world"]
    with nobody_records():
        fill(made, members=40, plans=PLANS[:1])
    with made.doors.platform(writing=True) as session:
        urgent = session.scalars(
            sa.select(Job.id)
            .where(Job.task == "render_paper", Job.priority >= 0)
            .order_by(Job.id.desc())
            .limit(12)
        ).all()
        session.execute(sa.delete(Job).where(Job.task == "render_paper", Job.id.not_in(urgent)))
    worker = Worker(made.doors, made)
    worker.call_schedules()
    worker.run_all()
    yield made
    made.doors.database.dispose()


def test_the_demo_is_full_of_life_and_true(world: World) -> None:
    chambers = list(every_chamber(world.doors))
    assert {c.slug for c in chambers} == {PLANS[0].slug}
    assert [line for line, fault in verify(world) if fault] == []
    for chamber in chambers:
        with world.doors.chamber(chamber.id) as session:
            assert set(session.scalars(sa.select(Application.state))) == set(ApplicationState)
            assert set(session.scalars(sa.select(Meeting.state))) >= {
                MeetingState.PLANNED,
                MeetingState.HELD,
            }
            assert set(
                session.scalars(
                    sa.select(ApplicationStep.kind).where(ApplicationStep.state == StepState.OPEN)
                )
            ) == set(StepKind)
            for table in (
                ApplicationNote,
                Handover,
                Objection,
                PossibleDuplicate,
                Answer,
                MeetingResult,
            ):
                assert session.scalars(sa.select(table.id)).first(), table
            assert set(session.scalars(sa.select(Invoice.state))) == set(InvoiceState)
            assert set(session.scalars(sa.select(Membership.state))) == set(MembershipState)
            assert set(session.scalars(sa.select(DuesCharge.dues_year))) == {2024, 2025, 2026}
            codes = session.scalars(sa.select(Enterprise.uscc)).all()
            assert len(codes) >= 40
            assert all(read_uscc(code) for code in codes)
            numbers = sorted(
                session.scalars(
                    sa.select(Invoice.number).where(Invoice.number.startswith("JF2026-"))
                )
            )
            assert numbers == [f"JF2026-{n:05d}" for n in range(1, len(numbers) + 1)]
            assert session.scalars(sa.select(Job).where(Job.state == JobState.FAILED)).all() == []
