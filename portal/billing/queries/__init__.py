"""Reading invoices, payments, schedules and the ledger, by noun."""
