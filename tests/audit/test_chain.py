"""The hash chain, and tables that are only ever added to."""

import uuid

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import Application, ExpiryReminder
from portal.admission.reviewing.models import (
    ApplicationNote,
    DuplicateDecision,
    DuplicateGround,
    Handover,
    Objection,
    ObjectionFinding,
    PossibleDuplicate,
)
from portal.audit.acts import Act
from portal.audit.chain import check_chain, seal_events
from portal.audit.models import AuditEvent
from portal.circulars.models import CircularReading
from portal.circulars.services import Words, deliver_piece, write_circular
from portal.files.models import StoredFile
from portal.governance.meetings.models import Meeting, MeetingItem, MeetingOutcome, MeetingResult
from portal.governance.meetings.services.matters import bring_matter
from portal.governance.resolutions.models import Resolution
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.services import Identity
from portal.members.enterprises.services.amending import approve_amendment, correct_enterprise
from portal.members.enterprises.services.keeping import enter_history, write_enterprise_note
from portal.money.online.models import ParkReason, StripeEvent
from portal.money.online.services.parking import park, settle_parked
from portal.money.payments.models import Payment
from portal.papers.issuing.models import IssuedPaper, VoidRendering
from portal.tenancy.actor import SYSTEM
from portal.tenancy.fences import APPEND_ONLY
from portal.tenancy.session import ChamberSession
from tests.cast import House, apply_through_pages
from tests.scenes import approve_through_pages, council, pay_through_pages

pytestmark = pytest.mark.both_databases


def _seal(house: House) -> None:
    with house.doors.chamber(house.jia.id, writing=True) as session:
        while seal_events(session):
            session.flush()


def _without_triggers(house: House, statement: str) -> None:
    with house.owner_doors.database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER audit_event_refuses_{verb}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(statement)
        connection.commit()


def test_a_sealed_chain_is_whole(house: House) -> None:
    with house.doors.chamber(house.jia.id) as session:
        before = check_chain(session)
    assert before.sealed == 0
    assert before.unsealed > 10
    _seal(house)
    with house.doors.chamber(house.jia.id) as session:
        after = check_chain(session)
    assert (after.sealed, after.unsealed, after.broken_at) == (before.unsealed, 0, None)


@pytest.mark.parametrize(
    "change",
    ["UPDATE audit_event SET actor_name = 'nobody'", "UPDATE audit_event SET details = '{}'"],
)
def test_a_changed_event_breaks_the_chain(house: House, change: str) -> None:
    _seal(house)
    _without_triggers(house, change)
    with house.doors.chamber(house.jia.id) as session:
        assert check_chain(session).broken_at == 1


def test_a_removed_event_breaks_the_chain(house: House) -> None:
    _seal(house)
    with house.owner_doors.database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_seal_refuses_delete")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql("DELETE FROM audit_seal WHERE number = 3")
        connection.commit()
    with house.doors.chamber(house.jia.id) as session:
        assert check_chain(session).broken_at == 3


def test_the_schedule_seals_every_chamber(house: House) -> None:
    worker = house.worker()
    worker.run_all()
    worker.call_schedules()
    worker.call_schedules()
    worker.run_all()
    for chamber in (house.jia, house.yi):
        with house.doors.chamber(chamber.id) as session:
            assert check_chain(session).unsealed == 0


def _fill_the_desk(session: ChamberSession, application: Application) -> None:
    """A note, a handover, a decided duplicate, a decided objection, and a candidate's result."""
    now, step = session.now(), application.steps[0].id
    objection = Objection(
        step_id=step,
        raised_by="x",
        body="x",
        received_on=now.date(),
        recorded_by="x",
        recorded_at=now,
    )
    duplicate = PossibleDuplicate(
        application_id=application.id,
        enterprise_id=application.enterprise_id,
        ground=DuplicateGround.NAME,
        found_at=now,
    )
    sitting = council(session)
    meeting = Meeting(
        body_id=sitting.id, number="HY2026-9999", title="x", held_on=now.date(), created_at=now
    )
    session.add_all([objection, duplicate, meeting])
    session.flush()
    matter = bring_matter(session, "other", sitting, body_id=sitting.id, rule=sitting, title="x")
    item = MeetingItem(meeting_id=meeting.id, matter_id=matter.id, position=1)
    session.add(item)
    session.flush()
    session.add_all(
        [
            ApplicationNote(
                application_id=application.id, body="x", written_by="x", written_at=now
            ),
            Handover(application_id=application.id, to_name="x", handed_by="x", handed_at=now),
            ObjectionFinding(
                objection_id=objection.id, upheld=False, reason="x", found_by="x", found_at=now
            ),
            DuplicateDecision(
                duplicate_id=duplicate.id, same=False, reason="x", decided_by="x", decided_at=now
            ),
            MeetingResult(item_id=item.id, outcome=MeetingOutcome.POSTPONED),
        ]
    )


