"""The blueprint of billing, and what its pages share."""

import uuid

from portal.desks.billing import queries
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.money.invoices.models import Invoice
from portal.money.invoices.policies import may_read_invoice
from portal.money.invoices.queries import find_invoice
from portal.money.ledger.policies import may_record_payments, may_see_money
from portal.tenancy.my_day import add_waiting
from portal.web.blueprint import Blueprint
from portal.web.menu import Group, add_entry
from portal.web.request import actor, db

billing = Blueprint("billing", __name__, url_prefix="/billing")
add_entry(Group.MONEY, 10, "billing.list_invoices", N_("Invoices"), may_see_money)
add_entry(Group.MONEY, 20, "billing.list_payments", N_("Payments"), may_see_money)
for source in (queries.list_slips, queries.list_refunds_to_move, queries.list_reports):
    add_waiting(may_record_payments, source)


def fetch_invoice(invoice_id: uuid.UUID) -> Invoice:
    """The invoice where the actor may read it; NotFound otherwise."""
    invoice = find_invoice(db(), invoice_id)
    if invoice is None or not may_read_invoice(actor(), invoice):
        raise NotFound(N_("There is nothing at this address."))
    return invoice
