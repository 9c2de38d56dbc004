"""Pages of notices to members."""

from portal.circulars.views import desk as desk
from portal.circulars.views import reading as reading
from portal.circulars.views.blueprint import circulars

__all__ = ["circulars"]
