"""What everybody sees: the chamber's home page, and its colours."""

import datetime as dt

from flask import Response, render_template
from flask_babel import gettext

from portal.accounts.policies import anyone
from portal.admission.applications.models import ApplicationState, ApplicationStep, StepState
from portal.admission.applications.queries.documents import list_documents
from portal.admission.reviewing.queries.notices import list_public_notices
from portal.circulars.queries import list_news
from portal.desks.public_pages.forms import StyleForm
from portal.files.models import StoredFile
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.foundation.paging import Page
from portal.members.enterprises.models import EnterpriseKind
from portal.members.membership.models import Membership, MembershipPaper
from portal.members.membership.queries import count_members, list_announcements
from portal.money.dues.models import ScheduleStanding
from portal.money.dues.queries import list_schedules, standings
from portal.money.invoices.models import InvoiceState
from portal.papers.issuing.models import IssuedPaper, PaperStanding
from portal.papers.issuing.queries import find_paper_by_word
from portal.roll.models import Standing
from portal.web.blueprint import Blueprint
from portal.web.downloads import picture
from portal.web.filters import label
from portal.web.request import chamber_settings, db, present_day
from portal.web.world import world

public_pages = Blueprint("public_pages", __name__)


@public_pages.route("/", permit=anyone)
def home() -> str:
    """The chamber: who it is, how to join, what it costs, and its newest members."""
    schedules = list_schedules(db())
    found = standings(schedules, present_day())
    in_force = next((s for s in schedules if found[s.id] is ScheduleStanding.IN_FORCE), None)
    return render_template(
        "desks/public_pages/home.html",
        announcements=list_announcements(db()),
        members=count_members(db(), present_day()),
        notices=list_public_notices(db()),
        news=list_news(db()),
        schedule=in_force,
        documents=list_documents(db()),
    )


@public_pages.route("/check/<word>", permit=anyone)
def check_paper(word: str) -> str | tuple[str, int]:
    """Where the QR code of a receipt or certificate leads.

    What stands on the paper, and whether it still holds; nothing else.
    """
    paper = find_paper_by_word(db(), word[:43])
    if paper is None:
        return render_template("desks/public_pages/unknown_paper.html"), 404
    today = present_day()
    standing = paper.standing(today)
    if (
        paper.kind is MembershipPaper.CERTIFICATE
        and standing is PaperStanding.HOLDS
        and not _is_member(paper, today)
    ):
        standing = PaperStanding.EXPIRED
    return render_template(
        "desks/public_pages/check_paper.html",
        paper=paper,
        snapshot=paper.snapshot,
        standing=standing.value,
    )


def _is_member(paper: IssuedPaper, on: dt.date) -> bool:
    """Whether the membership that a certificate tells of stands on a day."""
    membership = db().find(Membership, paper.subject_id)
    return membership is not None and membership.stands(on)


@public_pages.route("/seal", permit=anyone)
def seal() -> Response:
    """The picture of the chamber's seal, beside its name on every page."""
    file = db().fetch(StoredFile, chamber_settings().seal_file_id)
    response = picture(file)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@public_pages.route("/_style", permit=anyone)
def style() -> str:
    """Every part of the portal's face on one page, in the demo."""
    if not world().settings.demo:
        raise NotFound(N_("There is nothing at this address."))
    form, states = StyleForm(), [*InvoiceState, *ApplicationState, *Standing]
    form.kind.choices = [(kind.value, label(kind)) for kind in EnterpriseKind]
    form.amount.errors = [
        gettext("Write an amount in yuan such as 3,000.00, with two decimals at most.")
    ]
    steps = [
        ApplicationStep(name_zh="会员部初审", name_en="First review", state=state)
        for state in (StepState.PASSED, StepState.OPEN, StepState.WAITING)
    ]
    return render_template(
        "desks/public_pages/style.html",
        form=form,
        states=states,
        page=Page([], "next"),
        application={"steps": steps},
    )


@public_pages.route("/theme.css", permit=anyone)
def theme() -> Response:
    """The chamber's colour as a style sheet, since the content policy allows no inline style."""
    response = Response(
        f":root {{ --chamber: {chamber_settings().colour}; }}\n", mimetype="text/css"
    )
    response.headers["Cache-Control"] = "private, max-age=300"
    return response
