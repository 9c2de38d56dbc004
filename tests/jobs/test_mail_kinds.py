"""Every kind of mail has its template, and every template is of a kind."""

import re

import pytest

import portal.app
from portal.jobs.mail_kinds import MAIL_KINDS, MailKind
from portal.settings import ROOT


def test_every_kind_has_a_template() -> None:
    assert portal.app
    folder = ROOT / "templates" / "emails"
    assert {
        str(path.relative_to(folder).with_suffix("")) for path in folder.glob("*/*.txt")
    } == set(MAIL_KINDS)


def test_a_link_stands_on_a_line_of_its_own() -> None:
    """A block of Jinja swallows the line's end after it.

    Words and link would run together, and no reader's mail program would find the link.
    """
    for path in (ROOT / "templates" / "emails").rglob("*.txt"):
        assert not re.search(r"%\}\n\{\{ link", path.read_text(encoding="utf-8")), path


def test_two_kinds_of_one_name_fail_at_import() -> None:
    with pytest.raises(LookupError, match="accounts/reset"):

        class Again(MailKind):
            RESET = "accounts/reset", "Another link"
