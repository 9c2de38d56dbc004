"""Every way round the wall that we could think of, tried on both databases."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import (
    aliased,
    joinedload,
    make_transient,
    make_transient_to_detached,
    selectinload,
)

from portal.accounts.models import Appointment, Department, Person
from portal.foundation.errors import NotFound, WallBreached
from portal.jobs.models import Job
from portal.members.membership.models import Grade
from portal.tenancy.bulk import insert_rows
from portal.tenancy.models import Chamber, ChamberDomain, ChamberSettings, Counter
from portal.tenancy.session import ChamberSession
from tests.cast import House
from tests.locks import off_the_record

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.filterwarnings("ignore:.*cartesian product.*:sqlalchemy.exc.SAWarning"),
]
PersonTable = Person.__table__


@dataclass
class Scene:
    """A session of 甲, and what is 乙's."""

    session: ChamberSession
    other: uuid.UUID
    theirs: uuid.UUID
    their_appointment: uuid.UUID


@pytest.fixture
def scene(house: House) -> Iterator[Scene]:
    with house.doors.chamber(house.yi.id) as session:
        theirs = session.scalars(sa.select(Person.id)).first()
        appointment = session.scalars(sa.select(Appointment.id)).first()
    assert theirs is not None
    assert appointment is not None
    with ChamberSession(
        house.doors.database, house.clock, house.world.sealer, house.jia.id, writing=True
    ) as session:
        yield Scene(session, house.yi.id, theirs, appointment)


def _leaks(found: object, other: uuid.UUID) -> list[object]:
    return [row for row in found if getattr(row, "chamber_id", row) == other]  # type: ignore[attr-defined]


READS: dict[str, Callable[[Scene], object]] = {
    "all people": lambda s: s.session.scalars(sa.select(Person)).all(),
    "one column": lambda s: s.session.scalars(sa.select(Person.chamber_id)).all(),
    "find by id": lambda s: (
        [s.session.find(Person, s.theirs)] if s.session.find(Person, s.theirs) else []
    ),
    "where id": lambda s: s.session.scalars(sa.select(Person).where(Person.id == s.theirs)).all(),
    "where chamber": lambda s: s.session.scalars(
        sa.select(Person).where(Person.chamber_id == s.other)
    ).all(),
    "or true": lambda s: s.session.scalars(
        sa.select(Person).where(sa.or_(Person.id == s.theirs, sa.true()))
    ).all(),
    "alias": lambda s: s.session.scalars(sa.select(aliased(Person))).all(),
    "join on true": lambda s: s.session.scalars(
        sa.select(Department.chamber_id).select_from(Person).join(Department, sa.true())
    ).all(),
    "outer join": lambda s: s.session.scalars(
        sa.select(Department.chamber_id).select_from(Person).outerjoin(Department, sa.true())
    ).all(),
    "cartesian product": lambda s: s.session.scalars(
        sa.select(Department.chamber_id).where(Person.id.is_not(None))
    ).all(),
    "subquery": lambda s: s.session.scalars(
        sa.select(sa.select(Person.chamber_id).subquery().c.chamber_id)
    ).all(),
    "cte": lambda s: s.session.scalars(
        sa.select(sa.select(Person.chamber_id).cte("c").c.chamber_id)
    ).all(),
    "recursive cte": lambda s: s.session.scalars(
        sa.select(sa.select(Person.chamber_id).cte("c", recursive=True).c.chamber_id)
    ).all(),
    "union": lambda s: s.session.scalars(
        sa.union_all(sa.select(Person.chamber_id), sa.select(Department.chamber_id))
    ).all(),
    "scalar subquery": lambda s: s.session.scalars(
        sa.select(sa.select(sa.func.max(Person.chamber_id.cast(sa.String))).scalar_subquery())
    ).all(),
    "joined load": lambda s: [
        a.person
        for a in s.session.scalars(sa.select(Appointment).options(joinedload(Appointment.person)))
    ],
    "selectin load": lambda s: [
        a.person
        for a in s.session.scalars(sa.select(Appointment).options(selectinload(Appointment.person)))
    ],
    "lazy load": lambda s: [a.person for a in s.session.scalars(sa.select(Appointment))],
    "legacy query": lambda s: s.session.query(Person).all(),
    "global table of the house": lambda s: s.session.scalars(sa.select(Job)).all(),
    "domains": lambda s: s.session.scalars(sa.select(ChamberDomain)).all(),
    "settings": lambda s: s.session.scalars(sa.select(ChamberSettings)).all(),
    "yield per": lambda s: list(
        s.session.scalars(sa.select(Person).execution_options(yield_per=2))
    ),
    "for update": lambda s: s.session.scalars(sa.select(Person).with_for_update()).all(),
    "stream of tuples": lambda s: [
        row[0]
        for row in s.session.execute(sa.select(Person, Department).join(Department, sa.true()))
    ],
}


