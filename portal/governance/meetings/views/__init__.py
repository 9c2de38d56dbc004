"""Pages of meetings."""

from portal.governance.meetings.views import holding as holding
from portal.governance.meetings.views import planning as planning
from portal.governance.meetings.views.blueprint import meetings

__all__ = ["meetings"]
