"""Static files: the portal's own, Bootstrap and htmx from their packages; addresses carry the content's hash."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import flask_bootstrap
import js_lib_htmx
from whitenoise import WhiteNoise

from portal.settings import ROOT

PLACES = {
    "static": ROOT / "static",
    "vendor/bootstrap": Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "css",
    "vendor/htmx": Path(next(iter(js_lib_htmx.__path__))) / "static" / "htmx",
}
YEAR = 31_536_000


@cache
def static_address(path: str) -> str:
    """The address of a static file such as `static/css/base.css`, with its content's hash; LookupError where there is none."""
    prefix = next((p for p in PLACES if path.startswith(p + "/")), None)
    if prefix is None:
        raise LookupError(f"no static file {path}")
    digest = hashlib.sha256((PLACES[prefix] / path.removeprefix(prefix + "/")).read_bytes()).hexdigest()[:12]
    return f"/{path}?v={digest}"


def serve_static(app: Any) -> WhiteNoise:
    """Wraps a WSGI application so that static files are answered before it."""
    server = WhiteNoise(app, max_age=YEAR)
    for prefix, folder in PLACES.items():
        server.add_files(str(folder), prefix=prefix)
    return server
