"""The outbox and the worker, on both databases."""

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from portal.audit.models import AuditSeal
from portal.files.store import StoreSilent
from portal.jobs.models import Job, JobState
from portal.jobs.news import News
from portal.jobs.outbox import announce, enqueue
from portal.jobs.queries import LATE, SILENT, health_at
from portal.jobs.registry import (
    REACTIONS,
    SCHEDULES,
    TASKS,
    WAITS,
    Failure,
    Hopeless,
    Silent,
    Task,
    reacts_to,
    register,
)
from portal.jobs.tasks import retry_failed, retry_job
from portal.jobs.worker import KEEP_DONE, MOST_DEATHS, SomeFailed, Worker, each
from portal.members.membership.models import Grade
from portal.tenancy.models import Chamber
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


def test_a_job_runs_in_its_chamber_and_is_done_with_its_writes(
    house: House, tasks: dict[str, Task]
) -> None:
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


def test_a_failing_job_backs_off_and_ends_in_the_list_that_a_person_retries(
    house: House, tasks: dict[str, Task]
) -> None:
    broken = True

    def finish(session: ChamberSession, _worked: object) -> None:
        _add_grade(session, None)
        session.flush()
        if broken:
            raise RuntimeError("the press is jammed")

    register(Task("t", finish))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t")
    for attempt in range(1, len(WAITS) + 2):
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


def test_a_task_that_only_the_next_version_knows_waits_for_it(
    house: House, tasks: dict[str, Task]
) -> None:
    """While a new version comes, the old one's worker meets its jobs.

    A day later they are done as if nothing had been.
    """
    register(Task("of the next version", _add_grade))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "of the next version")
    known = tasks.pop("of the next version")
    for _hour in range(24):
        house.work()
        house.clock.at = house.clock.at + dt.timedelta(hours=1)
    assert _job(house, "of the next version").state is JobState.READY
    register(known)
    assert house.work() == 1
    assert _grades(house) == 1


def test_the_failed_list_of_another_chamber_is_not_ours(
    house: House, tasks: dict[str, Task]
) -> None:
    register(Task("t", _add_grade))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        job = enqueue(session, "t")
        job.state = JobState.FAILED
    with (
        house.doors.chamber(house.yi.id, writing=True) as session,
        pytest.raises(Exception, match="no failed job"),
    ):
        retry_job(session, job.id)


def test_a_lease_that_ran_out_is_taken_over_and_the_first_worker_writes_nothing(
    house: House, tasks: dict[str, Task]
) -> None:
    def slow(world: object, _prepared: None) -> None:
        house.clock.at = house.clock.at + dt.timedelta(minutes=5)
        Worker(house.doors, house.world).run_one()

    register(
        Task(
            "t",
            _add_grade,
            work=lambda world, prepared: (
                slow(world, prepared)
                if _grades(house) == 0 and _job(house, "t").attempts == 1
                else None
            ),
        )
    )
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t")
    house.worker().run_one()
    assert _grades(house) == 1
    assert _job(house, "t").state is JobState.DONE
    assert _job(house, "t").attempts == 2


def test_news_becomes_one_job_for_each_reaction(house: House, tasks: dict[str, Task]) -> None:
    REACTIONS[News.PAPER_RENDERED] = []

    @reacts_to(News.PAPER_RENDERED, "first")
    def first(session: ChamberSession, name: str) -> None:
        _add_grade(session, None, name)

    @reacts_to(News.PAPER_RENDERED, "second")
    def second(session: ChamberSession, name: str) -> None:
        _add_grade(session, None, name + " twice")

    with house.doors.chamber(house.jia.id, writing=True) as session:
        announce(session, News.PAPER_RENDERED, name="news")
    assert house.work() == 2
    assert (_grades(house, "news"), _grades(house, "news twice")) == (1, 1)


def test_a_unique_key_admits_one_job(house: House, tasks: dict[str, Task]) -> None:
    register(Task("t", _add_grade))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t", unique_key="dues 2026")
    with (
        pytest.raises(sa.exc.IntegrityError),
        house.doors.chamber(house.jia.id, writing=True) as session,
    ):
        enqueue(session, "t", unique_key="dues 2026")


