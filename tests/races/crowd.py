"""Many at once: threads that start together, each with a real connection of its own."""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.foundation.errors import DomainError


@dataclass
class Crowd:
    """What became of each: what it got, how it was refused by a rule, or which error it met."""

    got: list[object] = field(default_factory=list)
    refused: list[DomainError] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)


def at_once(count: int, act: Callable[[int], object]) -> Crowd:
    """Runs `act(0)` … `act(count − 1)` in threads released by one barrier. Each lingers between reading and writing, so that what no lock holds apart does meet."""
    crowd, gate, lock = Crowd(), threading.Barrier(count), threading.Lock()

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

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    sa.event.listen(Session, "before_flush", _linger)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sa.event.remove(Session, "before_flush", _linger)
    return crowd


class Meeting:
    """Where each of a crowd waits for all others before it commits: without locks all have looked by then, with them nobody else can come."""

    def __init__(self, count: int) -> None:
        self.barrier = threading.Barrier(count)

    def wait(self, seconds: float = 5) -> None:
        """Goes on once all are there, or they cannot be."""
        with contextlib.suppress(threading.BrokenBarrierError):
            self.barrier.wait(seconds)


def _linger(*_: object) -> None:
    time.sleep(0.02)
