"""Money: who owes, who paid, and the books that say so.

Rooms: `ledger` (accounts, balanced entries, balances), `invoices` (what is owed, and what settles
it), `payments` (money that arrived or goes back), `dues` (schedules and charges), `online`
(Stripe). May use members, papers, web, accounts, files, jobs, audit, tenancy, foundation; knows no
application and no page that joins features.
"""
