"""How a browser waits for what the worker does.

Until the fact is there, never for a number of tries.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from playwright.sync_api import Page

from tests.servers import PATIENCE

Found = TypeVar("Found")


def look_again(page: Page, find: Callable[[], Found], what: str, *, reload: bool = True) -> Found:
    """Looks at a page, each time anew unless told not to, until what is looked for is there."""
    ends = time.monotonic() + PATIENCE
    while not (found := find()):
        assert time.monotonic() < ends, f"{what} never came"
        page.wait_for_timeout(250)
        if reload:
            page.reload()
    return found
