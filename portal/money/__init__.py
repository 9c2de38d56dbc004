"""Money: who owes, who paid, and the books that say so.

Rooms: `ledger` (accounts, balanced entries, balances). May use members, papers, web, accounts, files, jobs, audit, tenancy,
foundation; knows no application and no page that joins features.
"""
