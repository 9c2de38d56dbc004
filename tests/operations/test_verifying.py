"""`portal verify` sees what somebody could do who administers the database, and nothing that is not
so.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from portal.audit.heads import keep_heads
from portal.audit.kept import (
    GONE_COLUMNS,
    LATER,
    entry_of,
    event_of,
    keep_earlier_rows,
    kept_tables,
)
from portal.files.storing import store_bytes
from portal.foundation.database import Base
from portal.money.payments.models import Payment
from portal.operations.verify import verify
from tests.cast import House
from tests.jobs.killing import until, worker_process

pytestmark = [pytest.mark.both_databases, pytest.mark.stage("one_admitted")]


def _faults(house: House) -> list[str]:
    return [line for line, fault in verify(house.world) if fault]


@contextmanager
def _administrator(house: House) -> Iterator[Connection]:
    """Somebody who may do everything with the database, and takes triggers and references out of
    the way.
    """
    with house.owner_doors.database.engine.connect() as connection:
        if house.owner_doors.database.is_sqlite:
            connection.connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]
            for name in (
                connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                .scalars()
                .all()
            ):
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection
        connection.commit()
        if house.owner_doors.database.is_sqlite:
            connection.connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[attr-defined]


def _seal(house: House) -> None:
    worker = house.worker()
    worker.call_schedules()
    worker.run_all()


def _change_snapshot(connection: Connection) -> None:
    paper = connection.execute(
        sa.text("SELECT id, snapshot FROM issued_paper WHERE kind = 'receipt'")
    ).first()
    assert paper is not None
    snapshot = json.loads(paper.snapshot) if isinstance(paper.snapshot, str) else paper.snapshot
    changed = json.dumps(
        snapshot | {"amount": snapshot["amount"] - 1}, ensure_ascii=False, sort_keys=True
    )
    typed = "CAST(:s AS jsonb)" if connection.dialect.name == "postgresql" else ":s"
    connection.execute(
        sa.text(f"UPDATE issued_paper SET snapshot = {typed} WHERE id = :id"),
        {"s": changed, "id": paper.id},
    )


def _change_owner(connection: Connection) -> None:
    other = connection.execute(
        sa.text("SELECT id FROM party WHERE id NOT IN (SELECT party_id FROM posting)")
    ).scalar()
    connection.execute(
        sa.text("UPDATE posting SET party_id = :other"),
        {"other": other or _text(connection, uuid.uuid4())},
    )


def _text(connection: Connection, id: uuid.UUID) -> str:
    return id.hex if connection.dialect.name == "sqlite" else str(id)


def _sql(*statements: str) -> Callable[[Connection], None]:
    return lambda connection: [connection.exec_driver_sql(words) for words in statements] and None


RECEIPT = "(SELECT id FROM issued_paper WHERE kind = 'receipt')"
TAMPERING: dict[str, tuple[Callable[[Connection], None], str]] = {
    "a snapshot's amount": (_change_snapshot, "issued_paper SJ2026-00001 was changed"),
    "a journal's day": (
        _sql("UPDATE journal SET posted_on = '2020-01-01' WHERE kind = 'payment'"),
        "kept: journal",
    ),
    "a posting's enterprise": (_change_owner, "kept: posting"),
    "a payment's payer": (_sql("UPDATE payment SET payer = '别人'"), "kept: payment"),
    "a receipt missing from its series": (
        _sql(
            f"DELETE FROM paper_rendering WHERE paper_id IN {RECEIPT}",
            "DELETE FROM issued_paper WHERE kind = 'receipt'",
        ),
        "SJ2026-00001 is missing from its series",
    ),
    "a receipt that is gone": (_sql("DELETE FROM issued_paper WHERE kind = 'receipt'"), "is gone"),
    "a number that was never given": (
        _sql("UPDATE counter SET value = value + 1 WHERE name = 'invoice 2026'"),
        "JF2026-00002 is missing",
    ),
    "the tail of the audit": (
        _sql(
            "DELETE FROM audit_seal WHERE number > 5",
            "DELETE FROM audit_event WHERE id NOT IN (SELECT event_id FROM audit_seal)",
        ),
        "is not in the chain: its tail was cut",
    ),
    "all seals": (_sql("DELETE FROM audit_seal"), "is not in the chain"),
    "an event's words": (
        _sql("UPDATE audit_event SET actor_name = 'somebody else'"),
        "the chain is broken at number 1",
    ),
    "credit below nothing": (
        _sql(
            "UPDATE posting SET account = 'credit_on_account' WHERE account = 'receivables' "
            "AND amount > 0"
        ),
        "fen on account",
    ),
    "a charge that its invoice asks for no more": (
        _sql("UPDATE dues_charge SET standing = false"),
        "its charge does not stand",
    ),
    "an entry's origin": (
        _sql("UPDATE journal SET origin_type = 'refund' WHERE kind = 'payment'"),
        "references to refund lead nowhere",
    ),
    "a refund that was not set aside": (
        _sql("UPDATE posting SET account = 'refunds' WHERE account = 'bank'"),
        "refunds set aside",
    ),
    "a row added past the portal": (
        _sql(
            "INSERT INTO paper_void (chamber_id, id, paper_id, reason, voided_at) SELECT "
            "chamber_id, id, id, 'x', issued_at FROM issued_paper WHERE kind = 'receipt'"
        ),
        "was added past the portal",
    ),
}


@pytest.mark.parametrize("act", TAMPERING)
def test_what_an_administrator_did_is_named(house: House, act: str) -> None:
    _seal(house)
    keep_heads(house.doors, house.world.store)
    assert _faults(house) == []
    change, words = TAMPERING[act]
    with _administrator(house) as connection:
        change(connection)
    found = "\n".join(_faults(house))
    assert words in found, found


def test_a_row_that_was_changed_and_kept_again_is_named(house: House) -> None:
    """Whoever writes a second event with the new digest hides nothing: the first one stands."""
    _seal(house)
    with _administrator(house) as connection:
        connection.exec_driver_sql("UPDATE payment SET payer = '别人'")
    with house.doors.chamber(house.jia.id, writing=True) as session:
        session.add(event_of(session, [entry_of(session.scalars(sa.select(Payment)).one())]))
    _seal(house)
    assert any("kept: payment" in line and "was changed" in line for line in _faults(house))


def test_seals_that_are_gone_are_missed_even_where_no_head_was_kept(house: House) -> None:
    import datetime as dt

    _seal(house)
    with _administrator(house) as connection:
        connection.exec_driver_sql("DELETE FROM audit_seal")
    house.clock.at += dt.timedelta(hours=2)
    for key in list(house.world.store.keys("heads/")):
        house.world.store.delete(key)
    assert any("not sealed" in line for line in _faults(house))


def test_rows_from_before_the_chain_knew_them_are_taken_into_it_once(house: House) -> None:
    with _administrator(house) as connection:
        connection.exec_driver_sql("DELETE FROM audit_seal")
        connection.exec_driver_sql("DELETE FROM audit_event WHERE action = 'rows.kept'")
    assert any("past the portal" in line for line in _faults(house))
    for chamber in (house.jia, house.yi):
        with house.doors.chamber(chamber.id, writing=True) as session:
            assert (keep_earlier_rows(session) > 0) is (chamber is house.jia) or chamber is house.yi
        with house.doors.chamber(chamber.id, writing=True) as session:
            assert keep_earlier_rows(session) == 0
    assert [line for line in _faults(house) if "past the portal" in line] == []


def test_beside_a_working_portal_it_reports_nothing_false(house: House, tmp_path: object) -> None:
    """A worker seals and renders, bytes arrive before their row, while everything is verified again
    and again.
    """
    from pathlib import Path

    from tests.scenes import uploaded

    mark = Path(str(tmp_path)) / "mark"
    with worker_process(house, mark):
        for n in range(8):
            store_bytes(
                house.world.store,
                house.jia.id,
                b"on their way",
                at=house.clock.at,
                name="x",
                media_type="image/png",
            )
            with house.doors.chamber(house.jia.id, writing=True) as session:
                uploaded(house, session)
            house.browser("membership").send("/roll/export", format="csv")
            assert _faults(house) == [], n
        until(lambda: _faults(house) == [])


def test_a_column_that_comes_later_gets_a_version() -> None:
    """A new column of a kept table changes the digests of rows that were kept before, unless LATER
    says when it came.
    """
    first = {
        "acknowledgement": "acknowledged_at application_id document_id",
        "allocation": "amount invoice_id journal_id payment_id",
        "amendment_decision": "amendment_id approved decided_at decided_by reason",
        "application_ending": "application_id ended_at ended_by reason state",
        "application_note": "application_id body written_at written_by",
        "application_version": "application_id made_at number snapshot",
        "circular_reading": "circular_id enterprise_id read_at read_by",
        "circular_recipient": "circular_id enterprise_id",
        "correction_item": "field reason request_id",
        "credit_note": "amount invoice_id issued_by issued_on number reason",
        "duplicate_decision": "decided_at decided_by duplicate_id reason same",
        "enterprise_note": "body enterprise_id written_at written_by",
        "expiry_reminder": "application_id days_before expires_on sent_at",
        "former_name": "enterprise_id name until_on",
        "handover": "application_id from_name handed_at handed_by to_name to_person_id words",
        "invoice_line": "amount formula invoice_id position wording",
        "invoice_void": "invoice_id reason voided_at voided_by",
        "issued_paper": "check_word copy enterprise_id issued_at kind number snapshot subject_id "
        "subject_type template_version",
        "journal": "invoice_id kind payment_id posted_at posted_on refund_id reverses_id",
        "meeting_result": "in_favour item_id outcome reason",
        "objection": "body contact raised_by received_on recorded_at recorded_by step_id",
        "objection_finding": "found_at found_by objection_id reason upheld",
        "paper_rendering": "file_id paper_id rendered_at",
        "paper_void": "paper_id reason voided_at",
        "parked_settling": "note parked_id settled_at settled_by",
        "past_event": "entered_by enterprise_id happened_on wording",
        "payment": "amount attempt channel currency payer received_on recorded_at recorded_by "
        "recorded_by_id reference",
        "payment_undoing": "payment_id reason undone_at undone_by",
        "posting": "account amount enterprise_id journal_id",
        "refund_step": "at note person_id person_name refund_id state",
        "resolution": "adopted_on body_id entered_at entitled in_favour number origin_id "
        "origin_type present secret_ballot text title",
        "resolution_publication": "published_at published_by resolution_id",
        "step_decision": "acting approved decided_at entitled in_favour meeting_on person_id "
        "person_name post_id present reason step_id",
        "stripe_event": "event_id happened_at kind object_id received_at",
        "void_rendering": "file_id paper_id rendered_at",
    }
    models = {
        str(mapper.local_table.description): mapper.class_ for mapper in Base.registry.mappers
    }
    for table in kept_tables():
        columns = {c.name for c in Base.metadata.tables[table].columns} - {"chamber_id", "id"}
        gone = set(GONE_COLUMNS[table][1](models[table]())) if table in GONE_COLUMNS else set()
        assert columns - set(LATER.get(table, {})) | gone == set(first[table].split()), table
