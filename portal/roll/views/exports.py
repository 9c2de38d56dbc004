"""Exports of the roll: asked for, written by the worker with a bar that moves, fetched."""

import uuid

from flask import Response as Bytes
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.files.models import StoredFile
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.jobs.queries import has_failed
from portal.members.enterprises.policies import may_see_roll
from portal.roll import services
from portal.roll.forms import ExportForm
from portal.roll.models import ExportFormat, RollExport
from portal.roll.queries import listing
from portal.roll.views.blueprint import narrowed, roll
from portal.web.downloads import attachment
from portal.web.filters import language
from portal.web.headers import STOP_ASKING
from portal.web.request import actor, chamber, db
from portal.web.world import world


@roll.route("/export", permit=may_see_roll, methods=["POST"])
def export_roll() -> Response:
    """Calls for an export of what is chosen."""
    form = ExportForm()
    chosen = (
        ExportFormat(form.format.data)
        if form.format.data in set(ExportFormat)
        else ExportFormat.XLSX
    )
    export = services.export_roll(db(), narrowed(), chosen, language(), actor=actor())
    return redirect(url_for("roll.show_export", export_id=export.id))


@roll.route("/exports", permit=may_see_roll)
def list_exports() -> str:
    """My exports."""
    return render_template(
        "roll/list_exports.html", exports=listing.list_exports(db(), actor().person_id)
    )


@roll.route("/exports/<uuid:export_id>", permit=may_see_roll)
def show_export(export_id: uuid.UUID) -> str | tuple[str, int]:
    """How far an export is; the file once it is whole; or that it could not be made."""
    export, asked_again = _fetch(export_id), request.headers.get("HX-Request") is not None
    failed = export.file_id is None and has_failed(db(), f"write_roll_export:{export.id}")
    page = render_template(
        "roll/export_progress.html" if asked_again else "roll/show_export.html",
        export=export,
        failed=failed,
        form=ExportForm(),
    )
    return page, STOP_ASKING if asked_again and (export.file_id or failed) else 200


@roll.route(
    "/exports/<uuid:export_id>/file", permit=may_see_roll, methods=["POST"], own_transactions=True
)
def download_export(export_id: uuid.UUID) -> Bytes:
    """The file; that it was taken is written down."""
    export = _fetch(export_id)
    file = db().fetch(StoredFile, export.file_id)
    db().close()
    with world().doors.chamber(chamber().id, writing=True) as session:
        services.note_download(session, export, actor=actor())
    return attachment(file, file.media_type)


def _fetch(export_id: uuid.UUID) -> RollExport:
    export = db().fetch(RollExport, export_id)
    if export.person_id != actor().person_id:
        raise NotFound(N_("There is nothing at this address."))
    return export
