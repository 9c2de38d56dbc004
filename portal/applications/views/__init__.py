"""Pages of applying, of reviewing, and of the council's meetings."""

import portal.applications.views.desk  # noqa: F401
from portal.applications.views.applying import applicants
from portal.applications.views.blueprint import reviews
from portal.applications.views.meetings import meetings

__all__ = ["applicants", "meetings", "reviews"]
