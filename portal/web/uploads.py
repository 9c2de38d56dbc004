"""Files that come with a form.

Stored before any transaction is open, and forgotten where their form changes nothing.
"""

import logging

from flask import g

from portal.files.storing import StoredBytes, store_upload
from portal.foundation.errors import InvalidInput, Unavailable
from portal.web.forms import Attachment
from portal.web.request import chamber
from portal.web.world import world

log = logging.getLogger("portal.web")


class NotKept(InvalidInput):
    """What was chosen in a field could not be kept.

    As the store does not answer (503) or is full (507).
    """

    def __init__(self, field: str, error: Unavailable) -> None:
        super().__init__(field, error.sentence.msgid)
        self.status = error.status


def receive(field: Attachment, *, pictures_only: bool = False) -> StoredBytes | None:
    """The stored bytes of what was chosen in a field; None where nothing was.

    To be called before the view asks the database for anything, so that no connection waits for
    bytes. InvalidInput beside the field where the file may not be kept; NotKept, beside the field
    too, where the store does not answer.
    """
    upload = field.upload()
    if upload is None:
        return None
    held = world()
    try:
        stored = store_upload(
            held.store,
            chamber().id,
            upload,
            at=held.doors.clock.now(),
            field=field.short_name,
            pictures_only=pictures_only,
        )
    except Unavailable as error:
        log.error("%s", error, exc_info=error)
        raise NotKept(field.short_name, error) from error
    g.setdefault("received", []).append(stored)
    return stored


def receive_needed(field: Attachment, *, missing: str, pictures_only: bool = False) -> StoredBytes:
    """Like receive; InvalidInput that says `missing` beside the field where nothing was chosen."""
    stored = receive(field, pictures_only=pictures_only)
    if stored is None:
        raise InvalidInput(field.short_name, missing)
    return stored


def keep_received() -> None:
    """What this request stored is named by rows that are committed.

    It stays, whatever comes after.
    """
    g.pop("received", None)


def forget_received() -> None:
    """Takes what this request stored out of the store again: nothing names it."""
    for stored in g.pop("received", []):
        try:
            world().store.delete(stored.key)
        except Unavailable:
            log.warning("%s lies in the store, and nothing names it", stored.key)
