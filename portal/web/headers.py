"""The headers of every answer."""

from flask import Flask, Response, g

from portal.settings import Settings
from portal.tenancy.actor import VISITOR

POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


def install_headers(app: Flask, settings: Settings) -> None:
    """Adds content policy, no-store on signed-in pages, and HSTS where the portal is served over https."""

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
        return response
