"""Papers as PDF."""

import uuid

from flask import Response, render_template

from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.papers.issuing.models import IssuedPaper
from portal.papers.issuing.policies import may_ask_for_papers, may_read_paper
from portal.papers.issuing.queries import find_rendering, find_void_rendering, list_papers_numbered
from portal.web.blueprint import Blueprint
from portal.web.downloads import paper_answer
from portal.web.filters import label
from portal.web.request import actor, db
from portal.web.search import Hit, add_source

issuing = Blueprint("issuing", __name__)


def _search(words: str) -> list[Hit]:
    found = [
        paper
        for paper in list_papers_numbered(db(), words.upper())
        if may_read_paper(actor(), paper)
    ]
    return [
        Hit(
            f"{label(p.kind)} {p.number}",
            str(p.snapshot.get("enterprise", "")),
            "issuing.read_paper",
            {"paper_id": p.id},
        )
        for p in found
    ]


add_source(50, N_("Papers"), may_ask_for_papers, _search)


@issuing.route("/papers/<uuid:paper_id>.pdf", permit=may_ask_for_papers)
def read_paper(paper_id: uuid.UUID) -> Response | tuple[str, int]:
    """The PDF of a paper, or a page that says it is being made."""
    paper = db().fetch(IssuedPaper, paper_id)
    if not may_read_paper(actor(), paper):
        raise NotFound(N_("There is nothing at this address."))
    rendering = (
        find_void_rendering(db(), paper.id)
        if paper.void is not None
        else find_rendering(db(), paper.id)
    )
    if rendering is None:
        return render_template("papers/issuing/read_paper.html", paper=paper), 202
    return paper_answer(rendering.file)
