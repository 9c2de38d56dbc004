"""How figures are told: a line each, as a ratio measured in one run.

`make figures` runs them whole, `make test` reduced.
"""

import time
from collections.abc import Callable

import pytest


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the benchmarks run whole."""
    return bool(request.config.getoption("--figures"))


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Prints a figure under the name of its benchmark."""

    def tell(words: str) -> None:
        print(f"\n  {request.node.name}: {words}", flush=True)

    return tell


def cpu_of(act: Callable[[], object], times: int) -> float:
    """Seconds of this process's CPU for one `act`.

    The least of three rounds of `times`, after one that warms up.
    """
    act()
    rounds = []
    for _ in range(3):
        began = time.process_time()
        for _ in range(times):
            act()
        rounds.append((time.process_time() - began) / times)
    return min(rounds)
