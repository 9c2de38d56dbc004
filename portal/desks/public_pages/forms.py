"""The form that the style page shows."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField

from portal.web.forms import Attachment, Day, Form, Paragraph, Text


class StyleForm(Form):
    """One field of each kind; it is never sent."""

    name = Text(_l("Name"), description=_l("Exactly as on the business licence"))
    amount = Text(_l("Amount"), required=False)
    on = Day(_l("Joined on"))
    kind = SelectField(_l("Kind"), choices=None, validate_choice=False)
    body = Paragraph(_l("Text"))
    file = Attachment(_l("Attachment"))
    agreed = BooleanField(_l("We have read these documents."))
