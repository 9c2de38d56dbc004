"""The blueprint of notices to members."""

import uuid

from portal.circulars.models import Circular
from portal.circulars.policies import may_write_circulars
from portal.circulars.queries import find_circular
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.web.blueprint import Blueprint
from portal.web.menu import Group, add_entry
from portal.web.request import db

circulars = Blueprint("circulars", __name__)
add_entry(
    Group.MEMBERS,
    40,
    "circulars.list_circulars",
    N_("Notices"),
    may_write_circulars,
    covers="circulars.",
)


def fetch_circular(circular_id: uuid.UUID) -> Circular:
    """The notice with its attachments; NotFound where there is none."""
    circular = find_circular(db(), circular_id)
    if circular is None:
        raise NotFound(N_("There is nothing at this address."))
    return circular
