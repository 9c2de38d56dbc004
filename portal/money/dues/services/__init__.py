"""Schedules, charges, and the certificates that follow what is paid."""
