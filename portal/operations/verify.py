"""`portal verify`: does everything that is kept still fit together?

What is read of a chamber is read at one instant.
"""

import datetime as dt
import logging
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from portal.admission.applications.models import Application
from portal.audit.chain import check_chain, unsealed_before
from portal.audit.heads import kept_heads
from portal.audit.kept import digest, every_kept_row, kept_entries
from portal.audit.models import AuditSeal
from portal.files.models import StoredFile
from portal.files.queries import BytesChanged, read_file
from portal.files.store import MissingBytes
from portal.foundation.clock import Clock
from portal.foundation.database import Base
from portal.foundation.errors import Unavailable
from portal.governance.meetings.models import Meeting
from portal.governance.resolutions.models import Resolution
from portal.money.invoices.models import CreditNote, Invoice
from portal.money.payments.models import PaymentPaper
from portal.operations.verify_money import Finding, check_charges, check_ledger
from portal.papers.issuing.models import IssuedPaper
from portal.tenancy.chambers import every_chamber
from portal.tenancy.loose import GONE, LOOSE
from portal.tenancy.models import Chamber, ChamberOwned, Counter
from portal.tenancy.session import ChamberSession
from portal.web.world import World

log = logging.getLogger("portal.verify")
SERIES = (
    (Invoice.number, None, "JF", "invoice"),
    (
        IssuedPaper.number,
        sa.and_(IssuedPaper.kind == PaymentPaper.RECEIPT, IssuedPaper.copy == 0),
        "SJ",
        "receipt",
    ),
    (CreditNote.number, None, "HZ", "credit note"),
    (Application.number, Application.number.is_not(None), "SQ", "application"),
    (Meeting.number, None, "HY", "meeting"),
    (Resolution.number, Resolution.number.is_not(None), "JY", "resolution"),
)
"""Numbers without a gap.

The column, which rows, what stands before the year, and the counter.
"""
SEALED_WITHIN = dt.timedelta(hours=1)
FRESH = dt.timedelta(hours=24)
"""Bytes so young may wait for their row, or for being forgotten by whoever stored them."""


def verify(
    world: World, *, at: dt.datetime | None = None, witness: Mapping[str, Any] | None = None
) -> Iterator[Finding]:
    """One line for each check of each chamber, and whether it is a fault.

    A chamber that cannot be read is one, and the others go on.

    `at` is the moment at which what is read was so: that of a backup just brought back, whose
    manifest's heads are the `witness`.
    """
    heads = kept_heads(world.store) | ({"the backup": witness} if witness else {})
    for chamber in every_chamber(world.doors):
        findings: list[Finding] = []
        try:
            with world.doors.snapshot(chamber.id) as session:
                findings.extend(_check(session, world, chamber, heads, at))
        except (sa.exc.SQLAlchemyError, Unavailable) as error:
            log.exception("%s cannot be read", chamber.slug)
            findings.append((f"it cannot be read to the end: {error}", True))
        for words, fault in findings:
            yield f"{chamber.slug}: {words}", fault


def _check(
    session: ChamberSession,
    world: World,
    chamber: Chamber,
    heads: Mapping[str, Mapping[str, Any]],
    at: dt.datetime | None,
) -> Iterator[Finding]:
    yield from _chain(
        session,
        {kept: found[str(chamber.id)] for kept, found in heads.items() if str(chamber.id) in found},
        at,
    )
    yield from _kept(session)
    yield from _files(session, world, chamber, at)
    yield from check_ledger(session)
    yield from check_charges(session)
    yield from _series(session)
    for model, type_column, id_column in LOOSE:
        yield from _loose(session, model, type_column, id_column)


def _chain(
    session: ChamberSession, heads: Mapping[str, Any], at: dt.datetime | None
) -> Iterator[Finding]:
    chain = check_chain(session)
    yield f"audit: {chain.sealed} events sealed, {chain.unsealed} not yet", False
    if chain.broken_at is not None:
        yield f"audit: the chain is broken at number {chain.broken_at}", True
    late = unsealed_before(session, (at or session.now()) - SEALED_WITHIN)
    if late:
        yield (
            f"audit: {late} events are older than an hour and not sealed: seals were taken "
            "away, or no worker runs",
            True,
        )
    for kept, head in sorted(heads.items()):
        found = session.scalar(sa.select(AuditSeal.hash).where(AuditSeal.number == head["number"]))
        if found != head["hash"]:
            yield (
                f"audit: the head that was kept by {kept} (number {head['number']}) is not "
                "in the chain: its tail was cut, or it was written anew",
                True,
            )


