"""Static files: the portal's own, Bootstrap and htmx from their packages.

Addresses carry the content's hash, and each lies compressed beside itself.
"""

import contextlib
import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import flask_bootstrap
import js_lib_htmx
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

from portal.settings import ROOT

PLACES = {
    "static": ROOT / "static",
    "vendor/bootstrap": Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "css",
    "vendor/htmx": Path(next(iter(js_lib_htmx.__path__))) / "static" / "htmx",
}
VENDORED = ("vendor/bootstrap/bootstrap.min.css", "vendor/htmx/htmx.min.js")
YEAR = 31_536_000
SHELF = ROOT / "var"


@cache
def static_address(path: str) -> str:
    """The address of a static file such as `static/css/base.css`, with its content's hash.

    LookupError where there is none.
    """
    return f"/{path}?v={hashlib.sha256(_source(path).read_bytes()).hexdigest()[:12]}"


def serve_static(app: Any) -> WhiteNoise:
    """Wraps a WSGI application so that static files are answered before it.

    Compressed where the browser takes that.
    """
    server = WhiteNoise(app, max_age=YEAR)
    server.add_files(str(_shelf()))
    return server


@cache
def _shelf() -> Path:
    """A folder with every file that pages name, and its gzip and brotli forms.

    Made once for each content. Where nothing can be written, in a temporary place.
    """
    files = {path: _source(path).read_bytes() for path in (*VENDORED, *_own())}
    digest = hashlib.sha256(
        b"".join(path.encode() + body for path, body in sorted(files.items()))
    ).hexdigest()[:16]
    shelf = SHELF / f"static-{digest}"
    if shelf.is_dir():
        return shelf
    made = Path(tempfile.mkdtemp(prefix="huiguan-static-"))
    made.chmod(0o755)
    compressor = Compressor(quiet=True)
    for path, body in files.items():
        place = made / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)
        if compressor.should_compress(place.name):
            list(compressor.compress(str(place)))
    with contextlib.suppress(OSError):
        SHELF.mkdir(exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix="static-", dir=SHELF)) / "made"
        shutil.copytree(made, beside)
        beside.rename(shelf)
        beside.parent.rmdir()
    return shelf if shelf.is_dir() else made


def _own() -> list[str]:
    return sorted(
        f"static/{path.relative_to(PLACES['static']).as_posix()}"
        for path in PLACES["static"].rglob("*")
        if path.is_file()
    )


def _source(path: str) -> Path:
    prefix = next((p for p in PLACES if path.startswith(p + "/")), None)
    if prefix is None:
        raise LookupError(f"no static file {path}")
    return PLACES[prefix] / path.removeprefix(prefix + "/")
