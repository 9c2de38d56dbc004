"""What applicants upload: kept under the form's key as soon as it comes, whatever else is wrong with the form."""

import uuid

from portal.files.models import StoredFile
from portal.files.services import keep_upload
from portal.foundation.errors import InvalidInput
from portal.foundation.ids import new_id
from portal.tenancy.session import ChamberSession
from portal.web.forms import Attachment, Form
from portal.web.request import actor, chamber
from portal.web.world import world


def form_key(form: Form) -> uuid.UUID:
    """The key that makes a form sent twice one application; a new one where there is none."""
    try:
        return uuid.UUID(form["form_key"].data or "")
    except ValueError:
        return new_id()


def keep_uploads(form: Form) -> tuple[dict[str, StoredFile], list[InvalidInput]]:
    """Stores what was newly chosen in each field, or finds what was kept before; and why something new was refused."""
    kept: dict[str, StoredFile] = {}
    faults: list[InvalidInput] = []
    with world().doors.chamber(chamber().id, writing=True) as session:
        for field in form:
            if isinstance(field, Attachment):
                try:
                    found = _keep(session, form, field)
                except InvalidInput as fault:
                    faults.append(fault)
                    found = _kept_before(session, form, field.short_name)
                if found is not None:
                    kept[field.short_name] = found
    return kept, faults


def kept_before(session: ChamberSession, form: Form) -> dict[str, StoredFile]:
    """The uploads that the form says are kept already."""
    found = {field.short_name: _kept_before(session, form, field.short_name) for field in form if isinstance(field, Attachment)}
    return {name: file for name, file in found.items() if file is not None}


def _keep(session: ChamberSession, form: Form, field: Attachment) -> StoredFile | None:
    upload, name = field.upload(), field.short_name
    if upload is None:
        return _kept_before(session, form, name)
    file = keep_upload(session, world().store, upload, owner_type="application_form", owner_id=form_key(form), field=name, actor=actor())
    form[f"kept_{name}"].data = str(file.id)
    return file


def _kept_before(session: ChamberSession, form: Form, name: str) -> StoredFile | None:
    try:
        file = session.find(StoredFile, uuid.UUID(form[f"kept_{name}"].data or ""))
    except ValueError:
        return None
    return file if file is not None and file.owner_type == "application_form" and file.owner_id == form_key(form) else None
