"""The blueprint of meetings, and what its pages share."""

import uuid
from collections.abc import Mapping

from flask import redirect, url_for
from werkzeug.wrappers import Response

from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.governance.meetings.models import (
    Described,
    Meeting,
)
from portal.governance.meetings.queries import find_meeting
from portal.web.blueprint import Blueprint
from portal.web.request import db

Answer = str | Response | tuple[str, int]


Listed = Mapping[uuid.UUID, Described]


meetings = Blueprint("meetings", __name__, url_prefix="/meetings")


def fetch_meeting(meeting_id: uuid.UUID) -> Meeting:
    """The meeting of an address, whole; NotFound where there is none."""
    meeting = find_meeting(db(), meeting_id)
    if meeting is None:
        raise NotFound(N_("There is nothing at this address."))
    return meeting


def to_meeting(meeting: Meeting) -> Response:
    """The way to a meeting's page."""
    return redirect(url_for("meetings.show_meeting", meeting_id=meeting.id))
