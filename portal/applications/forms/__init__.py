"""Forms of applications, split by noun."""
