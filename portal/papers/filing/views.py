"""The trays."""

from flask import render_template, request

from portal.accounts.queries import list_departments
from portal.foundation.labels import N_
from portal.papers.filing.policies import may_see_trays
from portal.papers.filing.queries import list_filed_papers
from portal.web.blueprint import Blueprint
from portal.web.forms import searched_words
from portal.web.menu import Group, add_entry
from portal.web.request import actor, db

filing = Blueprint("filing", __name__)
add_entry(Group.PAPERS, 10, "filing.list_trays", N_("Trays"), may_see_trays, covers="filing.")


@filing.route("/trays", permit=may_see_trays)
def list_trays() -> str:
    """What the departments have filed, for those who may see it."""
    department = request.args.get("department", "")
    departments = list_departments(db())
    chosen = next((d for d in departments if d.code == department), None)
    page = list_filed_papers(
        db(),
        actor(),
        words=searched_words(),
        department_id=chosen.id if chosen else None,
        cursor=request.args.get("after"),
    )
    return render_template(
        "papers/filing/list_trays.html", page=page, departments=departments, chosen=chosen
    )
