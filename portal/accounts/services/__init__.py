"""The verbs of accounts, split by noun."""
