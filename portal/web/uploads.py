"""Files that come with a form: stored before any transaction is open, and forgotten where their form changes nothing."""

import logging

from flask import g

from portal.files.storing import StoredBytes, store_upload
from portal.foundation.errors import InvalidInput, Unavailable
from portal.web.forms import Attachment
from portal.web.request import chamber
from portal.web.world import world

log = logging.getLogger("portal.web")


def receive(field: Attachment, *, pictures_only: bool = False) -> StoredBytes | None:
    """The stored bytes of what was chosen in a field; None where nothing was.

    To be called before the view asks the database for anything, so that no connection waits for bytes. InvalidInput
    beside the field where the file may not be kept; Unavailable where the store does not answer.
    """
    upload = field.upload()
    if upload is None:
        return None
    held = world()
    stored = store_upload(held.store, chamber().id, upload, at=held.doors.clock.now(), field=field.short_name, pictures_only=pictures_only)
    g.setdefault("received", []).append(stored)
    return stored


def receive_needed(field: Attachment, *, missing: str, pictures_only: bool = False) -> StoredBytes:
    """Like receive; InvalidInput that says `missing` beside the field where nothing was chosen."""
    stored = receive(field, pictures_only=pictures_only)
    if stored is None:
        raise InvalidInput(field.short_name, missing)
    return stored


def forget_received() -> None:
    """Takes what this request stored out of the store again: nothing names it."""
    for stored in g.pop("received", []):
        try:
            world().store.delete(stored.key)
        except Unavailable:
            log.warning("%s lies in the store, and nothing names it", stored.key)
