"""The blueprint of the roll, and what its pages share."""

import uuid

from flask import request

from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.members.enterprises.models import Enterprise
from portal.members.enterprises.policies import may_see_roll
from portal.roll.queries.narrowing import RollFilter
from portal.web.blueprint import Blueprint
from portal.web.forms import clean
from portal.web.menu import Group, add_entry
from portal.web.request import db

roll = Blueprint("roll", __name__, url_prefix="/roll")
add_entry(Group.MEMBERS, 30, "roll.list_roll", N_("Roll"), may_see_roll, covers="roll.")


def narrowed() -> RollFilter:
    """What the address asks of the roll; rows that were ticked come as several `id`."""
    asked = {name: clean(value) for name, value in request.args.items()}
    if request.args.getlist("id"):
        asked = {"ids": ",".join(request.args.getlist("id"))}
    return RollFilter.read(asked)


def fetch_enterprise(enterprise_id: uuid.UUID) -> Enterprise:
    """An enterprise of the chamber that is itself; NotFound otherwise."""
    enterprise = db().fetch(Enterprise, enterprise_id)
    if enterprise.same_as_id is not None:
        raise NotFound(N_("There is nothing at this address."))
    return enterprise
