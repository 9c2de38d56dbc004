"""What applicants upload.

Kept under the form's key as soon as it comes, whatever else is wrong with the form.
"""

import uuid

from portal.files import services
from portal.files.models import StoredFile
from portal.files.storing import StoredBytes
from portal.foundation.errors import InvalidInput
from portal.foundation.ids import new_id
from portal.tenancy.session import ChamberSession
from portal.web.forms import Attachment, Form
from portal.web.request import chamber
from portal.web.uploads import keep_received, receive
from portal.web.world import world


def form_key(form: Form) -> uuid.UUID:
    """The key that makes a form sent twice one application; a new one where there is none."""
    try:
        return uuid.UUID(form["form_key"].data or "")
    except ValueError:
        return new_id()


def keep_uploads(form: Form) -> tuple[dict[str, StoredFile], list[InvalidInput]]:
    """Stores what was newly chosen in each field, or finds what was kept before.

    And why something new was refused.
    """
    kept: dict[str, StoredFile] = {}
    new: dict[str, StoredBytes] = {}
    faults: list[InvalidInput] = []
    fields = [field for field in form if isinstance(field, Attachment)]
    for field in fields:
        try:
            stored = receive(field)
        except InvalidInput as fault:
            faults.append(fault)
        else:
            new |= {field.short_name: stored} if stored else {}
    with world().doors.chamber(chamber().id, writing=True) as session:
        for name in (field.short_name for field in fields):
            found = (
                _keep(session, form, name, new[name])
                if name in new
                else _kept_before(session, form, name)
            )
            kept |= {name: found} if found is not None else {}
    keep_received()
    return kept, faults


def kept_before(session: ChamberSession, form: Form) -> dict[str, StoredFile]:
    """The uploads that the form says are kept already."""
    found = {
        field.short_name: _kept_before(session, form, field.short_name)
        for field in form
        if isinstance(field, Attachment)
    }
    return {name: file for name, file in found.items() if file is not None}


def _keep(session: ChamberSession, form: Form, name: str, stored: StoredBytes) -> StoredFile:
    file = services.add_file(
        session, stored, owner_type="application_form", owner_id=form_key(form)
    )
    form[f"kept_{name}"].data = str(file.id)
    return file


def _kept_before(session: ChamberSession, form: Form, name: str) -> StoredFile | None:
    try:
        file = session.find(StoredFile, uuid.UUID(form[f"kept_{name}"].data or ""))
    except ValueError:
        return None
    return (
        file
        if file is not None
        and file.owner_type == "application_form"
        and file.owner_id == form_key(form)
        else None
    )
