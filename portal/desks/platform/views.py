"""Pages of the installation itself, on the bare base domain.

The chambers, and whether all is well.
"""

import flask
from flask import render_template

from portal.accounts.policies import anyone
from portal.jobs.queries import Health, health_at
from portal.tenancy.chambers import every_chamber
from portal.web.blueprint import ROUTES, RouteRule
from portal.web.request import PLATFORM
from portal.web.world import world

platform = flask.Blueprint("platform", __name__, url_prefix=PLATFORM)
ROUTES.update(
    {
        f"platform.{name}": RouteRule(anyone, own_transactions=True)
        for name in ("list_chambers", "tell_health", "tell_ready")
    }
)


@platform.get("/")
def list_chambers() -> str:
    """The chambers of this installation, and how its work in the background goes.

    In a demo, with the sign-ins of each role.
    """
    chambers = [(c, world().address(c.slug, "/")) for c in every_chamber(world().doors)]
    return render_template(
        "desks/platform/list_chambers.html",
        chambers=chambers,
        demo=world().settings.demo,
        health=_health(),
    )


@platform.get("/healthz")
def tell_health() -> tuple[dict[str, object], int]:
    """For whoever watches.

    The database answers, a worker lives (else 503), and since when the oldest due job waits, in
    seconds.
    """
    health = _health()
    told: dict[str, object] = {
        "status": health.state,
        "worker_heard_of": health.beat,
        "oldest_due_job": health.oldest_due,
        "failed_jobs": health.failed,
    }
    return told, 503 if health.is_silent else 200


@platform.get("/readyz")
def tell_ready() -> dict[str, str]:
    """For load balancers: this web process and its database answer, whatever the worker does."""
    for _ in every_chamber(world().doors):
        break
    return {"status": "ok"}


def _health() -> Health:
    with world().doors.platform() as session:
        return health_at(session, session.now())
