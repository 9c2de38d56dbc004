"""Desks: pages that join what several features know.

For one who works, signs in, or looks from outside.

Rooms: `sign_in`, `dashboard` (my day, my enterprise), `dossier` (all of one enterprise),
`chamber_settings`, `public_pages`, `platform` (the operator's), `billing` (invoices, payments,
refunds and what is paid online). May use every feature below; nobody uses them but the application.
"""
