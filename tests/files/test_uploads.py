"""Uploads are judged by what they are."""

import io
import zipfile

import pytest
from PIL import Image

from portal.files.rules import LARGEST_UPLOAD, check_upload, tidy_name
from portal.foundation.errors import InvalidInput
from tests.cast import PNG


def _picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size).save(out, kind)
    return out.getvalue()


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 50_000_000)
    return out.getvalue()


def test_pictures_and_pdf_are_taken() -> None:
    assert check_upload(_picture("PNG"), field="f") == "image/png"
    assert check_upload(_picture("JPEG"), field="f") == "image/jpeg"
    assert check_upload(b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF", field="f") == "application/pdf"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MZ" + b"\0" * 200,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        b"#!/bin/sh\nrm -rf /",
        b"%PDF-1.7 but it ends early",
        PNG[:30],
        _picture("PNG")[:60] + b"<script>",
        _picture("GIF"),
        _bomb(),
        b"\0" * (LARGEST_UPLOAD + 1),
    ],
    ids=[
        "empty",
        "exe",
        "svg",
        "html",
        "script",
        "cut pdf",
        "cut png",
        "polyglot",
        "gif",
        "zip bomb",
        "too large",
    ],
)
def test_anything_else_is_refused_beside_its_field(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_upload(data, field="licence")
    assert caught.value.field == "licence"


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(out, "PNG")
    with pytest.raises(InvalidInput, match="pixels"):
        check_upload(out.getvalue(), field="f")


def test_where_a_picture_is_wanted_a_pdf_is_refused() -> None:
    with pytest.raises(InvalidInput):
        check_upload(b"%PDF-1.7\n%%EOF", field="f", pictures_only=True)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\执照.png", "执照.png"),
        ("a\r\nb\0.png", "ab.png"),
        ("", "file"),
        ("x" * 500, "x" * 120),
    ],
)
def test_names_are_only_labels(name: str, label: str) -> None:
    assert tidy_name(name) == label
