"""The child that opens files of a stranger's choosing.

Run by itself, bounded before it reads a byte of them.

Usage: python -I drawing.py MEMORY SECONDS LARGEST measure|draw MEDIA_TYPE, the file on standard
input. `measure` prints the width and height of a picture; `draw` prints a length of four bytes and
a JPEG for each page. Bytes that are not what they claim to be end it by whatever the library
raises, whose last line is the reason.
"""

import io
import os
import resource
import struct
import sys
from collections.abc import Iterator
from typing import Any

import pypdfium2
from PIL import Image, ImageOps

TO_SAY_SO = 1
"""Seconds between the signal that says why, and the one that says nothing.

Of processor time.
"""
WIDEST, HIGHEST, MOST_PAGES = 1_400, 2_800, 8
KINDS = {"image/jpeg": "JPEG", "image/png": "PNG"}


def bound(memory: int, seconds: int, largest: int) -> None:
    """Limits of the child process.

    At most `memory` bytes of address space, `seconds` of processor time, `largest` bytes written;
    no core.
    """
    for limit, most, grace in (
        (resource.RLIMIT_AS, memory, 0),
        (resource.RLIMIT_CPU, seconds, TO_SAY_SO),
        (resource.RLIMIT_FSIZE, largest, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        last = most + grace if hard == resource.RLIM_INFINITY else min(most + grace, hard)
        resource.setrlimit(limit, (min(most, last), last))


def measure(data: bytes, media_type: str) -> tuple[int, int]:
    """Width and height of a picture whose parts are whole."""
    with Image.open(io.BytesIO(data), formats=[KINDS[media_type]]) as picture:
        size = picture.size
        picture.verify()
    return size


def draw(data: bytes, media_type: str) -> Iterator[bytes]:
    """Each page as a JPEG of at most WIDEST × HIGHEST pixels, MOST_PAGES at most."""
    pages = _pdf_pages(data) if media_type == "application/pdf" else _picture(data, media_type)
    for page in pages:
        out = io.BytesIO()
        page.save(out, "JPEG", quality=82)
        yield out.getvalue()


def _pdf_pages(data: bytes) -> Iterator[Any]:
    document = pypdfium2.PdfDocument(data)
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        width, height = page.get_size()
        yield (
            page.render(scale=min(2.0, WIDEST / max(width, 1), HIGHEST / max(height, 1)))
            .to_pil()
            .convert("RGB")
        )
        page.close()


def _picture(data: bytes, media_type: str) -> Iterator[Any]:
    with Image.open(io.BytesIO(data), formats=[KINDS[media_type]]) as picture:
        picture.draft("RGB", (WIDEST, HIGHEST))
        picture.thumbnail((HIGHEST, HIGHEST))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        upright.thumbnail((WIDEST, HIGHEST))
        yield upright


def main(memory: str, seconds: str, largest: str, act: str, media_type: str) -> None:
    """Runs one act on the bytes of standard input; behind all others where nobody waits for it."""
    bound(int(memory), int(seconds), int(largest))
    data = sys.stdin.buffer.read()
    if act == "measure":
        print(*measure(data, media_type))
    else:
        os.nice(10)
        for page in draw(data, media_type):
            sys.stdout.buffer.write(struct.pack(">I", len(page)) + page)


if __name__ == "__main__":
    main(*sys.argv[1:])
