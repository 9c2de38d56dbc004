"""Gap-free numbers."""

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from portal.tenancy.models import Counter
from portal.tenancy.session import ChamberSession


def next_number(session: ChamberSession, name: str) -> int:
    """The next number under `name`, from 1. The counter stays locked until the transaction ends.

    A rollback gives it back.
    """
    counter = hold(session, name)
    counter.value += 1
    session.flush()
    return counter.value


def hold(session: ChamberSession, name: str) -> Counter:
    """Lets one transaction of the chamber at a time go on under `name`.

    The counter's row is the latch.
    """
    counter = session.scalars(
        sa.select(Counter).where(Counter.name == name)
    ).one_or_none() or _new_counter(session, name)
    return session.lock(counter)


def _new_counter(session: ChamberSession, name: str) -> Counter:
    try:
        with session.begin_nested():
            counter = Counter(name=name, value=0)
            session.add(counter)
            session.flush()
            return counter
    except IntegrityError:
        return session.scalars(sa.select(Counter).where(Counter.name == name)).one()
