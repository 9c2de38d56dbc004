"""What every page must be, checked whenever a test fetches one."""

from lxml import html
from werkzeug.test import TestResponse


def check_page(answer: TestResponse) -> None:
    """Parses; one h1 that its title begins with; labels for inputs; CSRF in each posting form.

    Unique ids; no inline script.
    """
    text = answer.text
    if "<html" not in text:
        return
    page = html.document_fromstring(text)
    headings = page.xpath("//h1")
    assert len(headings) == 1, f"{len(headings)} h1"
    title = page.findtext(".//title") or ""
    assert title.startswith(headings[0].text_content().strip()[:12]), (
        title,
        headings[0].text_content(),
    )
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)
    for field in page.xpath("//input[not(@type='hidden')]|//select|//textarea"):
        labelled = page.xpath(f"//label[@for='{field.get('id')}']") or field.xpath(
            "ancestor::label"
        )
        assert labelled, html.tostring(field)
    for form in page.xpath("//form[translate(@method, 'POST', 'post')='post']"):
        assert form.xpath(".//input[@name='csrf_token']"), html.tostring(form)[:200]
    assert not page.xpath("//script[not(@src)]")
    assert not page.xpath("//*[@style]")
    assert answer.headers["Content-Security-Policy"]
