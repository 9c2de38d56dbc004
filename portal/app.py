"""The application: what every page and every job stands on."""

import datetime as dt
import functools

from flask import Flask, g
from flask_wtf import CSRFProtect

from portal.admission.applications.queries.reading import applicant_of_word
from portal.features import BLUEPRINTS
from portal.files.store import open_store
from portal.foundation.clock import Clock
from portal.foundation.database import Database
from portal.foundation.secrecy import Sealer
from portal.members.enterprises.rules.codes import industry_name, region_name
from portal.settings import ROOT, Settings
from portal.tenancy.session import Doors
from portal.web import request as web_request
from portal.web.errors import install_errors
from portal.web.filters import install_filters
from portal.web.headers import install_headers
from portal.web.menu import groups_of
from portal.web.static_files import serve_static, static_address
from portal.web.world import World

LARGEST_REQUEST = 12 * 1024 * 1024


def create_app(
    settings: Settings, *, clock: Clock | None = None, database: Database | None = None
) -> Flask:
    """The Flask application of an installation. Tests pass a clock and a database of their own."""
    app = Flask(
        "portal",
        root_path=str(ROOT / "portal"),
        template_folder=str(ROOT / "templates"),
        static_folder=None,
    )
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
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.wsgi_app = serve_static(web_request.PlatformHosts(app.wsgi_app, settings.base_domain))  # type: ignore[method-assign]
    return app


def _tell_templates(app: Flask) -> None:
    app.jinja_env.globals.update(
        static=static_address, industry_name=industry_name, region_name=region_name
    )

    @app.context_processor
    def who() -> dict[str, object]:
        actor = web_request.actor()
        return {
            "actor": actor,
            "settings": g.get("chamber_settings"),
            "menu": functools.partial(groups_of, actor),
        }