def test_done_jobs_are_cleared_after_a_while(house: House) -> None:
    house.work()
    worker = house.worker()
    house.clock.at = house.clock.at + KEEP_DONE + dt.timedelta(days=1)
    worker.call_schedules()
    worker.run_all()
    with house.doors.platform() as session:
        done = session.scalars(sa.select(Job.task).where(Job.state == JobState.DONE))
        assert set(done) <= {s.task for s in SCHEDULES}


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


def test_chambers_take_turns_however_much_one_of_them_calls_for(
    house: House, tasks: dict[str, Task]
) -> None:
    order: list[str] = []

    def finish(session: ChamberSession, _worked: object) -> None:
        order.append("jia" if session.chamber_id == house.jia.id else "yi")

    register(Task("t", finish))
    for chamber, count in ((house.jia, 50), (house.yi, 2)):
        with house.doors.chamber(chamber.id, writing=True) as session:
            for _ in range(count):
                enqueue(session, "t", priority=5 if chamber is house.jia else 0)
    house.work()
    assert sorted(order[:4]) == ["jia", "jia", "yi", "yi"]


def test_what_is_refused_for_good_is_not_tried_again(house: House, tasks: dict[str, Task]) -> None:
    told: list[Failure] = []

    def work(_world: object, _prepared: object) -> None:
        raise Hopeless("no such reader")

    register(Task("t", _add_grade, work=work, failed=lambda session, failure: told.append(failure)))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t")
    assert house.work() == 1
    assert _job(house, "t").state is JobState.FAILED
    assert told == [Failure("no such reader", 1, None)]


def test_a_task_whose_outside_is_silent_rests_for_all_and_the_others_go_on(
    house: House, tasks: dict[str, Task]
) -> None:
    asked = 0

    def work(_world: object, _prepared: object) -> None:
        nonlocal asked
        asked += 1
        raise Silent("nobody answers")

    register(Task("outside", _add_grade, work=work))
    register(Task("inside", _add_grade))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        for _ in range(30):
            enqueue(session, "outside")
        enqueue(session, "inside")
    worker = house.worker()
    worker.run_all()
    assert asked == 1
    assert _job(house, "inside").state is JobState.DONE
    house.clock.at = house.clock.at + dt.timedelta(seconds=11)
    worker.run_all()
    assert asked == 2


def test_a_job_that_kills_its_worker_each_time_is_given_up(
    house: House, tasks: dict[str, Task]
) -> None:
    register(Task("t", _add_grade))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        job = enqueue(session, "t")
        job.state, job.deaths = JobState.RUNNING, MOST_DEATHS - 1
        job.lease_until = session.now() - dt.timedelta(seconds=1)
    assert house.work() == 1
    assert _job(house, "t").state is JobState.FAILED
    assert "died" in (_job(house, "t").error or "")


def test_a_fault_in_the_loop_itself_does_not_end_it(house: House, tasks: dict[str, Task]) -> None:
    register(Task("t", _add_grade))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t")
    worker = house.worker()

    class Faulty(Worker):
        met = 0

        def call_schedules(self) -> None:
            self.met += 1
            if self.met == 1:
                raise ValueError("nobody foresaw this")

        def run_one(self) -> bool:
            if not super().run_one():
                self.stopping.set()
            return False

    worker = Faulty(house.doors, house.world)
    worker.run_forever(pause=0.01)
    assert _job(house, "t").state is JobState.DONE


def test_a_loop_that_meets_fault_after_fault_goes_on_at_its_longest_pause(house: House) -> None:
    class Hopeful(Worker):
        met = 0

        def beat(self) -> None:
            self.met += 1
            if self.met > 3_000:
                self.stopping.set()
            raise ValueError("the database is away for days")

    worker = Hopeful(house.doors, house.world)
    worker.run_forever(pause=0.0)
    assert worker.met == 3_001


