"""Forms of applying and reviewing."""

import uuid

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import Email

from portal.applications.rules import MOST_VOTERS
from portal.enterprises.models import EnterpriseKind
from portal.enterprises.rules.codes import industry_choices, region_choices
from portal.enterprises.rules.uscc import read_uscc
from portal.enterprises.services import Identity
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.foundation.money import parse_fen
from portal.web.filters import label
from portal.web.forms import REQUIRED, Attachment, Day, Form, Number, Paragraph, Text


class ApplicationForm(Form):
    """What an enterprise says of itself when it asks to join."""

    form_key = HiddenField()
    kept_licence = HiddenField()
    uscc = Text(_l("Unified social credit code"), most=40, description=_l("18 signs, as on the business licence"))
    name = Text(_l("Name of the enterprise"), description=_l("Exactly as on the business licence"))
    kind = SelectField(_l("Kind"), [REQUIRED])
    legal_representative = Text(_l("Legal representative"), most=80)
    capital = Text(_l("Registered capital (CNY)"), most=24, description=_l("In yuan, for example 5,000,000"))
    industry = SelectField(_l("Industry"), [REQUIRED], description=_l("GB/T 4754-2017"))
    region = SelectField(_l("Region"), [REQUIRED], description=_l("Province and city"))
    address = Text(_l("Address"), most=200)
    grade = SelectField(_l("Grade applied for"), [REQUIRED])
    contact_name = Text(_l("Contact"), most=80, render_kw={"autocomplete": "name"})
    contact_email = Text(_l("E-mail"), most=254, rules=[Email(_l("This is no e-mail address."))], render_kw={"type": "email", "autocomplete": "email"})
    contact_phone = Text(_l("Phone"), most=40, render_kw={"type": "tel", "autocomplete": "tel"})
    licence = Attachment(_l("Business licence"), description=_l("Photo (JPEG, PNG) or PDF, 10 MB at most"), render_kw={"accept": "image/jpeg,image/png,application/pdf"})
    documents = BooleanField(_l("We have read these documents, accept the charter and wish to join."))

    def offer(self, grades: list[tuple[str, str]]) -> None:
        """Fills the choices."""
        self.kind.choices = [(k.value, label(k)) for k in EnterpriseKind]
        self.industry.choices = {"": [("", "—")], **industry_choices()}
        self.region.choices = {"": [("", "—")], **region_choices()}
        self.grade.choices = grades

    def identity(self, licence_file_id: uuid.UUID | None) -> Identity:
        """What was typed, checked; InvalidInput beside the field that cannot be."""
        if self.documents.data is not True:
            raise InvalidInput("documents", N_("Read and accept every document to go on."))
        return Identity(
            uscc=read_uscc(self.uscc.data),
            name=self.name.data,
            kind=EnterpriseKind(self.kind.data),
            legal_representative=self.legal_representative.data,
            capital=parse_fen(self.capital.data, "capital"),
            industry=self.industry.data,
            region=self.region.data,
            address=self.address.data,
            licence_file_id=licence_file_id,
        )


class SubmitForm(Form):
    """A button."""


class RejectionForm(Form):
    """Why an application ends."""

    reason = Paragraph(_l("Reason"), most=1_000, description=_l("The applicant reads this"))


class VoteForm(Form):
    """A council's vote."""

    meeting_on = Day(_l("Day of the meeting"))
    entitled = Number(_l("Entitled to vote"), 1, MOST_VOTERS)
    present = Number(_l("Present"), 0, MOST_VOTERS)
    in_favour = Number(_l("In favour"), 0, MOST_VOTERS)
