"""Members: who belongs to the chamber, since when, at which grade.

And who holds its offices.

Rooms: `enterprises` (who they are), `membership` (grades, memberships, certificates), `offices`
(offices and who holds them). May use papers, web, accounts, files, jobs, audit, tenancy,
foundation; knows no money and no application.
"""
