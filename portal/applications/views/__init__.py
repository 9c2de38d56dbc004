"""Pages of applying, of reviewing, and of the council's meetings."""

import portal.applications.views.applying
import portal.applications.views.desk
import portal.applications.views.drafting
import portal.applications.views.reviewing  # noqa: F401
from portal.applications.views.blueprint import applicants, reviews
from portal.applications.views.meetings import meetings

__all__ = ["applicants", "meetings", "reviews"]
