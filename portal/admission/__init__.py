"""Admission: the way from a form to a member.

Rooms: `applications` (the application itself: what was asked and said, its steps and versions),
`reviewing` (the chain, the desk, notices, votes, returns, admission, expiry), `applying` (drafts,
the form, corrections: what the applicant does). May use roll, money, governance, members, papers,
web, accounts, files, jobs, audit, tenancy, foundation.
"""
