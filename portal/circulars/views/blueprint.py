"""The blueprint of notices to members."""

import uuid

from portal.circulars.models import Circular
from portal.circulars.queries import find_circular
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.web.blueprint import Blueprint
from portal.web.request import db

circulars = Blueprint("circulars", __name__)


def fetch_circular(circular_id: uuid.UUID) -> Circular:
    """The notice with its attachments; NotFound where there is none."""
    circular = find_circular(db(), circular_id)
    if circular is None:
        raise NotFound(N_("There is nothing at this address."))
    return circular
