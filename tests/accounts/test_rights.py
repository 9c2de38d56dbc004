"""Appointments and representations: rights begin and end with them, on the next request."""

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa

from portal.accounts.actions import AccountAction
from portal.accounts.models import Appointment, Representation
from portal.accounts.queries import find_person_by_email
from portal.accounts.services.appointments import appoint
from portal.audit.models import AuditEvent
from portal.foundation.errors import InvalidInput, NotPermitted
from portal.operations.create import founder
from portal.tenancy.actor import Rank
from tests.cast import House, apply_through_pages
from tests.scenes import approve_through_pages, pay_through_pages, word_of_newest_mail
from tests.templates import NOON


def _appointment(house: House, who: str) -> uuid.UUID:
    with house.doors.chamber(house.jia.id) as session:
        person = find_person_by_email(session, f"{who}@jia.example")
        assert person is not None
        return session.scalars(
            sa.select(Appointment.id).where(Appointment.person_id == person.id)
        ).one()


def test_an_ended_appointment_gives_nothing_on_the_next_request(house: House) -> None:
    clerk, office = house.browser("finance"), house.browser("office")
    assert clerk.get("/billing/invoices").status_code == 200
    assert office.send(f"/settings/staff/{_appointment(house, 'finance')}/end").status_code == 302
    assert clerk.get("/billing/invoices").status_code == 403


def test_nobody_ends_their_own_appointment(house: House) -> None:
    assert (
        house.browser("office")
        .send(f"/settings/staff/{_appointment(house, 'office')}/end")
        .status_code
        == 409
    )


def test_a_dated_appointment_runs_from_day_to_day_in_shanghai(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.execute(
            sa.update(Appointment)
            .where(Appointment.id == _appointment(house, "rights"))
            .values(until_on=dt.date(2026, 12, 31))
        )
    browser = house.browser("rights")
    house.clock.at = dt.datetime(2026, 6, 21, 15, 59, tzinfo=dt.UTC)
    assert browser.get("/trays").status_code == 200
    house.clock.at = dt.datetime(2026, 12, 31, 15, 59, 59, tzinfo=dt.UTC)
    assert house.browser("rights").get("/trays").status_code == 200
    house.clock.at = dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)
    assert house.browser("rights").get("/trays").status_code == 403


def test_who_comes_into_office_later_is_shown_as_such_until_the_day(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.execute(
            sa.update(Appointment)
            .where(Appointment.id == _appointment(house, "rights"))
            .values(from_on=dt.date(2026, 7, 1))
        )
    house.clock.at = dt.datetime(2026, 6, 30, 15, 59, 59, tzinfo=dt.UTC)
    assert "not in office yet" in house.browser("office").get("/settings/staff").text
    house.clock.at = dt.datetime(2026, 6, 30, 16, 0, tzinfo=dt.UTC)
    assert "not in office yet" not in house.browser("office").get("/settings/staff").text


def test_only_the_general_offices_head_appoints(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session, pytest.raises(NotPermitted):
        appoint(
            session,
            email="x@y.example",
            name="x",
            department=None,
            rank=Rank.SECRETARY_GENERAL,
            from_on=dt.date(2026, 1, 1),
            actor=house.actor(session, "finance"),
        )
    assert house.browser("finance").get("/settings/staff").status_code == 403


def test_an_acting_deputy_needs_an_end(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session, pytest.raises(InvalidInput):
        appoint(
            session,
            email="x@y.example",
            name="x",
            department=None,
            rank=Rank.SECRETARY_GENERAL,
            from_on=dt.date(2026, 1, 1),
            acting=True,
            actor=founder(session),
        )


@pytest.mark.both_databases
def test_a_contact_invites_and_removes_a_colleague(house: House) -> None:
    _, application = apply_through_pages(house)
    pay_through_pages(house, approve_through_pages(house, application))
    house.browser().send(
        f"/link/{word_of_newest_mail(house, 'jia', 'applications/welcome')}",
        password="first contact here",
    )
    first = house.browser()
    first.send("/sign-in", email="contact1@enterprise.example", password="first contact here")
    assert (
        first.send(
            "/my-enterprise/colleagues", name="同事", email="colleague@enterprise.example"
        ).status_code
        == 302
    )
    house.browser().send(
        f"/link/{word_of_newest_mail(house, 'jia', 'accounts/invitation')}",
        password="second contact here",
    )
    second = house.browser()
    second.send("/sign-in", email="colleague@enterprise.example", password="second contact here")
    assert second.get("/my-enterprise").status_code == 200
    with house.doors.chamber(house.jia.id) as session:
        ids = session.scalars(sa.select(Representation.id).order_by(Representation.id)).all()
    assert (
        house.browser("membership").send(f"/my-enterprise/colleagues/{ids[1]}/end").status_code
        == 403
    )
    assert first.send(f"/my-enterprise/colleagues/{ids[1]}/end").status_code == 302
    assert second.get("/my-enterprise").status_code == 403
    house.clock.at += dt.timedelta(days=1)
    assert first.send(f"/my-enterprise/colleagues/{ids[1]}/end").status_code in {302, 404}
    with house.doors.chamber(house.jia.id) as session:
        assert session.fetch(Representation, ids[1]).ended_at == NOON, (
            "ending again does not rewrite the day"
        )
        begun = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.action == AccountAction.REPRESENTATION_BEGUN)
        ).all()
        assert {event.subject_id for event in begun} == set(ids), (
            "admission gives rights with an event, as an invitation does"
        )
    assert first.send(f"/my-enterprise/colleagues/{ids[0]}/end").status_code == 409
