"""Forms of notices to members."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from portal.web.forms import Attachment, Form, Paragraph, Text


class CircularForm(Form):
    """What a notice says."""

    title = Text(_l("Title"), most=120)
    body = Paragraph(_l("Text"), most=20_000)
    is_public = BooleanField(_l("Everybody may read it on the chamber's public page"))
    by_mail = BooleanField(_l("Mail it to the contacts too"))


class FileForm(Form):
    """An attachment."""

    file = Attachment(
        _l("Attachment"),
        description=_l("Photo (JPEG, PNG) or PDF, 10 MB at most"),
        render_kw={"accept": "image/jpeg,image/png,application/pdf"},
    )
