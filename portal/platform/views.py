"""Pages of the installation itself, on the bare base domain: the chambers, and whether all is well."""

import flask
from flask import render_template

from portal.accounts.policies import anyone
from portal.tenancy.chambers import every_chamber
from portal.web.blueprint import ROUTES, RouteRule
from portal.web.request import PLATFORM
from portal.web.world import world

platform = flask.Blueprint("platform", __name__, url_prefix=PLATFORM)
ROUTES.update({f"platform.{name}": RouteRule(anyone, own_transactions=True) for name in ("list_chambers", "tell_health")})


@platform.get("/")
def list_chambers() -> str:
    """The chambers of this installation; in a demo, with the sign-ins of each role."""
    chambers = [(c, world().address(c.slug, "/")) for c in every_chamber(world().doors)]
    return render_template("platform/list_chambers.html", chambers=chambers, demo=world().settings.demo)


@platform.get("/healthz")
def tell_health() -> dict[str, str]:
    """For load balancers: the application and its database answer."""
    for _ in every_chamber(world().doors):
        break
    return {"status": "ok"}
