"""Pages of billing."""

from portal.desks.billing.views import accounts as accounts
from portal.desks.billing.views import exports as exports
from portal.desks.billing.views import invoices as invoices
from portal.desks.billing.views import online as online
from portal.desks.billing.views import payments as payments
from portal.desks.billing.views import refunds as refunds
from portal.desks.billing.views.blueprint import billing

__all__ = ["billing"]
