"""Ten times the rows: the queue of applications and the list of invoices take about as long."""

import time
from collections.abc import Callable

import pytest

from tests.cast import Browser, House
from tests.crowded import furnish_applications, furnish_invoices

pytestmark = [pytest.mark.either_database, pytest.mark.timeout(1_200)]


def _look_at_tables(house: House) -> None:
    """What the daily schedule does on SQLite, and autovacuum on PostgreSQL."""
    house.doors.database.keep_statistics()
    if not house.doors.database.is_sqlite:
        with house.owner_doors.database.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _seconds(browser: Browser, address: str, times: int) -> float:
    """The least wall time of a page out of some tries, the database's part included."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        assert browser.client.get(address, headers={"Host": browser.host}).status_code == 200
        taken.append(time.perf_counter() - began)
    return min(taken)


PAGES = (
    ("membership", "/applications"),
    ("membership", "/my-day"),
    ("finance", "/billing/invoices"),
    ("finance", "/billing/invoices?q=JF2026-00007"),
    ("finance", "/my-day"),
)


def test_ten_times_the_rows(house: House, full: bool, figure: Callable[[str], None]) -> None:
    applications, invoices, times = (1_000, 10_000, 15) if full else (20, 60, 2)
    furnish_applications(house, applications)
    furnish_invoices(house, invoices, paid_of_20=19)
    _look_at_tables(house)
    few = [_seconds(house.browser(who), address, times) for who, address in PAGES]
    furnish_applications(house, applications * 9, first=applications + 1)
    furnish_invoices(house, invoices * 9, first=invoices + 1, paid_of_20=19)
    _look_at_tables(house)
    many = [_seconds(house.browser(who), address, times) for who, address in PAGES]
    figure(
        f"{applications * 10} applications, {invoices * 10} invoices (1 in 20 open) against "
        "a tenth of them; goal at most 1.5:"
    )
    for (_, address), now, before in zip(PAGES, many, few, strict=True):
        figure(f"{address}: {now * 1000:.1f} ms : {before * 1000:.1f} ms = {now / before:.2f}")