def _kept(session: ChamberSession) -> Iterator[Finding]:
    """Every row that is only ever added is as it was when it was added.

    As every event that names it says.
    """
    known: dict[tuple[str, str], set[tuple[int, str]]] = {}
    for table, row_id, version, said in kept_entries(session):
        known.setdefault((table, row_id), set()).add((version, said))
    count = 0
    for row in every_kept_row(session):
        count += 1
        key = (str(row.__tablename__), str(row.id))  # type: ignore[attr-defined]
        entries = known.pop(key, set())
        if not entries:
            yield f"kept: {_name(row)} was added past the portal", True
        elif any(digest(row, version) != said for version, said in entries):
            yield f"kept: {_name(row)} was changed", True
    for table, row_id in known:
        yield f"kept: {table} {row_id} is gone", True
    yield f"kept: {count} rows are as they were added", False


def _name(row: ChamberOwned) -> str:
    told = next(
        (str(getattr(row, name)) for name in ("number", "reference") if getattr(row, name, None)),
        "",
    )
    return f"{row.__tablename__} {told or row.id}"  # type: ignore[attr-defined]


def _files(
    session: ChamberSession, world: World, chamber: Chamber, at: dt.datetime | None
) -> Iterator[Finding]:
    known = set()
    for row in session.scalars(sa.select(StoredFile)):
        known.add(row.key)
        try:
            read_file(world.store, row)
        except MissingBytes:
            yield f"files: {row.key} has a row and no bytes", True
        except BytesChanged:
            yield f"files: the bytes of {row.key} were changed", True
    stray = [
        key
        for key in world.store.keys(f"{chamber.id}/")
        if key not in known and not _is_fresh(key, at or Clock().now())
    ]
    if stray:
        with world.doors.chamber(chamber.id) as later:
            named = set(later.scalars(sa.select(StoredFile.key).where(StoredFile.key.in_(stray))))
        for key in sorted(set(stray) - named):
            yield f"files: {key} has bytes and no row", True
    yield f"files: {len(known)} checked", False


def _is_fresh(key: str, at: dt.datetime) -> bool:
    """Whether bytes were stored a short while before a moment, or after it.

    By the time in their generated name.
    """
    try:
        made = int(uuid.UUID(key.rsplit("/", 1)[-1]).hex[:12], 16) / 1_000
    except ValueError:
        return False
    return at - dt.datetime.fromtimestamp(made, dt.UTC) < FRESH


def _series(session: ChamberSession) -> Iterator[Finding]:
    """Every number from the first to the counter's is there, and none beyond."""
    counters = dict(session.execute(sa.select(Counter.name, Counter.value)).all())
    for column, which, head, counter in SERIES:
        query = sa.select(column)
        numbers = session.scalars(query.where(which) if which is not None else query).all()
        years = {
            name.removeprefix(f"{counter} "): value
            for name, value in counters.items()
            if re.fullmatch(rf"{counter} \d{{4}}", name)
        }
        given: dict[str, list[int]] = {year: [] for year in years}
        for number in numbers:
            match = re.fullmatch(rf"{head}(\d{{4}})-(\d+)", str(number))
            if match:
                given.setdefault(match[1], []).append(int(match[2]))
        for year, there in sorted(given.items()):
            for wrong in sorted(set(range(1, years.get(year, 0) + 1)) ^ set(there)):
                yield (
                    f"numbers: {head}{year}-{wrong:05d} is missing from its series, or was "
                    "never given",
                    True,
                )
        yield f"numbers: {sum(map(len, given.values()))} of {counter}", False


def _loose(
    session: ChamberSession, model: type[Base], type_column: str, id_column: str
) -> Iterator[Finding]:
    tables = {
        str(m.local_table.description): m.class_
        for m in Base.registry.mappers
        if issubclass(m.class_, ChamberOwned)
    }
    kinds = session.scalars(sa.select(getattr(model, type_column)).distinct()).all()
    for kind in kinds:
        if kind in GONE:
            continue
        if kind not in tables:
            yield f"{model.__name__}: nothing is called {kind}", True
            continue
        target = aliased(tables[kind])
        here: sa.ColumnElement[uuid.UUID] = getattr(model, id_column)
        query = (
            sa.select(sa.func.count())
            .select_from(model)
            .where(
                getattr(model, type_column) == kind,
                ~sa.select(target.id).where(target.id == here).exists(),
            )
        )
        lost = session.scalar(query) or 0
        if lost:
            yield f"{model.__name__}: {lost} references to {kind} lead nowhere", True
