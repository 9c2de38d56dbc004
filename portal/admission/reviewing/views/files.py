"""An application's files, as reviewers see them."""

import uuid

from flask import Response as Bytes

from portal.accounts.policies import is_staff
from portal.admission.applications.policies import (
    may_see_licence,
)
from portal.admission.applications.queries.reading import (
    list_versions,
)
from portal.admission.reviewing.views.blueprint import fetch_application, reviews
from portal.files.models import StoredFile
from portal.files.queries import find_picture
from portal.foundation.errors import NotFound
from portal.foundation.labels import N_
from portal.web.downloads import attachment, picture
from portal.web.request import actor, db


@reviews.route("/<uuid:application_id>/files/<uuid:file_id>", permit=is_staff)
def download_file(application_id: uuid.UUID, file_id: uuid.UUID) -> Bytes:
    """A licence or paper of any version of an application.

    As an attachment that no browser opens in place.
    """
    application = fetch_application(application_id)
    sent = {
        value
        for version in list_versions(db(), application.id)
        for value in version.snapshot.values()
    }
    if str(file_id) not in sent or not may_see_licence(actor(), application):
        raise NotFound(N_("There is nothing at this address."))
    file = db().fetch(StoredFile, file_id)
    return attachment(file)


@reviews.route("/<uuid:application_id>/licence/<int:page>", permit=is_staff)
def show_licence(application_id: uuid.UUID, page: int) -> Bytes:
    """A page of the licence as a picture of our own making."""
    application = fetch_application(application_id)
    if not may_see_licence(actor(), application):
        raise NotFound(N_("There is nothing at this address."))
    return picture(find_picture(db(), application.licence_file_id, page))
