"""Forms of the chamber itself, its staff and its mails."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.validators import Email, Optional

from portal.tenancy.actor import Rank
from portal.web.filters import label
from portal.web.forms import (
    REQUIRED,
    Attachment,
    Day,
    Form,
    Paragraph,
    Text,
)


class ChamberForm(Form):
    """Names, colour, address."""

    name_zh = Text(_l("Name in Chinese"))
    name_en = Text(_l("Name in English"), most=160)
    uscc = Text(
        _l("Unified social credit code"),
        most=40,
        required=False,
        description=_l("The chamber's own begins with 51"),
    )
    colour = Text(
        _l("Colour"), most=7, description=_l("Such as #8c2f22; white text must be readable on it")
    )
    address = Text(_l("Address"), most=200, required=False)
    phone = Text(_l("Phone"), most=40, required=False)
    introduction = Paragraph(
        _l("Introduction"), most=4_000, required=False, description=_l("Stands on the public page")
    )
    staff_need_second_factor = BooleanField(_l("Staff must use a second factor"))


class MailSenderForm(Form):
    """Who the chamber's mails come from."""

    mail_sender_name = Text(_l("Sender's name"))
    mail_reply_to = Text(
        _l("Answers go to"),
        most=254,
        required=False,
        rules=[Optional(), Email(_l("This is no e-mail address."))],
    )


class SealForm(Form):
    """The picture of the seal."""

    seal = Attachment(
        _l("Picture of the seal"),
        description=_l("PNG with a clear background looks best; 10 MB at most"),
        render_kw={"accept": "image/png,image/jpeg"},
    )


class DepartmentForm(Form):
    """A department."""

    code = Text(
        _l("Code"), most=6, description=_l("Two to six capital letters; stands in file numbers")
    )
    name_zh = Text(_l("Name in Chinese"), most=60)
    name_en = Text(_l("Name in English"), most=80)


class GradeForm(Form):
    """A grade."""

    name_zh = Text(_l("Name in Chinese"), most=60)
    name_en = Text(_l("Name in English"), most=80)


class HandEverythingForm(Form):
    """To whom a leaving colleague's applications go."""

    to = SelectField(_l("To"))
    words = Text(_l("A word for them"), most=500, required=False)


class AppointmentForm(Form):
    """An appointment."""

    name = Text(_l("Name"), most=80)
    email = Text(
        _l("E-mail"),
        most=254,
        rules=[Email(_l("This is no e-mail address."))],
        render_kw={"type": "email"},
    )
    rank = SelectField(_l("Rank"), [REQUIRED])
    department = SelectField(_l("Department"))
    from_on = Day(_l("From"))
    until_on = Day(_l("Until"), [Optional()], description=_l("Empty: without end"))
    acting = BooleanField(_l("Acting deputy (marked 代 in every act)"))
    ceiling = Text(_l("Ceiling of an acting deputy (yuan)"), most=20, required=False)

    def offer(self, departments: list[tuple[str, str]]) -> None:
        """Fills the choices."""
        self.rank.choices = [(r.value, label(r)) for r in Rank]
        self.department.choices = [("", "—"), *departments]
