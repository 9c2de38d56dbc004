"""Pages of applying and of reviewing."""

from portal.applications.views.applying import applicants
from portal.applications.views.reviewing import reviews

__all__ = ["applicants", "reviews"]
