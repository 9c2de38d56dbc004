"""Tables and states of billing, by noun."""

from portal.billing.models.actions import BillingAction
from portal.billing.models.invoices import INVOICE_MOVES, OPEN_STATES, CreditNote, Invoice, InvoiceLine, InvoiceState, InvoiceVoid, PaymentSlip
from portal.billing.models.online import (
    CHECKOUT_MOVES,
    PARKED_MOVES,
    UNDER_WAY,
    Checkout,
    CheckoutState,
    Parked,
    ParkedSettling,
    ParkedState,
    ParkReason,
    StripeEvent,
    StripeKeys,
)
from portal.billing.models.payments import REFUND_MOVES, Allocation, Channel, Payment, PaymentUndoing, Refund, RefundState, RefundStep
from portal.billing.models.schedules import SCHEDULE_MOVES, DuesRate, DuesSchedule, DuesSuspension, Period, Proration, ScheduleStanding, ScheduleState

__all__ = [
    "CHECKOUT_MOVES",
    "INVOICE_MOVES",
    "OPEN_STATES",
    "PARKED_MOVES",
    "REFUND_MOVES",
    "SCHEDULE_MOVES",
    "UNDER_WAY",
    "Allocation",
    "BillingAction",
    "Channel",
    "Checkout",
    "CheckoutState",
    "CreditNote",
    "DuesRate",
    "DuesSchedule",
    "DuesSuspension",
    "Invoice",
    "InvoiceLine",
    "InvoiceState",
    "InvoiceVoid",
    "ParkReason",
    "Parked",
    "ParkedSettling",
    "ParkedState",
    "Payment",
    "PaymentSlip",
    "PaymentUndoing",
    "Period",
    "Proration",
    "Refund",
    "RefundState",
    "RefundStep",
    "ScheduleStanding",
    "ScheduleState",
    "StripeEvent",
    "StripeKeys",
]
