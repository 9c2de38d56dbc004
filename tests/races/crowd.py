"""Many at once: threads that start together, each with a real connection of its own."""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.foundation.errors import DomainError
from portal.tenancy.session import WalledSession


@dataclass
class Crowd:
    """What became of each: what it got, how it was refused by a rule, or which error it met."""

    got: list[object] = field(default_factory=list)
    refused: list[DomainError] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)


def at_once(count: int, act: Callable[[int], object]) -> Crowd:
    """Runs `act(0)` … `act(count − 1)` in threads released by one barrier.

    Each lingers between reading and writing, so that what no lock holds apart does meet.

    Where locks are off nobody writes before all have read, however slow the machine: the control of
    a race fails for its reason.
    """
    crowd, gate, lock, readers = Crowd(), threading.Barrier(count), threading.Lock(), Readers(count)

    def one(number: int) -> None:
        gate.wait()
        try:
            value = act(number)
        except DomainError as refusal:
            with lock:
                crowd.refused.append(refusal)
        except Exception as error:
            with lock:
                crowd.errors.append(error)
        else:
            with lock:
                crowd.got.append(value)
        finally:
            readers.leave()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    sa.event.listen(Session, "before_flush", readers.linger)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sa.event.remove(Session, "before_flush", readers.linger)
    return crowd


class Readers:
    """The threads of a crowd that have not written yet."""

    def __init__(self, count: int) -> None:
        self.left, self.change, self.known = count, threading.Condition(), threading.local()

    def leave(self) -> None:
        """This thread reads no more: it is about to write, or has ended."""
        with self.change:
            self.left -= not getattr(self.known, "left", False)
            self.known.left = True
            self.change.notify_all()

    def linger(self, session: Session, *_: object) -> None:
        """Called before each flush."""
        time.sleep(0.02)
        if isinstance(session, WalledSession) and not session.database.locking:
            self.leave()
            with self.change:
                self.change.wait_for(lambda: self.left <= 0, 5)


class Meeting:
    """Where each of a crowd waits for all others before it commits.

    Without locks all have looked by then, with them nobody else can come.
    """

    def __init__(self, count: int) -> None:
        self.barrier = threading.Barrier(count)

    def wait(self, seconds: float = 5) -> None:
        """Goes on once all are there, or they cannot be."""
        with contextlib.suppress(threading.BrokenBarrierError):
            self.barrier.wait(seconds)
