"""The worker's part in exports.

The whole list in bounded memory, and the file only once it is whole.
"""

import csv
import datetime as dt
import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import force_locale, gettext

from portal.accounts.queries import posts_of
from portal.files.services import add_file
from portal.files.storing import StoredBytes, store_bytes
from portal.foundation.labels import N_
from portal.jobs.registry import Task, register
from portal.members.enterprises.policies import may_see_contacts
from portal.members.enterprises.rules.codes import industry_name, region_name
from portal.roll.models import ExportFormat, RollExport
from portal.roll.queries.listing import RollRow, contacts_of, stream_roll
from portal.roll.queries.narrowing import RollFilter
from portal.tenancy.actor import Actor, ActorKind
from portal.tenancy.chambers import settings_of, today_of
from portal.tenancy.session import ChamberSession
from portal.web.exports import XLSX, Cell, neutral, spreadsheet
from portal.web.filters import in_language, label, masked
from portal.web.world import World

CHUNK = 1_000
HEADS = (
    N_("Member number"),
    N_("Enterprise"),
    N_("Unified social credit code"),
    N_("State"),
    N_("Standing"),
    N_("Grade"),
    N_("Joined on"),
    N_("Kind"),
    N_("Legal representative"),
    N_("Registered capital (CNY)"),
    N_("Industry"),
    N_("Region"),
    N_("Address"),
    N_("Contact"),
    N_("Phone"),
    N_("E-mail"),
    N_("Open"),
    N_("Overdue"),
)


@dataclass(frozen=True)
class ToWrite:
    """An export that nobody has written yet, and the zone whose time its name tells."""

    export: RollExport
    zone: str


@dataclass(frozen=True)
class Written:
    """The stored bytes of an export."""

    file: StoredBytes
    rows: int


def _prepare(session: ChamberSession, export_id: str) -> ToWrite | None:
    export = session.fetch(RollExport, uuid.UUID(export_id))
    return None if export.file_id else ToWrite(export, settings_of(session).zone)


def _work(world: World, item: ToWrite | None) -> Written | None:
    if item is None:
        return None
    export, counted = item.export, Counter(world, item.export)
    with (
        world.app.app_context(),
        world.app.test_request_context(),
        force_locale(export.language),
        world.doors.chamber(export.chamber_id) as session,
    ):
        heads, rows = [gettext(head) for head in HEADS], counted.through(_rows(session, export))
        body = (
            spreadsheet(gettext("Roll"), heads, rows)
            if export.format is ExportFormat.XLSX
            else _csv(heads, rows)
        )
    zone, at = item.zone, world.doors.clock.now()
    name = f"roll-{at.astimezone(ZoneInfo(zone)):%Y%m%d-%H%M}.{export.format.value}"
    media = XLSX if export.format is ExportFormat.XLSX else "text/csv"
    return Written(
        store_bytes(world.store, export.chamber_id, body, at=at, name=name, media_type=media),
        counted.rows,
    )


def _finish(session: ChamberSession, written: Written | None, export_id: str) -> None:
    export = session.fetch(RollExport, uuid.UUID(export_id))
    if written is None or export.file_id:
        return
    file = add_file(session, written.file, owner_type="roll_export", owner_id=export.id)
    export.file_id, export.total, export.written = file.id, written.rows, written.rows


class Counter:
    """Says how far an export is, after every CHUNK rows, in a transaction of its own."""

    def __init__(self, world: World, export: RollExport) -> None:
        self.world, self.export, self.rows = world, export, 0

    def through(self, pieces: Iterator[list[list[Cell]]]) -> Iterator[list[Cell]]:
        """The rows, counted as they pass."""
        for piece in pieces:
            yield from piece
            self.rows += len(piece)
            with self.world.doors.chamber(self.export.chamber_id, writing=True) as session:
                mine = sa.update(RollExport).where(
                    RollExport.id == self.export.id, RollExport.file_id.is_(None)
                )
                session.execute(mine.values(written=min(self.rows, self.export.total)))


def _rows(session: ChamberSession, export: RollExport) -> Iterator[list[list[Cell]]]:
    """The rows, with phones and addresses whole only for a colleague who may see them so."""
    today = today_of(session)
    whole = may_see_contacts(
        Actor(ActorKind.STAFF, "", export.person_id, posts_of(session, export.person_id, today))
    )
    for rows in stream_roll(session, RollFilter.read(export.narrow), today, CHUNK):
        contacts = contacts_of(session, [row.enterprise.id for row in rows])
        yield [_cells(row, contacts.get(row.enterprise.id), whole) for row in rows]


def _cells(row: RollRow, contact: object, whole: bool) -> list[Cell]:
    known, membership = row.enterprise, row.membership
    joined: dt.date | None = membership.joined_on if membership else None
    name, *ways = [str(getattr(contact, part, "") or "") for part in ("name", "phone", "email")]
    told = [name, *(ways if whole else map(masked, ways))]
    head = [
        membership.number if membership else "",
        known.name,
        known.uscc,
        label(membership.state) if membership else "",
        label(row.standing),
    ]
    described: list[Cell] = [
        label(known.kind),
        known.legal_representative,
        _yuan(known.capital),
        industry_name(known.industry),
        region_name(known.region),
        known.address,
    ]
    return [
        *head,
        in_language(row.grade) if row.grade else "",
        joined,
        *described,
        *told,
        _yuan(row.owed),
        _yuan(row.overdue),
    ]


def _csv(heads: list[str], rows: Iterator[list[Cell]]) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheet programs need to read Chinese.

    No cell is a formula.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


register(Task("write_roll_export", _finish, prepare=_prepare, work=_work))
