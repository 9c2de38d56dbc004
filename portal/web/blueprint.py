"""A blueprint whose every route says who may ask.

Its views run inside one transaction.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import flask
from flask import Response, g, make_response, request

from portal.foundation.errors import NotPermitted
from portal.foundation.labels import N_
from portal.tenancy.actor import Actor
from portal.web.uploads import forget_received
from portal.web.world import world

Permit = Callable[[Actor], bool]
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class RouteRule:
    """What the house knows of a route.

    Who may ask, and whether its view opens transactions itself.
    """

    permit: Permit
    own_transactions: bool


ROUTES: dict[str, RouteRule] = {}


class Blueprint(flask.Blueprint):
    """`route` needs `permit=` and takes its name from its view.

    A route without the one or with another name fails at import (TypeError).
    """

    def route(  # type: ignore[override]
        self, rule: str, *, permit: Permit, own_transactions: bool = False, **options: Any
    ) -> Callable[[View], View]:
        """Adds a view.

        `own_transactions` is for views that hash, call outside or store bytes between two
        transactions.
        """

        def add(view: View) -> View:
            if "endpoint" in options:
                raise TypeError(f"{view.__name__}: an act has one name, that of its view")
            known = RouteRule(permit, own_transactions)
            ROUTES[f"{self.name}.{view.__name__}"] = known
            self.add_url_rule(rule, view.__name__, _guarded(view, known), **options)
            return view

        return add


def _guarded(view: Callable[..., Any], rule: RouteRule) -> Callable[..., Response]:
    @functools.wraps(view)
    def guarded(**values: Any) -> Response:
        if not rule.permit(g.actor):
            raise NotPermitted(N_("You have no right to this page."))
        if rule.own_transactions:
            g.db = g.reading
            return _in_own_transactions(view, values)
        if request.method != "POST":
            g.db = g.reading
            return make_response(view(**values))
        g.reading.close()
        return _in_one_transaction(view, values)

    return cast("Callable[..., Response]", guarded)


def _in_own_transactions(view: Callable[..., Any], values: dict[str, Any]) -> Response:
    """Whatever the view stored and no committed row names is forgotten."""
    try:
        return make_response(view(**values))
    finally:
        forget_received()


def _in_one_transaction(view: Callable[..., Any], values: dict[str, Any]) -> Response:
    """Commits once, after the view, where its answer is no refusal; anything raised rolls back."""
    whole = False
    try:
        with world().doors.chamber(g.chamber.id, writing=True) as session:
            g.db = session
            response = make_response(view(**values))
            whole = response.status_code < 400
            if not whole:
                session.rollback()
    finally:
        if not whole:
            forget_received()
    return response
