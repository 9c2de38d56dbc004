"""The chart of accounts that a chamber begins with."""

from portal.money.ledger.models import Account, AccountKind

CHART = (
    (Account.CASH, "1001", "现金", "Cash", AccountKind.ASSET),
    (Account.BANK, "1002", "银行存款", "Bank", AccountKind.ASSET),
    (Account.STRIPE_CLEARING, "1009", "其他货币资金", "Stripe clearing", AccountKind.ASSET),
    (Account.RECEIVABLES, "1121", "应收账款", "Receivables", AccountKind.ASSET),
    (Account.CREDIT_ON_ACCOUNT, "2203", "预收账款", "Credit on account", AccountKind.LIABILITY),
    (Account.REFUNDS, "2209", "其他应付款", "Refunds", AccountKind.LIABILITY),
    ("donations", "4101", "捐赠收入", "Donations and sponsorship", AccountKind.INCOME),
    (Account.DUES_INCOME, "4201", "会费收入", "Dues income", AccountKind.INCOME),
    ("services", "4301", "提供服务收入", "Income from services", AccountKind.INCOME),
    ("other_income", "4901", "其他收入", "Other income", AccountKind.INCOME),
    (Account.FEES, "5201", "管理费用", "Payment fees", AccountKind.EXPENSE),
)
"""The accounts that the portal posts to, and those that an invoice may feed.

Code, number and names of each.

Numbered after 民间非营利组织会计制度 (the customary numbers of the 2004 edition; a chamber may
renumber them).
"""
