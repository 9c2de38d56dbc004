"""`portal serve` keeps its processes.

What dies is started again, and all end together within seconds.
"""

import contextlib
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

log = logging.getLogger("portal.serve")
PATIENCE = 5.0
"""Seconds that a process has to end by itself.

On a crowded machine the rest of ten goes by before everybody has heard, and is gone.
"""
STEADY = 60.0
"""Who lived so long is started again at once."""
LONGEST_WAIT = 60.0
LOOK = 0.2
BEGINNING = 15.0
"""Who ends by itself within so many seconds of its first start could not begin."""
PARENT = "PORTAL_PARENT"
"""In a child's environment: the process that started it."""


@dataclass
class Child:
    """A process of the portal: how it is started, and how it fared."""

    name: str
    command: Sequence[str]
    must_begin: bool = False
    """Whether the portal stops where its first start is refused.

    A port that is taken stays taken.
    """
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    starts: int = 0
    wait: float = 0.0
    lived: float = 0.0
    due: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        """Starts the process; it ends by itself once this one is gone (`end_with_parent`)."""
        environment = os.environ | {PARENT: str(os.getpid())}
        self.process = subprocess.Popen(self.command, env=environment, process_group=0)
        self.began, self.starts = time.monotonic(), self.starts + 1

    def look(self) -> int | None:
        """Starts the process where it is due; its exit status where it has just ended."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
            return None
        status = self.process.poll()
        if status is None:
            return None
        self.lived = time.monotonic() - self.began
        self.wait = 0.0 if self.lived >= STEADY else min(max(1.0, self.wait * 2), LONGEST_WAIT)
        self.process, self.due = None, time.monotonic() + self.wait
        log.error(
            "the %s ended with %s after %.0f s; it is started again in %.0f s",
            self.name,
            status,
            self.lived,
            self.wait,
        )
        return status

    def signal(self, number: int) -> None:
        """Sends a signal where the process lives."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """Ends the process and all that it started, whoever of them still lives."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def supervise(children: Sequence[Child]) -> int:
    """Runs all children until SIGTERM or SIGINT; 1 where one that must begin could not."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    refused = False
    while not stopping.is_set() and not refused:
        for child in children:
            status = child.look()
            refused = refused or (
                child.must_begin
                and child.starts == 1
                and status is not None
                and status > 0
                and child.lived < BEGINNING
            )
        stopping.wait(LOOK)
    _end(children)
    return 1 if refused else 0


def end_with_parent() -> None:
    """Lets this process end as soon as the one that started it is gone, however early that was.

    Nobody keeps its port.
    """
    above = multiprocessing.parent_process()
    parent = above.pid if above is not None else int(os.environ.get(PARENT, os.getppid()))

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def end_now(status: int) -> NoReturn:
    """Ends this process, which has nothing left to do.

    Python's own tidying takes seconds on a crowded machine.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def own(*arguments: str) -> list[str]:
    """The command that runs a module of the portal in the present Python."""
    return [sys.executable, "-m", *arguments]


def _end(children: Sequence[Child]) -> None:
    for child in children:
        child.signal(signal.SIGTERM)
    ends = time.monotonic() + PATIENCE
    for child in children:
        if child.process is not None:
            try:
                child.process.wait(max(0.0, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("the %s does not end; it is killed", child.name)
            child.kill()
