"""Files that cost far more to open than they weigh."""

import io
import random
import struct
import zlib

from PIL import Image


def pdf(width: int, height: int, drawing: bytes = b"", pages: int = 1) -> bytes:
    """A PDF of `pages` pages of this size in points, each with the same drawing on it."""
    kids = b" ".join(b"%d 0 R" % (4 + n) for n in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing),
        *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 3 0 R>>" % (width, height)]
        * pages,
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%sendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    return out + head + tail


def tall_pdf() -> bytes:
    """Some 400 bytes whose one page is 700 × 100,000 points."""
    return pdf(700, 100_000)


def curved_pdf(curves: int = 220_000) -> bytes:
    """A page of so many curves that drawing them takes longer than anybody waits."""
    dice = random.Random(7)
    line = b"%d %d m %d %d %d %d %d %d c S"
    return pdf(
        700,
        1_000,
        b"\n".join(line % tuple(dice.randrange(700) for _ in range(8)) for _ in range(curves)),
    )


def nested_pdf() -> bytes:
    """States saved two million deep."""
    return pdf(700, 1_000, b"q " * 2_000_000)


def wide_png() -> bytes:
    """A small PNG of 60 million pixels."""
    out = io.BytesIO()
    Image.new("RGBA", (7_700, 7_700)).save(out, "PNG")
    return out.getvalue()


def wordy_png() -> bytes:
    """A PNG of one pixel whose texts unpack to hundreds of megabytes."""
    out = io.BytesIO()
    Image.new("L", (1, 1)).save(out, "PNG")
    whole, text = out.getvalue(), b"Comment\0\0" + zlib.compress(b"a" * 900_000, 9)
    chunk = (
        struct.pack(">I", len(text))
        + b"zTXt"
        + text
        + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    )
    return whole[:33] + chunk * 400 + whole[33:]
