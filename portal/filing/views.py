"""Papers as PDF, and the trays."""

import uuid

from flask import Response, render_template, request

from portal.accounts.queries import list_departments
from portal.filing.models import IssuedPaper
from portal.filing.policies import may_ask_for_papers, may_read_paper, may_see_trays
from portal.filing.queries import find_rendering, find_void_rendering, list_filed_papers
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.web.blueprint import Blueprint
from portal.web.downloads import paper_answer
from portal.web.forms import searched_words
from portal.web.request import actor, db

filing = Blueprint("filing", __name__)


@filing.route("/papers/<uuid:paper_id>.pdf", permit=may_ask_for_papers)
def read_paper(paper_id: uuid.UUID) -> Response | tuple[str, int]:
    """The PDF of a paper, or a page that says it is being made."""
    paper = db().fetch(IssuedPaper, paper_id)
    if not may_read_paper(actor(), paper):
        raise NotFound(N_("There is nothing at this address."))
    rendering = find_void_rendering(db(), paper.id) if paper.void is not None else find_rendering(db(), paper.id)
    if rendering is None:
        return render_template("filing/read_paper.html", paper=paper), 202
    return paper_answer(rendering.file)


@filing.route("/trays", permit=may_see_trays)
def list_trays() -> str:
    """What the departments have filed, for those who may see it."""
    department = request.args.get("department", "")
    departments = list_departments(db())
    chosen = next((d for d in departments if d.code == department), None)
    page = list_filed_papers(db(), actor(), words=searched_words(), department_id=chosen.id if chosen else None, cursor=request.args.get("after"))
    return render_template("filing/list_trays.html", page=page, departments=departments, chosen=chosen)
