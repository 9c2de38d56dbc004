"""Pages of billing."""

from portal.billing.views import accounts as accounts
from portal.billing.views import exports as exports
from portal.billing.views import invoices as invoices
from portal.billing.views import online as online
from portal.billing.views import payments as payments
from portal.billing.views import refunds as refunds
from portal.billing.views.blueprint import billing

__all__ = ["billing"]
