"""Payments through the chamber's own Stripe account."""
