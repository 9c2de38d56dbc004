"""What everybody sees: the chamber's home page, and its colours."""

from flask import Response, render_template

from portal.accounts.policies import anyone
from portal.applications.queries import list_documents
from portal.billing.models import ScheduleState
from portal.billing.queries import list_schedules
from portal.membership.queries import count_members, list_announcements
from portal.web.blueprint import Blueprint
from portal.web.request import chamber_settings, db

public_pages = Blueprint("public_pages", __name__)


@public_pages.route("/", permit=anyone)
def home() -> str:
    """The chamber: who it is, how to join, what it costs, and its newest members."""
    adopted = [s for s in list_schedules(db()) if s.state is ScheduleState.ADOPTED]
    return render_template(
        "public_pages/home.html", announcements=list_announcements(db()), members=count_members(db()), schedule=adopted[0] if adopted else None, documents=list_documents(db())
    )


@public_pages.route("/theme.css", permit=anyone)
def theme() -> Response:
    """The chamber's colour as a style sheet, since the content policy allows no inline style."""
    response = Response(f":root {{ --chamber: {chamber_settings().colour}; }}\n", mimetype="text/css")
    response.headers["Cache-Control"] = "private, max-age=300"
    return response
