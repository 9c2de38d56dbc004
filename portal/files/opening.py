"""Opening files of a stranger's choosing.

Never in this process, always in a child with limits of its own.
"""

import signal
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from portal.foundation.errors import Unavailable
from portal.foundation.labels import N_

CHILD = Path(__file__).with_name("drawing.py")
MEMORY = 400 * 1024 * 1024
LARGEST_ANSWER = 32 * 1024 * 1024
SECONDS = {"measure": 5, "draw": 20}
"""Seconds of processor time."""
PATIENCE = 3
"""How many times as long a child may take by the wall.

On a busy machine its processor time comes slowly.
"""
AT_ONCE = threading.BoundedSemaphore(2)
"""Children of one process that open files at the same time."""
IN_LINE = threading.BoundedSemaphore(6)
"""Threads of one process that have a child or wait for one.

More are told to come again at once.
"""


OWN_FAULT = {
    signal.SIGXCPU,
    signal.SIGXFSZ,
    signal.SIGSEGV,
    signal.SIGBUS,
    signal.SIGABRT,
    signal.SIGFPE,
    signal.SIGILL,
}
"""How a child ends by what it opens.

Any other signal came from outside, and another try may go well.
"""

BUSY = N_("Many files are being opened at the moment. Send yours again in a minute.")


class Unopenable(Exception):
    """The file could not be opened within its limits; the message says what the child said."""


class TooLate(Exception):
    """A child was ended by the wall: whoever waits for a size is told to come again.

    What is drawn so long is not drawn.
    """


def measure_picture(data: bytes, media_type: str) -> tuple[int, int]:
    """Width and height of a JPEG or PNG whose parts are whole.

    Unopenable where it is none, Unavailable on a crowd.
    """
    width, height = _ask("measure", media_type, data).split()
    return int(width), int(height)


def draw_pages(data: bytes, media_type: str) -> list[bytes]:
    """The first pages of a picture or PDF as JPEG of bounded size.

    Unopenable where that takes more than it may.
    """
    answer, pages = _ask("draw", media_type, data), []
    while answer:
        (length,) = struct.unpack(">I", answer[:4])
        pages.append(answer[4 : 4 + length])
        answer = answer[4 + length :]
    return pages


def _ask(act: str, media_type: str, data: bytes) -> bytes:
    seconds = SECONDS[act]
    if not IN_LINE.acquire(blocking=False):
        raise Unavailable(BUSY)
    try:
        if not AT_ONCE.acquire(timeout=seconds * PATIENCE):
            raise Unavailable(BUSY)
        try:
            limits = [str(MEMORY), str(seconds), str(LARGEST_ANSWER)]
            status, answer, said = _run(
                [sys.executable, "-I", str(CHILD), *limits, act, media_type], data, seconds
            )
        finally:
            AT_ONCE.release()
    except TooLate as error:
        raise (
            Unavailable(BUSY) if act == "measure" else Unopenable("it takes too long")
        ) from error
    finally:
        IN_LINE.release()
    if status < 0 and -status not in OWN_FAULT:
        raise Unavailable(BUSY)
    if status:
        lines = said.decode(errors="replace").strip().splitlines()
        raise Unopenable(lines[-1][:300] if lines else f"the child ended with {status}")
    return answer


def _run(command: list[str], data: bytes, seconds: int) -> tuple[int, bytes, bytes]:
    """Runs a child that knows nothing of the portal.

    What it says goes into files that it cannot make longer than it may.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pipes = {"stdin": subprocess.PIPE, "stdout": out, "stderr": err}
        child = subprocess.Popen(command, **pipes, env={}, cwd="/")  # type: ignore[call-overload]  # noqa: S603
        try:
            child.communicate(data, timeout=seconds * PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise TooLate from error
        finally:
            child.kill()
            child.wait()
        out.seek(0)
        err.seek(0)
        return child.returncode, out.read(LARGEST_ANSWER), err.read(10_000)
