"""Who is entitled, as it is typed."""

import re

MOST_MATTERS = 500
MOST_SEATS = 2_000


def read_seats(lines: str) -> list[tuple[str, str]]:
    """Who is entitled to vote, one a line.

    The name, then after a comma (or 、 or a tab) the capacity.
    """
    found = []
    for line in lines.splitlines():
        name, _, capacity = re.sub(r"[，、\t]", ",", line, count=1).partition(",")
        if name.strip():
            found.append((name.strip()[:80], capacity.strip()[:200]))
    return found
