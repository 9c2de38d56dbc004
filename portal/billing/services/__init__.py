"""The verbs of billing, split by noun."""
