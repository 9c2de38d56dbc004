"""The blueprint of the settings pages."""

from portal.web.blueprint import Blueprint

chamber_settings = Blueprint("chamber_settings", __name__, url_prefix="/settings")