@pytest.mark.parametrize("attempt", READS)
def test_a_reading_finds_only_its_own(scene: Scene, attempt: str) -> None:
    off_the_record(scene.session)
    found = list(READS[attempt](scene))  # type: ignore[call-overload]
    assert _leaks(found, scene.other) == []
    assert str(scene.other) not in map(str, found)
    assert scene.other.hex not in map(str, found)


def test_counts_and_sums_see_one_chamber(scene: Scene, house: House) -> None:
    own = len(scene.session.scalars(sa.select(Person)).all())
    assert scene.session.scalar(sa.select(sa.func.count()).select_from(Person)) == own
    assert scene.session.scalar(sa.select(sa.func.count(Person.id))) == own
    exists = (
        sa.select(sa.literal(1))
        .where(sa.select(Person.id).where(Person.id == scene.theirs).exists())
        .select_from(Department)
    )
    assert scene.session.scalars(exists).all() == []


REFUSED: dict[str, Callable[[Scene], object]] = {
    "Core select": lambda s: s.session.execute(sa.select(PersonTable)).all(),
    "Core column": lambda s: s.session.execute(sa.select(PersonTable.c.name)).all(),
    "Core table beside an entity": lambda s: s.session.execute(
        sa.select(Department, PersonTable.c.name)
    ).all(),
    "Core table joined": lambda s: s.session.execute(
        sa.select(Department.id).join(PersonTable, sa.true())
    ).all(),
    "Core table in a subquery": lambda s: s.session.execute(
        sa.select(Department).where(Department.id.in_(sa.select(PersonTable.c.id)))
    ).all(),
    "Core table in an exists": lambda s: s.session.execute(
        sa.select(Department).where(sa.exists(sa.select(PersonTable)))
    ).all(),
    "Core alias beside its entity": lambda s: s.session.execute(
        sa.select(Person.id, PersonTable.alias().c.name)
    ).all(),
    "Core join as source": lambda s: s.session.execute(
        sa.select(Person.id).select_from(Person.__table__.join(Department.__table__, sa.true()))
    ).all(),
    "Core cte": lambda s: s.session.execute(
        sa.select(Department.id, sa.select(PersonTable).cte("x").c.name)
    ).all(),
    "lateral": lambda s: s.session.execute(
        sa.select(Department.id).join(sa.select(PersonTable).lateral(), sa.true())
    ).all(),
    "light table": lambda s: s.session.execute(
        sa.select(Department.id, sa.table("person", sa.column("name")).c.name)
    ).all(),
    "text": lambda s: s.session.execute(sa.text("SELECT * FROM person")).all(),
    "text as column": lambda s: s.session.execute(
        sa.select(Department.id, sa.text("(SELECT max(name) FROM person)"))
    ).all(),
    "text as where": lambda s: s.session.execute(
        sa.select(Department).where(sa.text("1 = 1"))
    ).all(),
    "literal column": lambda s: s.session.execute(
        sa.select(Department.id, sa.literal_column("(SELECT max(name) FROM person)"))
    ).all(),
    "from_statement": lambda s: s.session.scalars(
        sa.select(Person).from_statement(sa.text("SELECT * FROM person"))
    ).all(),
    "session.connection": lambda s: s.session.connection().execute(sa.select(PersonTable)).all(),
    "session.get": lambda s: s.session.get(Person, (s.other, s.theirs)),
    "insert statement": lambda s: s.session.execute(
        sa.insert(Grade).values(chamber_id=s.other, name_zh="x", name_en="x", position=1)
    ),
    "insert from select": lambda s: s.session.execute(
        sa.insert(Grade).from_select(["name_zh"], sa.select(Person.name))
    ),
    "update by key list": lambda s: s.session.execute(
        sa.update(Person), [{"chamber_id": s.other, "id": s.theirs, "name": "HACKED"}]
    ),
    "update of chamber_id": lambda s: s.session.execute(
        sa.update(Person).values(chamber_id=s.other)
    ),
    "update of chamber_id by attribute": lambda s: s.session.execute(
        sa.update(Person).values({Person.chamber_id: s.other})
    ),
    "ordered update of chamber_id": lambda s: s.session.execute(
        sa.update(Person).ordered_values((Person.chamber_id, s.other))
    ),
    "Core update": lambda s: s.session.execute(sa.update(PersonTable).values(name="HACKED")),
    "Core delete": lambda s: s.session.execute(sa.delete(PersonTable)),
    "update in a cte": lambda s: s.session.execute(
        sa.select(sa.update(Person).values(name="HACKED").returning(Person.id).cte("c"))
    ),
    "bulk_update_mappings": lambda s: s.session.bulk_update_mappings(
        Person, [{"chamber_id": s.other, "id": s.theirs, "name": "HACKED"}]
    ),
    "bulk_insert_mappings": lambda s: s.session.bulk_insert_mappings(
        Grade, [{"chamber_id": s.other, "name_zh": "x", "name_en": "x"}]
    ),
    "bulk_save_objects": lambda s: s.session.bulk_save_objects(
        [Grade(chamber_id=s.other, name_zh="x", name_en="x")]
    ),
    "add an object of another chamber": lambda s: s.session.add(
        Grade(chamber_id=s.other, name_zh="x", name_en="x")
    ),
    "merge an object of another chamber": lambda s: s.session.merge(
        Person(chamber_id=s.other, id=s.theirs, name="stolen")
    ),
    "merge under an own key": lambda s: s.session.merge(
        Grade(chamber_id=s.session.chamber_id, id=s.theirs, name_zh="x", name_en="x", position=9)
    ),
    "bulk door with a chamber in the row": lambda s: insert_rows(
        s.session, Grade, [{"chamber_id": s.other, "name_zh": "x", "name_en": "x", "position": 1}]
    ),
    "refresh of a detached stub": lambda s: _refresh_stub(s),
    "transient copy": lambda s: _transient_copy(s),
    "chamber changed on an object": lambda s: _change_chamber(s),
}


