"""The outbox and the worker, on both databases."""

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from portal.jobs.models import Job, JobState
from portal.jobs.outbox import announce, enqueue
from portal.jobs.registry import REACTIONS, SCHEDULES, TASKS, Task, reacts_to, register
from portal.jobs.tasks import retry_job
from portal.jobs.worker import KEEP_DONE, MOST_ATTEMPTS, Worker
from portal.membership.models import Grade
from portal.tenancy.session import ChamberSession
from tests.cast import House

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def quiet_house(house: House) -> None:
    """Runs what the scene itself called for."""
    house.work()


@pytest.fixture
def tasks() -> Iterator[dict[str, Task]]:
    """Room for tasks of a test, which are forgotten after it."""
    known, reactions = dict(TASKS), {k: list(v) for k, v in REACTIONS.items()}
    yield TASKS
    TASKS.clear()
    TASKS.update(known)
    REACTIONS.clear()
    REACTIONS.update(reactions)


def _add_grade(session: ChamberSession, _worked: object, name: str = "made by a job") -> None:
    session.add(Grade(name_zh=name, name_en=name, position=99))


def _grades(house: House, name: str = "made by a job") -> int:
    with house.doors.chamber(house.jia.id) as session:
        return len(session.scalars(sa.select(Grade).where(Grade.name_zh == name)).all())


def _job(house: House, task: str) -> Job:
    with house.doors.platform() as session:
        return session.scalars(sa.select(Job).where(Job.task == task)).one()


def test_a_job_runs_in_its_chamber_and_is_done_with_its_writes(house: House, tasks: dict[str, Task]) -> None:
    register(Task("t", _add_grade))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t")
    assert house.work() == 1
    assert _grades(house) == 1
    assert _job(house, "t").state is JobState.DONE


def test_a_rolled_back_act_calls_for_nothing(house: House, tasks: dict[str, Task]) -> None:
    register(Task("t", _add_grade))
    with pytest.raises(RuntimeError), house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t")
        session.flush()
        raise RuntimeError
    assert house.work() == 0


def test_an_unknown_task_is_refused_at_once(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session, pytest.raises(LookupError):
        enqueue(session, "nobody knows this")


def test_a_failing_job_backs_off_and_ends_in_the_list_that_a_person_retries(house: House, tasks: dict[str, Task]) -> None:
    broken = True

    def finish(session: ChamberSession, _worked: object) -> None:
        _add_grade(session, None)
        session.flush()
        if broken:
            raise RuntimeError("the press is jammed")

    register(Task("t", finish))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t")
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert house.work() == 1
        job = _job(house, "t")
        assert job.attempts == attempt
        assert house.work() == 0
        house.clock.at = house.clock.at + dt.timedelta(hours=3)
    assert job.state is JobState.FAILED
    assert "the press is jammed" in (job.error or "")
    assert _grades(house) == 0
    broken = False
    with house.doors.chamber(house.jia.id, writing=True) as session:
        retry_job(session, job.id)
    assert house.work() == 1
    assert _grades(house) == 1


def test_the_failed_list_of_another_chamber_is_not_ours(house: House, tasks: dict[str, Task]) -> None:
    register(Task("t", _add_grade))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        job = enqueue(session, "t")
        job.state = JobState.FAILED
    with house.doors.chamber(house.yi.id, writing=True) as session, pytest.raises(Exception, match="no failed job"):
        retry_job(session, job.id)


def test_a_lease_that_ran_out_is_taken_over_and_the_first_worker_writes_nothing(house: House, tasks: dict[str, Task]) -> None:
    def slow(world: object, _prepared: None) -> None:
        house.clock.at = house.clock.at + dt.timedelta(minutes=5)
        Worker(house.doors, house.world).run_one()

    register(Task("t", _add_grade, work=lambda world, prepared: slow(world, prepared) if _grades(house) == 0 and _job(house, "t").attempts == 1 else None))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t")
    house.worker().run_one()
    assert _grades(house) == 1
    assert _job(house, "t").state is JobState.DONE
    assert _job(house, "t").attempts == 2


def test_news_becomes_one_job_for_each_reaction(house: House, tasks: dict[str, Task]) -> None:
    @reacts_to("something happened")
    def first(session: ChamberSession, name: str) -> None:
        _add_grade(session, None, name)

    @reacts_to("something happened")
    def second(session: ChamberSession, name: str) -> None:
        _add_grade(session, None, name + " twice")

    with house.doors.chamber(house.jia.id, writing=True) as session:
        announce(session, "something happened", name="news")
    assert house.work() == 2
    assert (_grades(house, "news"), _grades(house, "news twice")) == (1, 1)


def test_a_unique_key_admits_one_job(house: House, tasks: dict[str, Task]) -> None:
    register(Task("t", _add_grade))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t", unique_key="dues 2026")
    with pytest.raises(sa.exc.IntegrityError), house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t", unique_key="dues 2026")


def test_done_jobs_are_cleared_after_a_while(house: House) -> None:
    house.clock.at = house.clock.at + KEEP_DONE + dt.timedelta(days=1)
    worker = house.worker()
    worker.call_schedules()
    worker.run_all()
    with house.doors.platform() as session:
        assert {j.task for j in session.scalars(sa.select(Job))} <= {s.task for s in SCHEDULES}


def test_priority_comes_before_age(house: House, tasks: dict[str, Task]) -> None:
    order: list[str] = []

    def finish(_session: ChamberSession, _worked: object, name: str) -> None:
        order.append(name)

    register(Task("t", finish))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        for name, priority in (("background", -10), ("usual", 0), ("waited for", 5)):
            enqueue(session, "t", priority=priority, name=name)
    house.work()
    assert order == ["waited for", "usual", "background"]
