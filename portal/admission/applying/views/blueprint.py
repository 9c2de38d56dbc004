"""The blueprint of what applicants see, and what its pages share."""

import uuid

from flask_babel import gettext

from portal.admission.applications.models import (
    Application,
)
from portal.admission.applications.queries.reading import (
    find_application,
)
from portal.foundation.errors import NotFound
from portal.foundation.ids import new_id
from portal.foundation.labels import N_
from portal.foundation.money import yuan
from portal.members.membership.queries import list_grades
from portal.money.dues.models import DuesRate
from portal.money.dues.queries import list_terms
from portal.tenancy.session import ChamberSession
from portal.web.blueprint import Blueprint
from portal.web.filters import in_language
from portal.web.request import actor, present_day

applicants = Blueprint("applicants", __name__)


def own_application(session: ChamberSession) -> Application:
    """The application of this browser's link; NotFound where there is none."""
    application = find_application(session, actor().application_id or new_id())
    if application is None:
        raise NotFound(N_("There is nothing at this address."))
    return application


def offered_grades(session: ChamberSession) -> list[tuple[str, str]]:
    """What can be applied for.

    Each grade, and each of its terms with the amount where the schedule in force has several.
    """
    terms: dict[uuid.UUID | None, list[DuesRate]] = {}
    for rate in list_terms(session, present_day()):
        terms.setdefault(rate.grade_id, []).append(rate)
    found: list[tuple[str, str]] = []
    for grade in list_grades(session):
        several = terms.get(grade.id, [])
        if len(several) < 2:
            found.append((str(grade.id), in_language(grade)))
        else:
            found += [
                (
                    f"{grade.id}:{r.years}",
                    gettext(
                        "%(grade)s, %(amount)s for %(years)s yr",
                        grade=in_language(grade),
                        amount=yuan(r.amount),
                        years=r.years,
                    ),
                )
                for r in several
            ]
    return found