@pytest.mark.parametrize("attempt", REFUSED)
def test_what_cannot_be_filtered_is_refused(scene: Scene, house: House, attempt: str) -> None:
    with pytest.raises(
        (WallBreached, sa.exc.StatementError, sa.exc.InvalidRequestError, sa.exc.ProgrammingError)
    ) as caught:
        REFUSED[attempt](scene)
        scene.session.commit()
        pytest.fail(f"{attempt} passed")
    assert "passed" not in str(caught.value)
    scene.session.close()
    with house.doors.chamber(house.yi.id) as session:
        assert "HACKED" not in session.scalars(sa.select(Person.name)).all()
        assert session.scalars(sa.select(Grade).where(Grade.name_zh == "x")).all() == []


def _refresh_stub(scene: Scene) -> None:
    stub = Person(chamber_id=scene.other, id=scene.theirs)
    make_transient_to_detached(stub)
    scene.session.add(stub)
    scene.session.refresh(stub)


def _transient_copy(scene: Scene) -> None:
    with ChamberSession(
        scene.session.database, scene.session.clock, scene.session.sealer, scene.other
    ) as theirs:
        person = theirs.scalars(sa.select(Person)).first()
    assert person is not None
    make_transient(person)
    scene.session.add(person)


def _change_chamber(scene: Scene) -> None:
    person = scene.session.scalars(sa.select(Person)).first()
    assert person is not None
    person.chamber_id = scene.other
    scene.session.flush()


def test_bulk_changes_stop_at_the_wall(scene: Scene, house: House) -> None:
    scene.session.execute(sa.update(Person).values(phone="1"))
    scene.session.execute(sa.update(Person).where(Person.id == scene.theirs).values(phone="2"))
    scene.session.execute(sa.delete(Appointment))
    scene.session.commit()
    with house.doors.chamber(house.yi.id) as session:
        assert set(session.scalars(sa.select(Person.phone))) == {""}
        assert len(session.scalars(sa.select(Appointment)).all()) == 6


def test_a_reference_across_chambers_is_refused_by_the_schema(scene: Scene) -> None:
    scene.session.add(
        Appointment(
            person_id=scene.theirs,
            department_id=None,
            rank="secretary_general",
            from_on=dt.date(2026, 1, 1),
        )
    )
    with pytest.raises(sa.exc.IntegrityError):
        scene.session.commit()


def test_the_chamber_of_a_session_cannot_be_changed(scene: Scene) -> None:
    with pytest.raises(AttributeError):
        scene.session.chamber_id = scene.other  # type: ignore[misc]


def test_what_another_holds_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound):
        scene.session.fetch(Person, scene.theirs)


def test_a_unique_value_of_another_chamber_is_free(scene: Scene) -> None:
    scene.session.add(
        Person(email="secretary@yi.example", name="same address", created_at=scene.session.now())
    )
    scene.session.commit()
    assert (
        scene.session.scalars(sa.select(Person).where(Person.email == "secretary@yi.example"))
        .one()
        .chamber_id
        != scene.other
    )


@pytest.mark.parametrize(
    "query",
    [
        sa.select(Person),
        sa.select(Person.name),
        sa.select(sa.func.count(Person.id)),
        sa.delete(Person),
        sa.update(Person).values(name="x"),
    ],
)
def test_with_no_chamber_open_a_chambers_table_is_refused(
    house: House, query: sa.Executable
) -> None:
    with house.doors.platform(writing=True) as session, pytest.raises(WallBreached):
        session.execute(query)


def test_with_no_chamber_open_a_subquery_is_refused_too(house: House) -> None:
    with house.doors.platform() as session, pytest.raises(WallBreached):
        session.execute(sa.select(Chamber).where(Chamber.id.in_(sa.select(Person.chamber_id))))


def test_with_no_chamber_open_nothing_owned_is_written(house: House) -> None:
    with pytest.raises(WallBreached), house.doors.platform(writing=True) as session:
        session.add(Counter(chamber_id=house.jia.id, name="x", value=1))
        session.flush()
