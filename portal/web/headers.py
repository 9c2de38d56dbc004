"""The headers of every answer; public pages are cached and compressed."""

from flask import Flask, Response, g, request
from flask import session as cookie
from flask_compress import Compress

from portal.settings import Settings
from portal.tenancy.actor import VISITOR

STOP_ASKING = 286
"""The answer that ends htmx's asking again and again."""
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)


def install_headers(app: Flask, settings: Settings) -> None:
    """Adds content policy, no-store and HSTS.

    No-store on signed-in pages, on pages of a mailed link and on parts of pages; HSTS where the
    portal is served over https.

    A page that is the same for everybody carries an ETag, may be kept for a minute, and is
    compressed. Pages with a form of their own are not: a compressed secret beside what an attacker
    may send is readable by its length (BREACH).
    """
    app.config.update(COMPRESS_REGISTER=False, COMPRESS_ALGORITHM=["br", "gzip"])
    compress = Compress(app)

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if settings.scheme == "https":
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if g.get("actor", VISITOR) is not VISITOR:
            response.headers["Cache-Control"] = "no-store"
        elif "word" in (request.view_args or {}) or "HX-Request" in request.headers:
            response.headers.setdefault("Cache-Control", "no-store")
        elif _is_for_everybody(response):
            response.headers.setdefault("Cache-Control", "public, max-age=60")
            response.vary.update(["Cookie", "Accept-Language"])
            response.add_etag()
            response = compress.after_request(response)
            response.make_conditional(request)
        return response


def _is_for_everybody(response: Response) -> bool:
    """Whether a page may be kept by what stands between.

    A page without a form (Flask-WTF leaves the form's word in `g`) and without a word in its
    address that only some know.
    """
    plain = (
        request.method == "GET"
        and response.status_code == 200
        and response.mimetype in {"text/html", "text/css"}
    )
    return (
        plain
        and not cookie.modified
        and "csrf_token" not in g
        and "word" not in (request.view_args or {})
    )
