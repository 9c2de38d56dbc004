"""From where a request comes, for counting its tries apart from those of strangers."""

from flask import request
from werkzeug.wrappers import Response

from portal.accounts.models import Person
from portal.accounts.services.sign_ins import SEEN, Visit
from portal.web.request import chamber
from portal.web.world import world

KNOWN = "known"
"""The cookie of a browser that has signed somebody in: its tries are counted apart."""


def present_visit() -> Visit:
    """The address of this request, and whom its browser has signed in before."""
    known = world().sealer.read_mark(KNOWN, chamber().id, str(request.cookies.get(KNOWN, ""))[:64])
    return Visit(request.remote_addr or "", known)


def mark_known(answer: Response, person: Person) -> Response:
    """Lets the browser say later that it has signed this person in, whole."""
    mark = world().sealer.mark(KNOWN, chamber().id, person.id)
    answer.set_cookie(KNOWN, mark, max_age=SEEN, httponly=True, samesite="Lax", secure=world().settings.scheme == "https")
    return answer
