"""The verbs of applications, split by noun."""
