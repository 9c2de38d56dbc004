"""The application: the only place that knows every feature."""

import datetime as dt
import functools

from flask import Flask, g
from flask_wtf import CSRFProtect

import portal.accounts.reactions
import portal.applications.reactions
import portal.circulars.reactions
import portal.jobs.tasks
import portal.members.enterprises.reactions
import portal.money.dues.reactions
import portal.money.online.reactions
import portal.money.payments.reactions
import portal.papers.issuing.reactions
import portal.roll.reactions
import portal.web.mail
import portal.web.previews  # noqa: F401
from portal.applications.queries.reading import applicant_of_word
from portal.applications.views import applicants, meetings, reviews
from portal.circulars.views import circulars
from portal.desks.billing.views import billing
from portal.desks.chamber_settings.views import chamber_settings
from portal.desks.dashboard.views import dashboard
from portal.desks.dossier.views import dossier
from portal.desks.platform.views import platform
from portal.desks.public_pages.views import public_pages
from portal.desks.sign_in.views import sign_in
from portal.files.store import open_store
from portal.foundation.clock import Clock
from portal.foundation.database import Database
from portal.foundation.secrecy import Sealer
from portal.members.enterprises.rules.codes import industry_name, region_name
from portal.papers.filing.views import filing
from portal.papers.issuing.views import issuing
from portal.roll.views import roll
from portal.settings import ROOT, Settings
from portal.tenancy.session import Doors
from portal.web import request as web_request
from portal.web.errors import install_errors
from portal.web.filters import install_filters
from portal.web.headers import install_headers
from portal.web.static_files import serve_static, static_address
from portal.web.world import World

FEATURES = (public_pages, applicants, reviews, meetings, circulars, roll, dossier, billing, issuing, filing, sign_in, dashboard, chamber_settings, platform)
LARGEST_REQUEST = 12 * 1024 * 1024


def create_app(settings: Settings, *, clock: Clock | None = None, database: Database | None = None) -> Flask:
    """The Flask application of an installation. Tests pass a clock and a database of their own."""
    app = Flask("portal", root_path=str(ROOT / "portal"), template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.older_secret_keys),
        SESSION_COOKIE_NAME="huiguan",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.scheme == "https",
        PERMANENT_SESSION_LIFETIME=dt.timedelta(days=7),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=web_request.LARGEST_TEXT_FORM,
        MAX_FORM_PARTS=400,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="zh",
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    sealer = Sealer(settings.secret_key, *settings.older_secret_keys)
    doors = Doors(database or Database(settings.database_url), clock or Clock(), sealer)
    app.extensions["world"] = World(settings, doors, open_store(settings.files), sealer, app)
    web_request.install_request(app, functools.partial(applicant_of_word, sealer=sealer))
    CSRFProtect(app).exempt("portal.desks.billing.views.online.receive_stripe_event")
    install_errors(app)
    install_headers(app, settings)
    install_filters(app)
    _tell_templates(app)
    for feature in FEATURES:
        app.register_blueprint(feature)
    app.wsgi_app = serve_static(web_request.PlatformHosts(app.wsgi_app, settings.base_domain))  # type: ignore[method-assign]
    return app


def _tell_templates(app: Flask) -> None:
    app.jinja_env.globals.update(static=static_address, industry_name=industry_name, region_name=region_name)

    @app.context_processor
    def who() -> dict[str, object]:
        return {"actor": web_request.actor(), "settings": g.get("chamber_settings")}
