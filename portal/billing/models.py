"""Acts on money, as the audit names them."""

from portal.foundation.labels import N_, Labelled


class BillingAction(Labelled):
    """What billing writes in the audit."""

    INVOICE_RAISED = "invoice.raised", N_("Invoice raised")
    INVOICE_VOIDED = "invoice.voided", N_("Invoice made void")
    CREDIT_NOTE_ISSUED = "credit_note.issued", N_("Credit note issued")
    PAYMENT_RECORDED = "payment.recorded", N_("Payment recorded")
    PAYMENT_UNDONE = "payment.undone", N_("Payment undone")
    CREDIT_USED = "credit.used", N_("Credit used")
    SLIP_UPLOADED = "payment_slip.uploaded", N_("Transfer slip uploaded")
    RECEIPT_REISSUED = "receipt.reissued", N_("Copy of a receipt issued")
    REFUND_REQUESTED = "refund.requested", N_("Refund asked for")
    REFUND_APPROVED = "refund.approved", N_("Refund approved")
    REFUND_DECLINED = "refund.declined", N_("Refund declined")
    REFUND_PAID = "refund.paid", N_("Refund paid back")
    LIST_EXPORTED = "billing.exported", N_("Invoices or payments exported")
    SCHEDULE_ENTERED = "dues_schedule.entered", N_("Dues schedule entered")
    SCHEDULE_ADOPTED = "dues_schedule.adopted", N_("Dues schedule adopted")
    DUES_SUSPENDED = "dues.suspended", N_("Dues suspended")
    SUSPENSION_TAKEN_BACK = "dues.suspension_taken_back", N_("Suspension of dues taken back")
    CREDIT_GIVEN_BACK = "credit.given_back", N_("Credit given back")
    KEYS_SET = "stripe_keys.set", N_("Keys for online payment set")
    KEYS_FORGOTTEN = "stripe_keys.forgotten", N_("Keys for online payment forgotten")
    EVENT_RECEIVED = "stripe_event.received", N_("News from Stripe received")
    CHECKOUT_OPENED = "checkout.opened", N_("Online payment begun")
    CHECKOUT_ENDED = "checkout.ended", N_("Online payment ended without money")
    MONEY_PARKED = "parked.parked", N_("Report of Stripe laid before finance")
    PARKED_SETTLED = "parked.settled", N_("Report of Stripe dealt with")
    REFUND_SENT = "refund.sent", N_("Refund sent through Stripe")
    REFUND_FAILED = "refund.failed", N_("Refund failed at Stripe")