def test_one_that_fails_does_not_stop_those_after_it() -> None:
    done: list[str] = []

    def act(name: str) -> None:
        if name == "b":
            raise ValueError(name)
        done.append(name)

    with pytest.raises(SomeFailed, match="b"):
        each("abc", act, str)
    assert done == ["a", "c"]


def test_one_chamber_that_cannot_be_sealed_does_not_stop_the_next(house: House) -> None:
    with house.owner_doors.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "DELETE FROM counter WHERE name = 'audit seal' AND chamber_id = "
            f"'{_text(house, house.jia)}'"
        )
        rule = (
            "CREATE TRIGGER jammed BEFORE INSERT ON counter BEGIN SELECT RAISE(ABORT, "
            "'jammed'); END"
        )
        if house.doors.database.is_sqlite:
            connection.exec_driver_sql(
                rule.replace(
                    "BEGIN SELECT",
                    f"WHEN NEW.chamber_id = '{_text(house, house.jia)}' BEGIN SELECT",
                )
            )
        else:
            connection.exec_driver_sql(
                "ALTER TABLE counter ADD CONSTRAINT jammed CHECK (name <> 'audit seal' OR "
                f"chamber_id <> '{house.jia.id}')"
            )
    before = _seals(house)
    worker = house.worker()
    worker.call_schedules()
    worker.run_all()
    after = _seals(house)
    assert after["yi"] > before["yi"]
    assert after["jia"] == before["jia"]
    assert _job(house, "seal_audit").state is JobState.READY, "it is tried again"


def _text(house: House, chamber: Chamber) -> str:
    return chamber.id.hex if house.doors.database.is_sqlite else str(chamber.id)


def _seals(house: House) -> dict[str, int]:
    found = {}
    for chamber in (house.jia, house.yi):
        with house.doors.chamber(chamber.id) as session:
            found[chamber.slug] = session.scalar(sa.select(sa.func.count(AuditSeal.id))) or 0
    return found


def test_health_says_when_a_worker_was_heard_of_and_since_when_the_oldest_job_waits(
    house: House, tasks: dict[str, Task]
) -> None:
    register(Task("t", _add_grade))
    worker = house.worker()
    worker.beat()
    began = house.clock.at
    with house.doors.platform() as session:
        assert health_at(session, began).state == "ok"
        assert health_at(session, began + SILENT + dt.timedelta(seconds=1)).state == "silent"
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t")
    house.clock.at = began + LATE + dt.timedelta(seconds=2)
    worker.beat()
    with house.doors.platform() as session:
        told = health_at(session, house.clock.at)
    assert told.state == "late"
    assert told.oldest_due == LATE.total_seconds() + 2


def test_everything_that_failed_is_put_back_in_line(house: House, tasks: dict[str, Task]) -> None:
    register(Task("t", _add_grade))
    for chamber in (house.jia, house.yi):
        with house.doors.chamber(chamber.id, writing=True) as session:
            for name in ("one", "two"):
                enqueue(session, "t", name=name).state = JobState.FAILED
    with house.doors.chamber(house.jia.id, writing=True) as session:
        assert retry_failed(session) == 2
    assert house.work() == 2
    with house.doors.platform() as session:
        assert (
            len(session.scalars(sa.select(Job).where(Job.state == JobState.FAILED)).all()) == 2
        ), "the other chamber's"


def test_a_day_without_the_store_of_files_loses_no_job(
    house: House, tasks: dict[str, Task]
) -> None:
    """A job whose store is silent waits as mail does, tried again and again, and is done once the
    store answers.
    """
    away = True

    def work(_world: object, _prepared: object) -> None:
        if away:
            raise StoreSilent

    register(Task("t", _add_grade, work=work))
    with house.doors.chamber(house.jia.id, writing=True) as session:
        enqueue(session, "t")
    for _ in range(24 * 4):
        house.work()
        assert _job(house, "t").state is JobState.READY
        house.clock.at = house.clock.at + dt.timedelta(minutes=15)
    away = False
    house.clock.at = house.clock.at + dt.timedelta(hours=1)
    house.work()
    assert _job(house, "t").state is JobState.DONE
