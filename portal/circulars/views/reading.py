"""What members, and everybody, read."""

import uuid

from flask import Response, render_template, request

from portal.accounts.policies import anyone
from portal.circulars import services
from portal.circulars.models import Circular, CircularState
from portal.circulars.policies import may_read_circulars, may_write_circulars
from portal.circulars.queries import find_circular_of_file, has_received, page_news, page_received
from portal.circulars.views.blueprint import circulars, fetch_circular
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.web.downloads import attachment
from portal.web.request import actor, chamber, db
from portal.web.world import world


@circulars.route("/my-enterprise/notices", permit=may_read_circulars)
def list_my_circulars() -> str:
    """The notices that went to my enterprise, unread ones marked."""
    return render_template(
        "circulars/list_my_circulars.html",
        page=page_received(
            db(), actor().enterprise_id or uuid.UUID(int=0), request.args.get("after")
        ),
    )


@circulars.route(
    "/my-enterprise/notices/<uuid:circular_id>", permit=may_read_circulars, own_transactions=True
)
def read_my_circular(circular_id: uuid.UUID) -> str:
    """One notice; that it was opened is written down before it is shown."""
    with world().doors.chamber(chamber().id, writing=True) as session:
        services.read_circular(session, session.fetch(Circular, circular_id), actor=actor())
    return render_template("circulars/read_my_circular.html", circular=fetch_circular(circular_id))


@circulars.route("/news", permit=anyone)
def list_news_page() -> str:
    """What the chamber tells everybody."""
    return render_template(
        "circulars/list_news_page.html", page=page_news(db(), request.args.get("after"))
    )


@circulars.route("/news/<uuid:circular_id>", permit=anyone)
def read_news(circular_id: uuid.UUID) -> str:
    """One piece of public news."""
    circular = fetch_circular(circular_id)
    if not circular.is_public or circular.state is not CircularState.PUBLISHED:
        raise NotFound(N_("There is nothing at this address."))
    return render_template("circulars/read_news.html", circular=circular)


@circulars.route("/notice-files/<uuid:circular_file_id>", permit=anyone)
def download_attachment(circular_file_id: uuid.UUID) -> Response:
    """An attachment, for whoever may read its notice; no browser opens it in place."""
    found = find_circular_of_file(db(), circular_file_id)
    if found is None or not _may_open(found[0]):
        raise NotFound(N_("There is nothing at this address."))
    return attachment(found[1].file, found[1].file.media_type)


def _may_open(circular: Circular) -> bool:
    if may_write_circulars(actor()):
        return True
    if circular.state is not CircularState.PUBLISHED:
        return False
    return circular.is_public or (
        may_read_circulars(actor()) and has_received(db(), circular.id, actor().enterprise_id)
    )
