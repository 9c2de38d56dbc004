"""Exports of the roll: whole or not at all, no formulas, written down, each colleague's own."""

import csv
import io
import uuid

import openpyxl
import pytest
import sqlalchemy as sa

from portal.audit.models import AuditEvent
from portal.jobs.models import Job, JobState
from portal.roll import reactions
from portal.roll.models import RollExport
from tests.cast import Browser, House
from tests.roll.conftest import Enter

EVIL = '=HYPERLINK("http://x","点")有限公司'


def export_in(house: House) -> RollExport:
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(
            sa.select(RollExport).order_by(RollExport.asked_at.desc(), RollExport.id.desc())
        ).first()  # type: ignore[return-value]


def ask(house: House, browser: Browser, form: str, query: str = "") -> RollExport:
    answer = browser.send(f"/roll/export{query}", format=form)
    assert answer.status_code == 302, answer.text
    return export_in(house)


@pytest.fixture
def roll(house: House, enter: Enter) -> House:
    enter(1, EVIL, email="=cmd@enterprise.example", phone="+8613900000000")
    for number in range(2, 12):
        enter(number, f"导出企业{number:02d}有限公司", region="1101" if number % 2 else "4403")
    return house


@pytest.mark.either_database
def test_csv_is_whole_and_has_no_formulas(roll: House) -> None:
    officer = roll.browser("membership")
    export = ask(roll, officer, "csv")
    assert "0 of 11 rows written" in officer.get(f"/roll/exports/{export.id}").text
    assert officer.send(f"/roll/exports/{export.id}/file").status_code == 404
    roll.work()
    assert "11 rows are ready" in officer.get(f"/roll/exports/{export.id}").text
    answer = officer.send(f"/roll/exports/{export.id}/file")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 12
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert any(cell == f"'{EVIL}" for row in rows for cell in row)
    with roll.doors.chamber(roll.jia.id) as session:
        told = {
            e.action: e.details
            for e in session.scalars(
                sa.select(AuditEvent).where(
                    AuditEvent.action.in_(["roll.exported", "roll.downloaded"])
                )
            )
        }
    assert (told["roll.exported"]["rows"], told["roll.downloaded"]["rows"]) == (11, 11)


def test_xlsx_of_what_is_narrowed(roll: House) -> None:
    officer = roll.browser("office")
    export = ask(roll, officer, "xlsx", "?region=1101")
    roll.work()
    book = openpyxl.load_workbook(io.BytesIO(officer.send(f"/roll/exports/{export.id}/file").data))
    sheet = book.active
    assert sheet.max_row == 6
    assert {row[1].value for row in sheet.iter_rows(min_row=2)} == {
        f"导出企业{n:02d}有限公司" for n in (3, 5, 7, 9, 11)
    }
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_an_export_is_its_colleagues_own(roll: House) -> None:
    export = ask(roll, roll.browser("office"), "csv")
    roll.work()
    other = roll.browser("membership")
    assert (
        other.get(f"/roll/exports/{export.id}").status_code
        == other.send(f"/roll/exports/{export.id}/file").status_code
        == 404
    )
    assert str(export.id) not in other.get("/roll/exports").text
    assert str(export.id) in roll.browser("office").get("/roll/exports").text


def test_a_worker_that_dies_in_the_middle_leaves_no_half_file(
    roll: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reactions, "CHUNK", 4)
    officer = roll.browser("office")
    export = ask(roll, officer, "csv")
    with roll.doors.chamber(roll.jia.id) as session:
        item = reactions._prepare(session, str(export.id))
    assert item is not None
    assert reactions._work(roll.world, item) is not None
    half = export_in(roll)
    assert (half.written, half.file_id) == (11, None)
    assert "11 of 11 rows written" in officer.get(f"/roll/exports/{export.id}").text
    roll.work()
    first = export_in(roll).file_id
    with roll.doors.platform(writing=True) as platform:
        platform.execute(
            sa.update(Job).where(Job.task == "write_roll_export").values(state=JobState.READY)
        )
    roll.work()
    assert export_in(roll).file_id == first is not None


@pytest.mark.parametrize("form", ["", "pdf", "x" * 500])
def test_a_format_that_is_none_becomes_the_usual_one(roll: House, form: str) -> None:
    assert ask(roll, roll.browser("office"), form).format.value == "xlsx"


def test_another_chambers_export_is_not_there(roll: House) -> None:
    export = ask(roll, roll.browser("office"), "csv")
    theirs, nobodys = (
        roll.browser("office", slug="yi").get(f"/roll/exports/{found}")
        for found in (export.id, uuid.uuid4())
    )
    assert theirs.status_code == nobodys.status_code == 404


def test_finance_gets_contacts_masked_in_a_file_too(roll: House) -> None:
    for who, phone in (("finance", "+86****0000"), ("membership", "+8613900000000")):
        officer = roll.browser(who)
        export = ask(roll, officer, "csv")
        roll.work()
        text = officer.send(f"/roll/exports/{export.id}/file").data.decode("utf-8-sig")
        assert phone in text, who
        assert ("13900000000" in text) is (who == "membership")


def test_the_page_stops_asking_once_the_file_is_there(roll: House) -> None:
    officer = roll.browser("membership")
    export = ask(roll, officer, "csv")
    asked = {"Host": officer.host, "HX-Request": "true"}
    assert officer.client.get(f"/roll/exports/{export.id}", headers=asked).status_code == 200
    roll.work()
    assert officer.client.get(f"/roll/exports/{export.id}", headers=asked).status_code == 286
    assert officer.get(f"/roll/exports/{export.id}").status_code == 200


def test_a_file_that_cannot_be_made_is_said_and_asked_for_no_more(roll: House) -> None:
    officer = roll.browser("membership")
    export = ask(roll, officer, "csv")
    with roll.doors.chamber(roll.jia.id, writing=True) as session:
        job = session.scalars(sa.select(Job).where(Job.task == "write_roll_export")).one()
        job.state = JobState.FAILED
    page = officer.get(f"/roll/exports/{export.id}").text
    assert "could not be made" in page
    assert "hx-trigger" not in page
    asked = {"Host": officer.host, "HX-Request": "true"}
    assert officer.client.get(f"/roll/exports/{export.id}", headers=asked).status_code == 286
    assert roll.browser("office").send(f"/settings/jobs/{job.id}/retry").status_code == 302
    roll.work()
    assert "11 rows are ready" in officer.get(f"/roll/exports/{export.id}").text
