"""Stored bytes as answers.

Read once the request's connection is given back, so that no reader of a slow store holds one.
"""

from flask import Response

from portal.files.models import StoredFile
from portal.files.queries import read_file
from portal.web.request import db
from portal.web.world import world


def picture(file: StoredFile) -> Response:
    """A picture of our own making, shown in place."""
    return Response(_bytes(file), mimetype=file.media_type)


def paper_answer(file: StoredFile) -> Response:
    """A paper of our own making, opened in place under its name."""
    return _named(Response(_bytes(file), mimetype="application/pdf"), "inline", file)


def attachment(file: StoredFile, media_type: str = "application/octet-stream") -> Response:
    """Somebody's upload or a file of ours, to keep: no browser opens it in place."""
    response = _named(Response(_bytes(file), mimetype=media_type), "attachment", file)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _bytes(file: StoredFile) -> bytes:
    db().close()
    return read_file(world().store, file)


def _named(response: Response, way: str, file: StoredFile) -> Response:
    response.headers.set("Content-Disposition", way, filename=file.name)
    return response
