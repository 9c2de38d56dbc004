"""Governance: who decides in the chamber, and what was decided.

Rooms: `bodies` (who sits in council and assembly, and by which rule they decide), `resolutions`
(what a body decided), `meetings` (an agenda of matters, attendance, votes, minutes). A matter has a
kind that the feature which brings it registers; no room here knows an application or an amount. May
use members, papers, web, accounts, files, jobs, audit, tenancy, foundation.
"""
