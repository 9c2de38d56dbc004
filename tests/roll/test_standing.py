"""Standing, judged from a history at a day."""

import datetime as dt

import pytest

from portal.foundation.errors import InvalidInput
from portal.money.dues.rules.coverage import Span
from portal.roll.models import Standing
from portal.roll.rules import Owed, Stay, judge, read_history

DAY = dt.date(2026, 6, 15)
JOINED = Stay(dt.date(2024, 3, 1))


def owed(
    open_amount: int, due: str = "2026-02-01", until: str = "2026-12-31", covers: str = "2026-01-01"
) -> Owed:
    return Owed(
        "JF2026-00001",
        dt.date.fromisoformat(due),
        open_amount,
        Span(dt.date.fromisoformat(covers), dt.date.fromisoformat(until)),
    )


@pytest.mark.parametrize(
    ("stays", "invoices", "standing", "words"),
    [
        ([], [], Standing.NO_MEMBER, "has not been admitted"),
        ([Stay(dt.date(2026, 6, 16))], [], Standing.NO_MEMBER, "has not been admitted"),
        ([JOINED], [owed(0)], Standing.GOOD, "paid through 2026-12-31"),
        ([JOINED], [owed(1)], Standing.ARREARS, "JF2026-00001 is 134 days overdue"),
        (
            [JOINED],
            [owed(1, due="2026-06-15")],
            Standing.GOOD,
            "JF2026-00001 is open, due on 2026-06-15",
        ),
        ([JOINED], [owed(1, due="2026-06-14")], Standing.ARREARS, "1 days overdue"),
        ([JOINED], [], Standing.GOOD, "No dues are raised"),
        ([JOINED], [Owed("JF2026-00002", DAY, 0)], Standing.GOOD, "No dues are raised"),
        (
            [JOINED],
            [owed(0), Owed("JF2026-00002", DAY, 5)],
            Standing.GOOD,
            "paid through 2026-12-31",
        ),
        (
            [JOINED],
            [owed(0), owed(1, "2027-01-31", "2027-12-31", "2027-01-01")],
            Standing.GOOD,
            "paid through 2026-12-31",
        ),
        (
            [JOINED],
            [owed(0), owed(1, "2026-09-30", "2026-12-31", "2026-06-01")],
            Standing.GOOD,
            "open, due on 2026-09-30",
        ),
        (
            [Stay(dt.date(2019, 1, 1), paid_through=dt.date(2026, 12, 31))],
            [owed(1, "2026-09-30", "2026-12-31", "2026-06-01")],
            Standing.GOOD,
            "open, due on 2026-09-30",
        ),
        (
            [Stay(dt.date(2019, 1, 1), paid_through=dt.date(2026, 12, 31))],
            [],
            Standing.GOOD,
            "paid through 2026-12-31",
        ),
        (
            [Stay(dt.date(2019, 1, 1), paid_through=dt.date(2025, 12, 31))],
            [],
            Standing.GOOD,
            "No dues are raised",
        ),
        ([Stay(dt.date(2024, 3, 1), lapsed=True)], [owed(1)], Standing.LAPSED, "overdue"),
        (
            [Stay(dt.date(2020, 1, 1), dt.date(2025, 1, 1))],
            [owed(1)],
            Standing.LEFT,
            "left on 2025-01-01",
        ),
        (
            [Stay(dt.date(2020, 1, 1), dt.date(2025, 1, 1)), Stay(dt.date(2026, 1, 1))],
            [owed(0)],
            Standing.GOOD,
            "paid through",
        ),
        (
            [Stay(dt.date(2020, 1, 1), dt.date(2026, 6, 16))],
            [owed(0)],
            Standing.GOOD,
            "paid through",
        ),
    ],
)
def test_a_history_is_judged(
    stays: list[Stay], invoices: list[Owed], standing: Standing, words: str
) -> None:
    judged = judge(stays, invoices, DAY)
    assert judged.standing is standing
    assert any(words in str(reason) for reason in judged.reasons)


def test_a_typed_history_is_read_line_by_line() -> None:
    text = "2019-03-01 入会\n\n 2020年5月6日 当选理事\n2021/1/2：获奖\n2022.12.31, 换届"
    assert read_history(text, DAY) == [
        (dt.date(2019, 3, 1), "入会"),
        (dt.date(2020, 5, 6), "当选理事"),
        (dt.date(2021, 1, 2), "获奖"),
        (dt.date(2022, 12, 31), "换届"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "入会",
        "2019-02-29 入会",
        "2026-06-16 明天",
        "2019-13-01 x",
        "2019-03-01",
        "=1+1",
        "99999999999-1-1 x",
    ],
)
def test_a_line_without_a_day_that_has_been_is_named(line: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_history(f"2019-03-01 入会\n{line}", DAY)
    assert refused.value.field == "history"
    assert line[:20] in str(refused.value.sentence)
