"""The way of a request: host → chamber → person → actor, before any view runs."""

import datetime as dt
from collections.abc import Callable
from typing import cast

from flask import Flask, g, request
from flask import session as cookie
from flask_babel import Babel
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import NotFound as NoSuchPage

from portal.accounts.models import SignIn
from portal.accounts.queries import build_actor, find_sign_in
from portal.foundation.clock import day_in
from portal.tenancy.actor import VISITOR, Actor
from portal.tenancy.chambers import chamber_of_host, settings_of
from portal.tenancy.models import Chamber, ChamberSettings
from portal.tenancy.session import ChamberSession
from portal.web.world import world

LANGUAGES = ("zh", "en")
PLATFORM = "/platform"
LARGEST_TEXT_FORM = 512 * 1024
ApplicantLoader = Callable[[ChamberSession, str], Actor | None]


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login keeps: the browser's word and its live sign-in."""

    def __init__(self, word: str, sign_in: SignIn) -> None:
        self.id = word
        self.sign_in = sign_in


def install_request(app: Flask, applicant_of: ApplicantLoader) -> None:
    """Makes every request pass host, chamber, person and actor in that order."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_load_signed_in)

    @app.before_request
    def open_chamber() -> None:
        g.platform = request.path.startswith(PLATFORM)
        if request.mimetype == "application/x-www-form-urlencoded":
            request.max_content_length = LARGEST_TEXT_FORM
        if g.platform:
            return
        with world().doors.platform() as platform:
            found = chamber_of_host(platform, host_name(), world().settings.base_domain)
        if found is None:
            raise BadRequest("unknown host")
        g.chamber = found
        g.reading = world().doors.reading(found.id)
        g.chamber_settings = settings_of(g.reading)
        g.actor = _actor(applicant_of)

    @app.teardown_request
    def close_chamber(_error: BaseException | None) -> None:
        reading = g.pop("reading", None)
        if reading is not None:
            reading.close()
        request.close()

    Babel(app, locale_selector=choose_locale, default_translation_directories="translations")


class PlatformHosts:
    """WSGI: the bare base domain shows the platform's pages; no chamber's host can reach them."""

    def __init__(self, app: Callable[..., object], base_domain: str) -> None:
        self.app = app
        self.base_domain = base_domain

    def __call__(self, environ: dict[str, str], start_response: Callable[..., object]) -> object:
        host = environ.get("HTTP_HOST", "").rsplit(":", 1)[0].lower()
        path = environ["PATH_INFO"] = "/" + environ.get("PATH_INFO", "/").lstrip("/")
        if host == self.base_domain or path in {"/healthz", "/readyz"}:
            environ["PATH_INFO"] = PLATFORM + path
        elif path.startswith(PLATFORM):
            environ["PATH_INFO"] = "/nothing-here"
        return self.app(environ, start_response)


def host_name() -> str:
    """The host the browser asked for, without its port, in lower case."""
    return request.host.rsplit(":", 1)[0].lower().rstrip(".")


def choose_locale() -> str:
    """zh or en.

    What was chosen in this browser, else the person's, else what the browser prefers, else zh.
    """
    chosen = cookie.get("language")
    if chosen in LANGUAGES:
        return cast(str, chosen)
    return request.accept_languages.best_match(LANGUAGES) or "zh"


def db() -> ChamberSession:
    """The session of the present request: reading on GET, writing on POST."""
    return cast(ChamberSession, g.db)


def actor() -> Actor:
    """Who acts in the present request."""
    return cast(Actor, g.get("actor", VISITOR))


def chamber() -> Chamber:
    """The chamber whose host was asked for."""
    return cast(Chamber, g.chamber)


def chamber_settings() -> ChamberSettings:
    """The chamber's settings, read-only."""
    return cast(ChamberSettings, g.chamber_settings)


def present_day() -> dt.date:
    """The day it is where the chamber is."""
    return day_in(db().now(), chamber_settings().zone)


def present_sign_in() -> SignIn:
    """The sign-in of this browser, read afresh in the session of the request.

    404 where there is none.
    """
    found = find_sign_in(db(), current_user.get_id()) if current_user.is_authenticated else None
    if found is None:
        raise NoSuchPage
    return found


def _load_signed_in(word: str) -> SignedIn | None:
    if g.get("reading") is None:
        return None
    found = find_sign_in(g.reading, word)
    return SignedIn(word, found) if found else None


def _actor(applicant_of: ApplicantLoader) -> Actor:
    if current_user.is_authenticated:
        return build_actor(g.reading, current_user.sign_in, g.chamber_settings)
    word = cookie.get("applicant")
    return (applicant_of(g.reading, word) if word else None) or VISITOR
