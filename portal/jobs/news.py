"""What features tell each other: news by name, so that a mistyped one is a fault at import."""

from enum import StrEnum


class News(StrEnum):
    """What can be announced, and reacted to. The names stand in queues: they never change."""

    CONTACTS_CHANGED = "contacts_changed"
    ENTERPRISE_RENAMED = "enterprise_renamed"
    INVOICE_PAID = "invoice_paid"
    INVOICE_VOID = "invoice_void"
    PAPER_RENDERED = "paper_rendered"
    RECEIPTS_VOID = "receipts_void"
