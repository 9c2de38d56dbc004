"""Sessions behind the wall.

A ChamberSession belongs to one chamber for life. Every ORM statement through it is filtered to that
chamber; whatever cannot be filtered (Core tables, text, bulk methods, the bare connection) raises
WallBreached. A PlatformSession sees the global tables only.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import ColumnClause, TextClause
from sqlalchemy.sql.selectable import AliasedReturnsRows, Join, Select, TableClause, TextualSelect

from portal.foundation.clock import Clock
from portal.foundation.database import Database
from portal.foundation.errors import NotFound, WallBreached
from portal.foundation.labels import N_
from portal.foundation.secrecy import Sealer
from portal.tenancy.models import ChamberOwned, ChamberTagged

T = TypeVar("T", bound=ChamberOwned)


class WalledSession(Session):
    """What both kinds of session refuse."""

    def __init__(self, database: Database, clock: Clock, sealer: Sealer, *, writing: bool) -> None:
        super().__init__(database.writing if writing else database.reading, expire_on_commit=False)
        self.database = database
        self.clock = clock
        self.sealer = sealer
        self.writing = writing

    def now(self) -> dt.datetime:
        """The present instant by the house's clock."""
        return self.clock.now()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise WallBreached(
            "this way of reaching the database passes the wall; use ORM statements or tenancy.bulk"
        )

    connection = _refuse
    bulk_save_objects = _refuse
    bulk_insert_mappings = _refuse
    bulk_update_mappings = _refuse


class ChamberSession(WalledSession):
    """A session of one chamber, for life."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sealer: Sealer,
        chamber_id: uuid.UUID,
        *,
        writing: bool = False,
    ) -> None:
        super().__init__(database, clock, sealer, writing=writing)
        self._chamber_id = chamber_id
        self._walls = tuple(
            with_loader_criteria(
                kind,
                lambda table: table.chamber_id == chamber_id,
                include_aliases=True,
                propagate_to_loaders=False,
            )
            for kind in (ChamberOwned, ChamberTagged)
        )

    @property
    def chamber_id(self) -> uuid.UUID:
        """The chamber; there is no way to change it."""
        return self._chamber_id

    def find(self, model: type[T], id: uuid.UUID | None) -> T | None:
        """The chamber's row with this id, or None."""
        return (
            None
            if id is None
            else self.scalars(sa.select(model).where(model.id == id)).one_or_none()
        )

    def fetch(self, model: type[T], id: uuid.UUID | None) -> T:
        """The chamber's row with this id; NotFound where there is none."""
        found = self.find(model, id)
        if found is None:
            raise NotFound(N_("There is nothing at this address."))
        return found

    def lock(self, thing: T) -> T:
        """Holds the row of `thing` until the transaction ends and reads it afresh.

        NotFound where it is gone meanwhile.

        Take locks late and in the written order (docs/locks.md).

        Rows that merely point at it can be written meanwhile: their foreign keys must not wait for
        it, or two writers wait for each other.
        """
        model = type(thing)
        self.flush()
        query = (
            sa.select(model).where(model.id == thing.id).execution_options(populate_existing=True)
        )
        found = self.scalars(
            query.with_for_update(key_share=True) if self.database.locking else query
        ).one_or_none()
        if found is None:
            raise NotFound(N_("There is nothing at this address."))
        return found


class PlatformSession(WalledSession):
    """A session of no chamber: global tables only."""


class Doors:
    """Opens sessions on one database."""

    def __init__(self, database: Database, clock: Clock, sealer: Sealer) -> None:
        self.database = database
        self.clock = clock
        self.sealer = sealer

    def reading(self, chamber_id: uuid.UUID) -> "ChamberSession":
        """A session of the chamber that its caller closes."""
        return ChamberSession(self.database, self.clock, self.sealer, chamber_id)

    @contextmanager
    def snapshot(self, chamber_id: uuid.UUID) -> "Iterator[ChamberSession]":
        """A reading session of the chamber for which nothing changes meanwhile."""
        with self.reading(chamber_id) as session:
            session.bind = self.database.snapshot
            yield session

    @contextmanager
    def chamber(self, chamber_id: uuid.UUID, *, writing: bool = False) -> Iterator[ChamberSession]:
        """A session of the chamber.

        Commits at the end when `writing`, rolls back on an exception.
        """
        with ChamberSession(
            self.database, self.clock, self.sealer, chamber_id, writing=writing
        ) as session:
            yield session
            if writing:
                session.commit()

    @contextmanager
    def platform(self, *, writing: bool = False) -> Iterator[PlatformSession]:
        """A session on the global tables; commits at the end when `writing`."""
        with PlatformSession(self.database, self.clock, self.sealer, writing=writing) as session:
            yield session
            if writing:
                session.commit()


