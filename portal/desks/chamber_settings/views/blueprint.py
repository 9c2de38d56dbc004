"""The blueprint of the settings pages."""

from portal.desks.chamber_settings import queries
from portal.desks.chamber_settings.policies import (
    may_edit_settings,
    may_only_edit_dues,
    may_see_mails,
)
from portal.foundation.labels import N_
from portal.money.ledger.policies import may_keep_accounts
from portal.tenancy.my_day import add_waiting
from portal.web.blueprint import Blueprint
from portal.web.menu import Group, add_entry
from portal.web.request import actor

chamber_settings = Blueprint("chamber_settings", __name__, url_prefix="/settings")
add_entry(Group.CHAMBER, 10, "chamber_settings.list_mails", N_("Mails"), may_see_mails)
add_entry(Group.CHAMBER, 20, "chamber_settings.edit_dues", N_("Dues schedules"), may_only_edit_dues)
add_entry(Group.CHAMBER, 30, "chamber_settings.set_keys", N_("Online payment"), may_only_edit_dues)
add_entry(
    Group.MONEY, 90, "chamber_settings.edit_accounts", N_("Chart of accounts"), may_keep_accounts
)
add_entry(Group.CHAMBER, 40, "chamber_settings.overview", N_("Settings"), may_edit_settings)
add_waiting(may_see_mails, queries.list_held_mails)
add_waiting(may_see_mails, queries.list_failed_work)


@chamber_settings.context_processor
def rights() -> dict[str, bool]:
    """Whether the way back to all settings is shown: some keep one page of them only."""
    return {"may_edit_settings": may_edit_settings(actor())}
