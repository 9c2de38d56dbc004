"""The blueprint of reviewing, and the application that its pages are about."""

import uuid

from flask import request

from portal.admission.applications.models import Application, ApplicationState, ApplicationStep
from portal.admission.applications.policies import (
    may_look_for_applications,
    may_review,
    may_see_application,
)
from portal.admission.applications.queries.reading import find_application
from portal.admission.reviewing.policies import has_turns, may_follow_payments
from portal.admission.reviewing.queries import stuck, turns
from portal.foundation.errors import NotFound, Refused
from portal.foundation.labels import N_
from portal.governance.meetings.policies import may_keep_meetings
from portal.tenancy.my_day import add_waiting
from portal.web.blueprint import Blueprint
from portal.web.menu import Group, add_entry
from portal.web.request import actor, db

add_entry(
    Group.MEMBERS,
    10,
    "reviews.list_queue",
    N_("Applications"),
    may_look_for_applications,
    covers="reviews.",
)
reviews = Blueprint("reviews", __name__, url_prefix="/applications")
add_waiting(has_turns, turns.list_steps)
add_waiting(may_keep_meetings, turns.list_objections_to_decide)
add_waiting(may_keep_meetings, turns.list_upheld)
add_waiting(may_keep_meetings, stuck.list_late)
add_waiting(may_keep_meetings, stuck.list_unanswered)
add_waiting(may_review, stuck.list_without_invoice)
add_waiting(may_follow_payments, stuck.list_no_longer_paid)


def fetch_application(application_id: uuid.UUID) -> Application:
    """The application of an address.

    NotFound where there is none, or it is not this actor's to see.
    """
    application = find_application(db(), application_id)
    if application is None or not may_see_application(actor(), application):
        raise NotFound(N_("There is nothing at this address."))
    return application


def open_step_of(application: Application) -> ApplicationStep:
    """The step that waits for its decision.

    Refused where none does, or where the page was opened for another one (`step` of the address).
    """
    step, meant = application.open_step, request.args.get("step")
    if application.state is ApplicationState.RETURNED:
        raise Refused(
            N_(
                "The application is with the applicant for correction. It comes back here by "
                "itself."
            )
        )
    if step is None:
        raise Refused(N_("This application has been decided already. Open it to see how."))
    if meant and meant != str(step.id):
        raise Refused(
            N_(
                "That step has been decided already; another one is open now. Open the "
                "application to see it."
            )
        )
    return step
