"""Identifiers."""

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """A UUIDv7: unique everywhere and ordered by time of making."""
    return uuid7()
