"""Pages of applying."""

from portal.admission.applying.views import applying as applying
from portal.admission.applying.views import drafting as drafting
from portal.admission.applying.views import following as following
from portal.admission.applying.views.blueprint import applicants

__all__ = ["applicants"]
