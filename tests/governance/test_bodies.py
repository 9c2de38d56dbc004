"""Bodies are a chamber's data: who sits there, and by which rule they decide."""

import datetime as dt

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import StepKind
from portal.admission.reviewing.queries.chain import list_chain
from portal.admission.reviewing.services.chain import StepPlan, set_chain
from portal.foundation.errors import InvalidInput, NotPermitted, Refused
from portal.governance.bodies.models import ASSEMBLY, MajorityBase
from portal.governance.bodies.queries import body_of_code, list_bodies, list_seated
from portal.governance.bodies.rules import Vote, carries
from portal.governance.bodies.services import (
    BodyPlan,
    add_body,
    change_body,
    retire_body,
    seat_office,
    seat_offices,
)
from portal.members.enterprises.models import Enterprise
from portal.members.offices.models import Office
from portal.members.offices.services import add_office, give_office
from tests.cast import House
from tests.scenes import council

pytestmark = pytest.mark.either_database
RULE = {
    "quorum_num": "2",
    "quorum_den": "3",
    "pass_num": "1",
    "pass_den": "2",
    "pass_base": "entitled",
    "strict": "y",
}


def test_every_chamber_has_its_assembly_and_its_council(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        assembly, sitting = list_bodies(session)
        assert (assembly.is_assembly, sitting.code) == (True, "council")
        assert carries(assembly, Vote(90, 60, 30))
        assert not carries(sitting, Vote(90, 60, 39))
        secretary = house.actor(session, "secretary")
        for body in (assembly, sitting):
            with pytest.raises(Refused):
                retire_body(session, body, actor=secretary)
        with pytest.raises(Refused):
            seat_offices(session, assembly, [], actor=secretary)
        with pytest.raises(NotPermitted):
            add_body(
                session, BodyPlan("监事会", "Supervisors"), actor=house.actor(session, "membership")
            )
        with pytest.raises(InvalidInput):
            add_body(session, BodyPlan("理事会", "Council"), actor=secretary)
        with pytest.raises(InvalidInput):
            change_body(
                session,
                sitting,
                BodyPlan("理事会", "Council", pass_num=3, pass_den=2),
                actor=secretary,
            )


@pytest.mark.stage("one_admitted")
def test_who_sits_there_follows_the_office_and_the_day(house: House) -> None:
    first, later = dt.date(2026, 6, 15), dt.date(2026, 7, 1)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        secretary = house.actor(session, "secretary")
        office: Office = add_office(session, name_zh="监事", name_en="Supervisor", actor=secretary)
        session.flush()
        enterprise = session.scalars(sa.select(Enterprise)).first()
        assert enterprise is not None
        term = {"held_by": "甲", "from_on": first, "until_on": dt.date(2026, 6, 30)}
        give_office(session, office, enterprise, **term, actor=secretary)
    with house.doors.chamber(house.jia.id, writing=True) as session:
        secretary = house.actor(session, "secretary")
        body = add_body(session, BodyPlan("监事会", "Supervisors"), actor=secretary)
        session.flush()
        seat_office(session, session.fetch(Office, office.id), [body], actor=secretary)
        session.flush()
        assert [h.held_by for h in list_seated(session, body, first)] == ["甲"]
        assert list_seated(session, body, later) == []
        assert list_seated(session, council(session), first) == []
        seat_offices(session, body, [], actor=secretary)
        session.flush()
        assert list_seated(session, body, first) == []


def test_a_body_of_ones_own_through_the_pages(house: House) -> None:
    secretary = house.browser("secretary")
    answer = secretary.send("/settings/bodies/add", name_zh="监事会", name_en="Supervisors", **RULE)
    assert answer.status_code == 302
    with house.doors.chamber(house.jia.id) as session:
        body = list_bodies(session)[-1]
        assert (body.name_zh, body.pass_base, body.strict) == (
            "监事会",
            MajorityBase.ENTITLED,
            True,
        )
        assembly = body_of_code(session, ASSEMBLY)
    page = secretary.get("/settings/bodies").text
    assert "more than" in page
    assert "Every member sits here." in page
    again = secretary.send("/settings/bodies/add", name_zh="监事会", name_en="Supervisors", **RULE)
    assert (again.status_code, "There is a body of this name." in again.text) == (422, True)
    answer = secretary.send(
        "/settings/offices", name_zh="监事", name_en="Supervisor", bodies=[str(body.id)]
    )
    assert answer.status_code == 302
    assert "Supervisors" in secretary.get("/settings/offices").text
    assert "checked" in secretary.get(f"/settings/bodies/{body.id}/offices").text
    assert secretary.send(f"/settings/bodies/{body.id}/offices").status_code == 302
    assert secretary.send(f"/settings/bodies/{assembly.id}/retire").status_code == 409
    assert secretary.send(f"/settings/bodies/{body.id}/retire").status_code == 302
    assert "retired" in secretary.get("/settings/bodies").text
    assert house.browser("membership").get("/settings/bodies").status_code == 403


def test_a_step_of_the_chain_names_its_body(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        body = add_body(
            session,
            BodyPlan("常务理事会", "Standing council"),
            actor=house.actor(session, "secretary"),
        )
    secretary = house.browser("secretary")
    step = {
        "kind": "council",
        "name_zh": "常务理事会审议",
        "department": "",
        "body": str(body.id),
        "pass_base": "present",
    }
    fractions = {"quorum_num": "2", "quorum_den": "3", "pass_num": "2", "pass_den": "3"}
    fields = {f"steps-0-{name}": value for name, value in (step | fractions).items()}
    for number in range(1, 4):
        fields |= {f"steps-{number}-{name}": "" for name in ("kind", "department", "body")}
        fields[f"steps-{number}-pass_base"] = "present"
    answer = secretary.send("/settings/chain", **fields)
    assert answer.status_code == 302
    with house.doors.chamber(house.jia.id) as session:
        assert [s.body_id for s in list_chain(session)] == [body.id]
    secretary.send(f"/settings/bodies/{body.id}/retire")
    answer = secretary.send("/settings/chain", **fields)
    assert (answer.status_code, "Not a valid choice" in answer.text) == (422, True)
    with (
        house.doors.chamber(house.jia.id, writing=True) as session,
        pytest.raises(InvalidInput, match="meets no more"),
    ):
        plan = StepPlan(StepKind.COUNCIL, "常务理事会", "Standing council", body_id=body.id)
        set_chain(session, [plan], actor=house.actor(session, "secretary"))
