"""Every kind of mail has a title for those who look after them."""

import re

from portal.settings import ROOT
from portal.web.mail import TITLES


def test_every_template_has_a_title() -> None:
    folder = ROOT / "templates" / "emails"
    assert {str(path.relative_to(folder).with_suffix("")) for path in folder.glob("*/*.txt")} == set(TITLES)


def test_a_link_stands_on_a_line_of_its_own() -> None:
    """A block of Jinja swallows the line's end after it: words and link would run together, and no reader's mail program would find the link."""
    for path in (ROOT / "templates" / "emails").rglob("*.txt"):
        assert not re.search(r"%\}\n\{\{ link", path.read_text(encoding="utf-8")), path
