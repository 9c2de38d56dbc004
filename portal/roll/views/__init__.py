"""Pages of the roll."""

from portal.roll.views import amendments as amendments
from portal.roll.views import exports as exports
from portal.roll.views import listing as listing
from portal.roll.views import members as members
from portal.roll.views.blueprint import roll

__all__ = ["roll"]
