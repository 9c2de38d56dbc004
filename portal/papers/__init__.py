"""Papers: what the chamber issues, and what its departments lay aside for the archive.

Rooms: `issuing` (a paper is frozen, rendered once, voided, checked by its code), `filing`
(candidates in the trays of the departments). May use web, accounts, files, jobs, audit, tenancy,
foundation; knows nobody who issues.
"""
