"""Settings pages."""

from portal.desks.chamber_settings.views import accounts as accounts
from portal.desks.chamber_settings.views import bodies as bodies
from portal.desks.chamber_settings.views import dues as dues
from portal.desks.chamber_settings.views import house as house
from portal.desks.chamber_settings.views import online as online
from portal.desks.chamber_settings.views import questions as questions
from portal.desks.chamber_settings.views import rules as rules
from portal.desks.chamber_settings.views import staff as staff
from portal.desks.chamber_settings.views.blueprint import chamber_settings

__all__ = ["chamber_settings"]
