"""Pages of reviewing."""

from portal.admission.reviewing.views import desk as desk
from portal.admission.reviewing.views import files as files
from portal.admission.reviewing.views import reviewing as reviewing
from portal.admission.reviewing.views.blueprint import reviews

__all__ = ["reviews"]
