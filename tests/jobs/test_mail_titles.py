"""Every kind of mail has a title for those who look after them."""

from portal.settings import ROOT
from portal.web.mail import TITLES


def test_every_template_has_a_title() -> None:
    folder = ROOT / "templates" / "emails"
    assert {str(path.relative_to(folder).with_suffix("")) for path in folder.glob("*/*.txt")} == set(TITLES)
