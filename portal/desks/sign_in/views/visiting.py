"""From where a request comes, and whether its browser is still signed in.

As a second transaction sees it.
"""

from flask import request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts.models import Person, SignIn
from portal.accounts.queries import find_sign_in
from portal.accounts.services.sign_ins import SEEN, Visit
from portal.foundation.errors import Refused
from portal.foundation.labels import N_
from portal.tenancy.session import ChamberSession
from portal.web.request import chamber
from portal.web.world import world

KNOWN = "known"
"""The cookie of a browser that has signed somebody in: its tries are counted apart."""


def present_visit() -> Visit:
    """The address of this request, and whom its browser has signed in before."""
    known = world().sealer.read_mark(KNOWN, chamber().id, str(request.cookies.get(KNOWN, "")))
    return Visit(request.remote_addr or "", known)


def live_sign_in(session: ChamberSession) -> SignIn:
    """The sign-in of this browser; Refused where it was ended meanwhile."""
    live = find_sign_in(session, current_user.get_id())
    if live is None:
        raise Refused(N_("This browser was signed out meanwhile. Sign in again."))
    return live


def mark_known(answer: Response, person: Person) -> Response:
    """Lets the browser say later that it has signed this person in, whole."""
    mark = world().sealer.mark(KNOWN, chamber().id, person.id)
    answer.set_cookie(
        KNOWN,
        mark,
        max_age=SEEN,
        httponly=True,
        samesite="Lax",
        secure=world().settings.scheme == "https",
    )
    return answer
