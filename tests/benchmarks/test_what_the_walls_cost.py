"""What the portal's machinery costs.

The walled session against a bare one, a list page against a bare page.
"""

import uuid
from collections.abc import Callable
from typing import Any

import flask
import pytest
import sqlalchemy as sa
from flask_babel import Babel
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.members.enterprises.models import Enterprise
from portal.money.invoices.models import Invoice, InvoiceState
from portal.money.invoices.queries import InvoiceFilter, list_invoices
from portal.tenancy.actor import Actor, ActorKind, Post, Rank
from portal.tenancy.models import ChamberSettings
from portal.web.filters import install_filters
from portal.web.menu import groups_of
from portal.web.static_files import static_address
from tests.benchmarks.conftest import cpu_of
from tests.cast import House
from tests.crowded import furnish_invoices

pytestmark = [pytest.mark.either_database, pytest.mark.timeout(600)]
HERE = "/billing/invoices"


def _bare_rows(house: House) -> list[Invoice]:
    """The same 25 rows with the chamber in the WHERE clause, by a session that knows no wall."""
    mine = house.jia.id
    query = sa.select(Invoice).join(
        Enterprise, sa.and_(Enterprise.id == Invoice.party_id, Enterprise.chamber_id == mine)
    )
    query = query.options(joinedload(Invoice.party), contains_eager(Invoice.enterprise))
    with Session(house.owner_doors.database.reading) as session:
        return list(
            session.scalars(
                query.where(Invoice.chamber_id == mine).order_by(Invoice.id.desc()).limit(26)
            ).all()
        )


def _walled_rows(house: House) -> list[Invoice]:
    with house.doors.chamber(house.jia.id) as session:
        return list(list_invoices(session, InvoiceFilter(), house.clock.at.date()).rows)


def test_the_walled_session(house: House, full: bool, figure: Callable[[str], None]) -> None:
    furnish_invoices(house, 60)
    times = 200 if full else 10
    assert len(_walled_rows(house)) == 25
    walled, bare = (
        cpu_of(lambda: _walled_rows(house), times),
        cpu_of(lambda: _bare_rows(house), times),
    )
    figure(
        f"25 rows, walled {walled * 1000:.2f} ms : bare {bare * 1000:.2f} ms of CPU = "
        f"{walled / bare:.2f}"
    )


FINANCE_HEAD = Actor(
    ActorKind.STAFF, "郑财务", uuid.UUID(int=1), (Post(uuid.UUID(int=3), "CWB", Rank.HEAD),)
)


@pytest.fixture
def bare_app(house: House) -> flask.Flask:
    """Flask, the same templates, the same number of queries, and nothing of the portal between.

    No walls, sign-in, CSRF, headers.
    """
    app = flask.Flask(
        "bare",
        template_folder=house.app.template_folder,
        root_path=house.app.root_path,
        static_folder=None,
    )
    app.config.update(BABEL_DEFAULT_LOCALE="en", SECRET_KEY="x")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, locale_selector=lambda: "en")
    install_filters(app)
    places = groups_of(FINANCE_HEAD)
    app.jinja_env.globals.update(static=static_address, csrf_token=lambda: "x", menu=lambda: places)
    for rule in house.app.url_map.iter_rules():
        if rule.endpoint != "billing.list_invoices":
            app.add_url_rule(rule.rule, rule.endpoint, lambda **_: "")
    app.add_url_rule(HERE, "billing.list_invoices", lambda: _bare_page(house))
    return app


def _bare_page(house: House) -> str:
    with Session(house.owner_doors.database.reading) as session:
        mine = ChamberSettings.chamber_id == house.jia.id
        for _ in range(4):
            settings = session.scalars(sa.select(ChamberSettings).where(mine)).one()
        rows = _bare_rows(house)
        owed = Invoice.amount - Invoice.paid
        sums = session.execute(
            sa.select(sa.func.count(Invoice.id), sa.func.sum(owed), sa.func.sum(owed)).where(
                Invoice.chamber_id == house.jia.id
            )
        ).one()
    shown: dict[str, Any] = {
        "page": {"rows": rows[:25], "next_cursor": "x"},
        "narrow": InvoiceFilter(),
        "states": list(InvoiceState),
        "today": rows[0].due_on,
        "years": range(2027, 2021, -1),
        "button": {"csrf_token": lambda **_: ""},
    }
    return flask.render_template(
        "desks/billing/list_invoices.html",
        sums=[int(figure) for figure in sums],
        actor=FINANCE_HEAD,
        settings=settings,
        **shown,
    )


def test_a_list_page(
    house: House, bare_app: flask.Flask, full: bool, figure: Callable[[str], None]
) -> None:
    furnish_invoices(house, 60)
    times = 100 if full else 5
    finance, client = house.browser("finance"), bare_app.test_client()
    ours = finance.client.get(HERE, headers={"Host": "jia.localhost", "Accept-Language": "en"})
    theirs = client.get(HERE)
    assert ours.text.count("<tr>") == theirs.text.count("<tr>") == 26
    whole = cpu_of(
        lambda: finance.client.get(
            HERE, headers={"Host": "jia.localhost", "Accept-Language": "en"}
        ),
        times,
    )
    bare = cpu_of(lambda: client.get(HERE), times)
    figure(
        f"portal {whole * 1000:.1f} ms : bare {bare * 1000:.1f} ms of CPU = "
        f"{whole / bare:.2f} (goal at most 2.5)"
    )
