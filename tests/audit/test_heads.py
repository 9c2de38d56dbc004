"""Heads of the chains are kept for ever, and do not pile up."""

import datetime as dt

from portal.audit.heads import FOLDER, superfluous

BEGIN = dt.datetime(2026, 1, 31, 5, tzinfo=dt.UTC)


def test_three_years_of_heads_leave_an_hour_a_day_and_a_month() -> None:
    keys: list[str] = []
    for hour in range(3 * 365 * 24):
        now = BEGIN + dt.timedelta(hours=hour)
        keys.append(f"{FOLDER}{now:%Y-%m-%dT%H}.json")
        gone = superfluous(keys, now)
        keys = [key for key in keys if key not in gone]
    days = {key.removeprefix(FOLDER)[:10] for key in keys}
    for back in range(62):
        assert f"{now - dt.timedelta(days=back):%Y-%m-%d}" in days
    assert len({day[:7] for day in days}) == 37
    assert keys[0] == f"{FOLDER}2026-01-31T05.json"
    assert (
        len([key for key in keys if key >= f"{FOLDER}{now - dt.timedelta(days=2):%Y-%m-%dT%H}"])
        == 49
    )
    assert len(keys) < 160