@event.listens_for(WalledSession, "do_orm_execute")
def _fence(state: ORMExecuteState) -> None:
    session = state.session
    if state.is_column_load:
        return
    if not state.is_relationship_load:
        _refuse_what_cannot_be_filtered(state)
    if isinstance(session, ChamberSession):
        state.statement = state.statement.options(*session._walls)
    elif any(issubclass(mapper.class_, ChamberOwned) for mapper in _mappers_in(state)):
        raise WallBreached("a chamber's table was asked for with no chamber open")


def _refuse_what_cannot_be_filtered(state: ORMExecuteState) -> None:
    if not state.is_orm_statement or state.is_from_statement or state.is_insert:
        raise WallBreached(
            "only ORM selects, updates and deletes pass; rows are added as objects or "
            "through tenancy.bulk"
        )
    if state.is_update and (isinstance(state.parameters, list) or _sets_chamber(state.statement)):
        raise WallBreached("an update by key list, or of chamber_id, passes the wall")
    statement: Any = state.statement
    for element in visitors.iterate(statement):
        fault = _fault_of(element, whole=element is statement)
        if fault:
            raise WallBreached(fault)


def _fault_of(element: Any, *, whole: bool) -> str:
    """Why no filter would reach this part of a statement; empty where one does."""
    if isinstance(element, TextClause | TextualSelect):
        return "text() cannot be filtered"
    if isinstance(element, ColumnClause):
        if element.is_literal and element.name != "*":
            return "literal_column() cannot be filtered"
        return (
            "a Core column cannot be filtered"
            if "parententity" not in element._annotations and _is_core(element.table)
            else ""
        )
    if isinstance(element, UpdateBase) and not whole:
        return "a change inside another statement cannot be filtered"
    sources: list[Any] = []
    if isinstance(element, Select):
        sources = [
            *element._raw_columns,
            *element._from_obj,
            *(target for target, *_ in element._setup_joins),
        ]
    elif isinstance(element, Join):
        sources = [element.left, element.right]
    return "a Core table cannot be filtered" if any(_is_core(source) for source in sources) else ""


def _is_core(source: Any) -> bool:
    """A table, or an alias of one, that does not know its mapped class."""
    while isinstance(source, AliasedReturnsRows) and "parententity" not in source._annotations:
        source = source.element
    return isinstance(source, TableClause) and "parententity" not in source._annotations


def _mappers_in(state: ORMExecuteState) -> set[Any]:
    statement: Any = state.statement
    found = {element._annotations.get("parentmapper") for element in visitors.iterate(statement)}
    return {*state.all_mappers, *(mapper for mapper in found if mapper is not None)}


def _sets_chamber(statement: Any) -> bool:
    return bool(statement._multi_values) or any(
        getattr(column, "key", column) == "chamber_id" for column in statement._values or ()
    )


@event.listens_for(ChamberSession, "before_flush")
def _stamp(session: ChamberSession, _context: Any, _instances: Any) -> None:
    for thing in session.new:
        if isinstance(thing, ChamberOwned | ChamberTagged) and thing.chamber_id is None:
            thing.chamber_id = session.chamber_id
    for thing in [*session.new, *session.dirty, *session.deleted]:
        if isinstance(thing, ChamberOwned | ChamberTagged):
            _must_be_of(session, thing)


@event.listens_for(PlatformSession, "before_flush")
def _keep_out(session: PlatformSession, _context: Any, _instances: Any) -> None:
    if any(
        isinstance(thing, ChamberOwned)
        for thing in [*session.new, *session.dirty, *session.deleted]
    ):
        raise WallBreached("a chamber's row was written with no chamber open")


@event.listens_for(ChamberSession, "before_attach")
@event.listens_for(ChamberSession, "loaded_as_persistent")
def _must_be_of(session: ChamberSession, thing: object) -> None:
    if not isinstance(thing, ChamberOwned | ChamberTagged):
        return
    chamber_id = thing.__dict__.get("chamber_id")
    key = sa.inspect(thing).identity_key
    if (chamber_id is not None and chamber_id != session.chamber_id) or (
        isinstance(thing, ChamberOwned) and key and key[1][0] != session.chamber_id
    ):
        raise WallBreached("an object of another chamber")


@event.listens_for(ChamberSession, "after_begin")
def _tell_postgresql(session: ChamberSession, _transaction: Any, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "SELECT set_config('app.chamber_id', %s, true)", (str(session.chamber_id),)
        )
