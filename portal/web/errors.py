"""The domain's refusals as pages that say what is wrong and what to do."""

import logging
from urllib.parse import urlsplit

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException

from portal.foundation.errors import DomainError, NotFound, NotPermitted, Sentence, Unavailable
from portal.foundation.labels import N_
from portal.tenancy.actor import VISITOR

log = logging.getLogger("portal.web")
WORDS = {
    400: N_("The portal could not read this request."),
    403: N_("You have no right to this page."),
    404: N_("There is nothing at this address."),
    405: N_("This address does not do that."),
    413: N_(
        "This is more than the portal takes at once. Shorten the text or make the file "
        "smaller; go back to keep what you typed."
    ),
    500: N_(
        "Something broke on our side. Nothing was changed. Try again; if it stays, tell the "
        "chamber's office."
    ),
}
STOPPED = N_("Stopped")
TITLES = {
    400: N_("Not understood"),
    403: N_("Not for you"),
    404: N_("Not here"),
    409: N_("Not now"),
    413: N_("Too large"),
    429: N_("Slowly, please"),
}


def install_errors(app: Flask) -> None:
    """Registers the pages for every refusal."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(IntegrityError, _same_moment)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(NoConnection, _busy)
    app.register_error_handler(DataError, _unreadable)
    app.register_error_handler(HTTPException, _http)


def say(sentence: Sentence) -> str:
    """A sentence in the language of the request."""
    return str(gettext(sentence.msgid, **sentence.values))


def error_page(status: int, words: str) -> Response:
    """The page of a refusal."""
    if g.get("platform", True) or g.get("chamber") is None:
        response = make_response(
            render_template(
                "desks/platform/error.html", words=words, title=gettext(TITLES.get(status, STOPPED))
            ),
            status,
        )
    else:
        response = make_response(
            render_template(
                "layouts/error.html",
                words=words,
                title=gettext(TITLES.get(status, STOPPED)),
                status=status,
            ),
            status,
        )
    return response


def _domain(error: DomainError) -> Response:
    actor = g.get("actor", VISITOR)
    if isinstance(error, NotPermitted):
        if actor.needs_second_factor:
            return make_response(redirect(url_for("sign_in.set_up_second_factor")))
        if actor is VISITOR and request.method == "GET":
            return _to_sign_in()
    if isinstance(error, NotFound):
        return error_page(404, say(error.sentence))
    response = error_page(error.status, say(error.sentence))
    if isinstance(error, Unavailable):
        log.error("%s", error, exc_info=error)
        response.headers["Retry-After"] = "10"
    return response


def _to_sign_in() -> Response:
    """The way to the sign-in page and back.

    A part of a page that asked for itself takes its whole page there.
    """
    if "HX-Request" not in request.headers:
        return make_response(
            redirect(url_for("sign_in.sign_in", next=request.full_path.rstrip("?")))
        )
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    response = make_response("")
    response.headers["HX-Redirect"] = url_for(
        "sign_in.sign_in", next=f"{shown.path}?{shown.query}".rstrip("?")
    )
    return response


def _stale_form(_error: CSRFError) -> Response:
    return error_page(
        400,
        gettext(
            "This form is too old or was opened elsewhere. Go back, reload the page and send "
            "it again."
        ),
    )


def _same_moment(error: IntegrityError) -> Response:
    log.warning("a constraint refused a change", exc_info=error)
    return error_page(
        409,
        gettext(
            "This was done already, or by someone else at the same moment. Look again before "
            "you repeat it."
        ),
    )


def _busy(error: OperationalError | NoConnection) -> Response:
    log.error("the database did not answer", exc_info=error)
    response = error_page(
        503, gettext("The portal is busy. Nothing was changed; try again in a moment.")
    )
    response.headers["Retry-After"] = "5"
    return response


def _unreadable(error: DataError) -> Response:
    log.warning("the database could not read a value", exc_info=error)
    return error_page(400, gettext(WORDS[400]))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if 300 <= status < 400:
        return make_response(error.get_response())  # type: ignore[arg-type]
    return error_page(status, gettext(WORDS.get(status, WORDS[500 if status >= 500 else 400])))