def _fill_the_roll(house: House, session: ChamberSession, enterprise_id: uuid.UUID) -> None:
    """A changed name, a refused change, a note, history, and a notice that was read."""
    clerk, secretary, member = (
        house.actor(session, "membership"),
        house.actor(session, "secretary"),
        session.fetch(Enterprise, enterprise_id),
    )
    asked = correct_enterprise(
        session, member, Identity.of(member, name="新名企业"), reason="更名", actor=clerk
    ).amendment
    assert asked is not None
    approve_amendment(session, asked, actor=secretary)
    write_enterprise_note(session, member, "注", actor=clerk)
    enter_history(session, member, [(house.clock.at.date(), "理事")], actor=clerk)
    circular = write_circular(session, Words("题", "文"), actor=clerk)
    deliver_piece(session, circular, [member.id], actor=clerk)
    session.add(
        CircularReading(
            circular_id=circular.id, enterprise_id=member.id, read_by="x", read_at=session.now()
        )
    )


def _fill_every_append_only_table(house: House) -> None:
    """A member with a credit note, a refund and an undone payment.

    An application that was returned, approved and withdrawn.
    """
    house.prints = True
    _, application = apply_through_pages(house)
    invoice = approve_through_pages(house, application)
    pay_through_pages(house, invoice, "2,100")
    finance, officer, reason = (
        house.browser("finance"),
        house.browser("membership"),
        {"reason": "理由"},
    )
    finance.send(
        f"/billing/accounts/{invoice.party_id}/refund",
        amount="1",
        payee="x",
        payee_account="1",
        **reason,
    )
    finance.send(f"/billing/invoices/{invoice.id}/credit-note", amount="1", **reason)
    applicant, second = apply_through_pages(house, 2)
    officer.send(f"/applications/{second.id}/return", address="理由")
    applicant.send("/application/correct", address="新址")
    owed = approve_through_pages(house, second)
    pay_through_pages(house, owed, "1", "R-2")
    with house.doors.chamber(house.jia.id, writing=True) as session:
        payment_id = session.scalars(sa.select(Payment.id).where(Payment.reference == "R-2")).one()
        session.add(
            ExpiryReminder(
                application_id=second.id,
                days_before=14,
                expires_on=session.now().date(),
                sent_at=session.now(),
            )
        )
        _fill_the_desk(session, second)
        _fill_the_roll(house, session, invoice.party_id)
        paper_id, file_id = (
            session.scalars(sa.select(IssuedPaper.id)).first(),
            session.scalars(sa.select(StoredFile.id)).first(),
        )
        session.add(VoidRendering(paper_id=paper_id, file_id=file_id, rendered_at=session.now()))
        session.add(
            StripeEvent(
                event_id="evt_1",
                kind="refund.updated",
                object_id="re_1",
                happened_at=session.now(),
                received_at=session.now(),
            )
        )
        settle_parked(
            session,
            park(session, ParkReason.UNKNOWN, "cs_1", 1, "CNY", {}, actor=SYSTEM),
            "已处理",
            actor=house.actor(session, "finance"),
        )
        resolution_id = session.scalars(sa.select(Resolution.id)).first()
    house.browser("membership").send(f"/resolutions/{resolution_id}/publish")
    finance.send(f"/billing/payments/{payment_id}/undo", **reason)
    applicant.send("/application/withdraw", **reason)


def test_append_only_tables_refuse_change(house: House) -> None:
    _fill_every_append_only_table(house)
    _seal(house)
    with house.owner_doors.database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(
                "SELECT set_config('app.chamber_id', %s, false)", (str(house.jia.id),)
            )
        for table in sorted(APPEND_ONLY):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar(), table
            for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
                savepoint = connection.begin_nested()
                with pytest.raises(sa.exc.DBAPIError, match="append-only"):
                    connection.exec_driver_sql(statement)
                savepoint.rollback()


def test_replacing_a_row_does_not_pass_the_trigger(house: House) -> None:
    if house.doors.database.is_sqlite:
        with (
            house.doors.database.engine.connect() as connection,
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
        ):
            connection.exec_driver_sql(
                "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event LIMIT 1"
            )
    else:
        with house.doors.chamber(house.jia.id) as session:
            assert session.scalars(sa.select(AuditEvent)).first() is not None


def test_two_acts_of_one_name_fail_at_import() -> None:
    with pytest.raises(LookupError, match=r"invoice\.raised"):

        class Again(Act):
            RAISED = "invoice.raised", "Invoice raised again"
