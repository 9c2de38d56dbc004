"""The one page that shows everything of an enterprise."""

import datetime as dt
import uuid

from flask import render_template, request

from portal.accounts.queries import list_representations
from portal.billing.policies import may_see_money
from portal.billing.queries.ledger import credit_of
from portal.dossier.queries import history_of, standing_of, timeline_of
from portal.enterprises.models import Enterprise
from portal.enterprises.policies import may_keep_roll, may_see_contacts, may_see_roll
from portal.enterprises.queries import list_amendments, list_enterprise_notes, list_former_names, tags_of
from portal.files.queries import list_previews
from portal.filing.queries import list_papers_of_enterprise
from portal.foundation.clock import day_in
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.roll.forms import TagForm
from portal.web.blueprint import Blueprint
from portal.web.request import actor, chamber_settings, db

dossier = Blueprint("dossier", __name__, url_prefix="/enterprises")


@dossier.route("/<uuid:enterprise_id>", permit=may_see_roll)
def show_enterprise(enterprise_id: uuid.UUID) -> str:
    """How it stands and why, as at a day; contacts, applications, invoices, balance, papers, notes, and what happened."""
    enterprise = db().fetch(Enterprise, enterprise_id)
    if enterprise.same_as_id is not None:
        raise NotFound(N_("There is nothing at this address."))
    today = day_in(db().now(), chamber_settings().zone)
    history, on = history_of(db(), enterprise.id), _asked_day(today)
    return render_template(
        "dossier/show_enterprise.html",
        enterprise=enterprise,
        history=history,
        membership=next(iter(history.memberships), None),
        judged=standing_of(db(), history, on),
        on=on,
        today=today,
        timeline=timeline_of(db(), enterprise, history, money=may_see_money(actor())),
        contacts=list_representations(db(), enterprise_id=enterprise.id),
        whole=may_see_contacts(actor()),
        former=list_former_names(db(), enterprise.id),
        tags=tags_of(db(), [enterprise.id]).get(enterprise.id, []),
        notes=list_enterprise_notes(db(), enterprise.id),
        waiting=next((a for a in list_amendments(db(), enterprise_id=enterprise.id, limit=5) if a.decision is None), None),
        papers=list_papers_of_enterprise(db(), enterprise.id),
        credit=credit_of(db(), enterprise.id),
        may_keep=may_keep_roll(actor()),
        pages=list_previews(db(), enterprise.licence_file_id) if may_keep_roll(actor()) else [],
        money=may_see_money(actor()),
        form=TagForm(),
    )


def _asked_day(today: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return today
