"""A hundred browsers at once, on a server that runs for real."""

import http.client
import re
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal.admission.applications.models import Application, ApplicationState, StepDecision
from portal.foundation.clock import Clock, StandingClock, day_in
from portal.members.membership.models import Membership
from portal.money.invoices.models import Invoice
from portal.money.payments.models import Payment, PaymentPaper
from portal.papers.issuing.models import IssuedPaper
from tests.cast import House, apply_through_pages
from tests.races.crowd import at_once
from tests.servers import PATIENCE, portal_serving

pytestmark = [pytest.mark.either_database, pytest.mark.timeout(600)]


@pytest.fixture
def clock() -> StandingClock:
    """The server runs by the real clock, and so does the scene."""
    return StandingClock(Clock().now())


@pytest.fixture
def site(house: House, tmp_path: Path) -> Iterator[int]:
    """The port of a server that runs on the house's database."""
    with portal_serving(house.settings.database_url, tmp_path) as (port, _):
        yield port


class Client:
    """A browser of few words: one cookie, one CSRF word, any number of connections."""

    def __init__(self, port: int) -> None:
        self.port, self.cookie = port, ""

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """One request on a connection of its own; keeps the cookie of its answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {
            "Host": "jia.localhost",
            "Cookie": self.cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept-Language": "en",
        }
        connection.request(
            method, path, urllib.parse.urlencode(fields) if fields else None, headers
        )
        answer = connection.getresponse()
        kept = [
            cookie.split(";")[0]
            for cookie in answer.headers.get_all("Set-Cookie") or ()
            if cookie.startswith("huiguan=")
        ]
        self.cookie = kept[-1] if kept else self.cookie
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    def sign_in(self, who: str) -> "Client":
        """Signs in as somebody of the cast, and takes the CSRF word."""
        self.token = self._word("/sign-in")
        assert (
            self.ask(
                "POST",
                "/sign-in",
                {
                    "csrf_token": self.token,
                    "email": f"{who}@jia.example",
                    "password": "a quiet long sentence",
                },
            )[0]
            == 302
        )
        self.token = self._word("/account")
        return self

    def send(self, path: str, **fields: str) -> int:
        """The status of a POST."""
        return self.ask("POST", path, {"csrf_token": self.token, **fields})[0]

    def _word(self, path: str) -> str:
        return re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', self.ask("GET", path)[1])[0]


def _tell(figure: Callable[[str], None], what: str, statuses: list[object], seconds: float) -> None:
    assert not [s for s in statuses if isinstance(s, int) and s >= 500], statuses
    figure(
        f"{what}: {len(statuses)} requests at once, {statuses.count(302)} done, "
        f"{len(statuses) - statuses.count(302)} refused by a page, 0 server errors, "
        f"{seconds:.1f} s"
    )


def test_a_crowd_of_browsers(
    house: House, site: int, full: bool, figure: Callable[[str], None]
) -> None:
    count = 100 if full else 8
    today = day_in(Clock().now()).isoformat()
    _, application = apply_through_pages(house)
    officer, finance = Client(site).sign_in("membership"), Client(site).sign_in("finance")

    def rush(what: str, act: Callable[[int], int]) -> list[object]:
        began = time.monotonic()
        crowd = at_once(count, act)
        assert crowd.errors == []
        _tell(figure, what, crowd.got, time.monotonic() - began)
        return crowd.got

    decided = rush("deciding", lambda n: officer.send(f"/applications/{application.id}/approve"))
    assert decided.count(302) == 1
    voted = rush(
        "numbering",
        lambda n: officer.send(
            f"/applications/{application.id}/vote",
            meeting_on=today,
            entitled="30",
            present="20",
            in_favour="20",
        ),
    )
    assert voted.count(302) == 1
    with house.doors.chamber(house.jia.id) as session:
        invoice = session.scalars(sa.select(Invoice)).one()
    amount = f"{invoice.amount / 100 / (count // 2):.2f}"
    paid = rush(
        "paying",
        lambda n: finance.send(
            f"/billing/invoices/{invoice.id}/payment",
            channel="bank_transfer",
            received_on=today,
            amount=amount,
            payer="付款人",
            reference=f"S{n // 2}",
        ),
    )
    assert paid.count(302) == count // 2
    _admitted_once(house, application.id, count // 2)


def _admitted_once(house: House, application_id: object, payments: int) -> None:
    ends = time.monotonic() + 60
    while True:
        with house.doors.chamber(house.jia.id) as session:
            state = session.scalars(
                sa.select(Application.state).where(Application.id == application_id)
            ).one()
        if state is ApplicationState.ADMITTED:
            break
        assert time.monotonic() < ends, "nobody was admitted"
        time.sleep(0.2)
    with house.doors.chamber(house.jia.id) as session:
        assert session.scalars(sa.select(Membership.number)).all() == ["000001"]
        assert len(session.scalars(sa.select(StepDecision)).all()) == 2
        assert len(session.scalars(sa.select(Payment)).all()) == payments
        receipts = sorted(
            session.scalars(
                sa.select(IssuedPaper.number).where(IssuedPaper.kind == PaymentPaper.RECEIPT)
            )
        )
        assert [int(number[-5:]) for number in receipts] == list(range(1, payments + 1))
