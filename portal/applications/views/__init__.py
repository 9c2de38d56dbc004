"""Pages of applying and of reviewing."""

import portal.applications.views.applying
import portal.applications.views.desk
import portal.applications.views.drafting
import portal.applications.views.reviewing  # noqa: F401
from portal.applications.views.blueprint import applicants, reviews

__all__ = ["applicants", "reviews"]
