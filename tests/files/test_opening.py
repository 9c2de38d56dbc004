"""Files of a stranger's choosing are opened in a child with limits, whatever they hold."""

import io
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PIL import Image

from portal.files import opening
from portal.files.drawing import HIGHEST, MOST_PAGES, WIDEST
from portal.files.opening import MEMORY, Unopenable, draw_pages, measure_picture
from portal.files.rules import check_upload
from portal.foundation.errors import InvalidInput, Unavailable
from tests.files import bombs
from tests.servers import PATIENCE

DRAW = """
import contextlib, pathlib, resource, sys
from portal.files.opening import Unopenable, draw_pages
with contextlib.suppress(Unopenable):
    draw_pages(pathlib.Path(sys.argv[1]).read_bytes(), sys.argv[2])
own = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _sizes(pages: list[bytes]) -> list[tuple[int, int]]:
    return [Image.open(io.BytesIO(page)).size for page in pages]


def test_a_page_is_drawn_by_its_area_not_by_its_width() -> None:
    ((width, height),) = _sizes(draw_pages(bombs.tall_pdf(), "application/pdf"))
    assert width <= WIDEST
    assert height <= HIGHEST


def test_a_document_of_many_pages_is_drawn_as_far_as_it_may() -> None:
    assert len(draw_pages(bombs.pdf(595, 842, pages=200), "application/pdf")) == MOST_PAGES


@pytest.mark.parametrize("make", [bombs.nested_pdf, bombs.wide_png, bombs.wordy_png])
def test_a_bomb_is_drawn_or_refused_within_the_childs_memory(make: object, tmp_path: Path) -> None:
    data = make()  # type: ignore[operator]
    kind = "application/pdf" if data.startswith(b"%PDF") else "image/png"
    (tmp_path / "bomb").write_bytes(data)
    told = subprocess.run(
        [sys.executable, "-c", DRAW, str(tmp_path / "bomb"), kind],
        capture_output=True,
        text=True,
        check=True,
    )
    own, children = (int(kilobytes) * 1024 for kilobytes in told.stdout.split())
    assert own < 128 * 1024 * 1024
    assert children <= MEMORY * 1.2


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(opening.SECONDS, "draw", 1)
    monkeypatch.setattr(opening, "PATIENCE", PATIENCE)
    with pytest.raises(Unopenable):
        draw_pages(bombs.curved_pdf(), "application/pdf")


@pytest.mark.parametrize(
    "what", ["os.kill(os.getpid(), signal.SIGKILL)", "time.sleep(600)"], ids=["killed", "late"]
)
def test_a_child_that_is_ended_from_outside_says_nothing_of_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str
) -> None:
    (tmp_path / "child.py").write_text(f"import os, signal, time\n{what}\n")
    monkeypatch.setattr(opening, "CHILD", tmp_path / "child.py")
    monkeypatch.setitem(opening.SECONDS, "measure", 1)
    with pytest.raises(Unavailable):
        measure_picture(b"", "image/png")


def test_without_limits_the_same_page_is_drawn_on_and_on() -> None:
    """The negative control.

    The child with no limit of time still draws when its time would be up.
    """
    command = [
        sys.executable,
        "-I",
        str(opening.CHILD),
        str(4 * 1024**3),
        "600",
        str(opening.LARGEST_ANSWER),
        "draw",
        "application/pdf",
    ]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    with pytest.raises(subprocess.TimeoutExpired):
        child.communicate(bombs.curved_pdf(), timeout=opening.SECONDS["draw"] / 2)
    child.kill()
    child.wait()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        b"\xff\xd8\xff\xe0" + b"\0" * 40,
    ],
)
def test_what_cannot_be_read_says_so(data: bytes) -> None:
    kind = (
        "application/pdf"
        if data[:1] in {b"", b"%"}
        else "image/png"
        if data[:1] == b"\x89"
        else "image/jpeg"
    )
    with pytest.raises(Unopenable):
        draw_pages(data, kind)


def test_the_form_opens_no_picture_in_the_process_that_serves() -> None:
    """The code that judges uploads runs where no library that decodes pictures is loaded."""
    code = (
        "import sys; from portal.files.rules import check_upload; from portal.files.opening "
        "import draw_pages;"
        "from tests.cast import PNG; check_upload(PNG, field='f'); draw_pages(PNG, 'image/png');"
        "sys.exit(any(name.split('.')[0] in {'PIL', 'pypdfium2'} for name in sys.modules))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False
        ).returncode
        == 0
    )


def test_a_seal_is_small_because_every_paper_opens_it() -> None:
    out = io.BytesIO()
    Image.new("1", (2_100, 2_100)).save(out, "PNG")
    assert check_upload(out.getvalue(), field="f") == "image/png"
    with pytest.raises(InvalidInput, match="pixels"):
        check_upload(out.getvalue(), field="f", pictures_only=True)


def test_a_crowd_of_uploads_waits_its_turn_or_is_told_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "AT_ONCE", threading.BoundedSemaphore(1))
    monkeypatch.setitem(opening.SECONDS, "measure", 0.1)
    with opening.AT_ONCE, pytest.raises(Unavailable):
        measure_picture(b"", "image/png")
