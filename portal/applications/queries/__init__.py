"""Reads of applications, split by noun."""
