"""Forms of applying."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import Email, Optional

from portal.admission.applications.forms import FIELD_LABELS
from portal.admission.applications.models import Application
from portal.admission.applying.services.drafting import Change
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.foundation.money import parse_fen, plain
from portal.members.enterprises.models import EnterpriseKind
from portal.members.enterprises.rules.codes import industry_choices, region_choices
from portal.members.enterprises.rules.uscc import read_legacy_number, read_uscc
from portal.members.enterprises.services import Identity
from portal.web.filters import label
from portal.web.forms import REQUIRED, Attachment, Form, Text, clean


class ApplicationForm(Form):
    """What an enterprise says of itself when it asks to join."""

    form_key = HiddenField()
    kept_licence = HiddenField()
    seen = HiddenField()
    shown_documents = HiddenField()
    uscc = Text(
        _l("Unified social credit code"),
        most=40,
        description=_l("18 signs, as on the business licence"),
    )
    legacy_reason = Text(
        _l("Only an older 15-digit registration number? Why"),
        most=300,
        required=False,
        description=_l("Type the number above and say here why there is no code of 18 signs yet"),
    )
    name = Text(_l("Name of the enterprise"), description=_l("Exactly as on the business licence"))
    kind = SelectField(_l("Kind"), [REQUIRED])
    legal_representative = Text(_l("Legal representative"), most=80)
    capital = Text(
        _l("Registered capital (CNY)"), most=24, description=_l("In yuan, for example 5,000,000")
    )
    industry = SelectField(_l("Industry"), [REQUIRED], description=_l("GB/T 4754-2017"))
    region = SelectField(_l("Region"), [REQUIRED], description=_l("Province and city"))
    address = Text(_l("Address"), most=200)
    grade = SelectField(_l("Grade applied for"), [REQUIRED])
    contact_name = Text(_l("Contact"), most=80, render_kw={"autocomplete": "name"})
    contact_email = Text(
        _l("E-mail"),
        most=254,
        required=False,
        rules=[Optional(), Email(_l("This is no e-mail address."))],
        description=_l(
            "Without one, the chamber's office passes every message on to you by phone or chat"
        ),
        render_kw={"type": "email", "autocomplete": "email"},
    )
    contact_phone = Text(_l("Phone"), most=40, render_kw={"type": "tel", "autocomplete": "tel"})
    licence = Attachment(
        _l("Business licence"),
        description=_l("Photo (JPEG, PNG) or PDF, 10 MB at most"),
        render_kw={"accept": "image/jpeg,image/png,application/pdf"},
    )
    documents = BooleanField(_l("We have read these documents."))

    def seen_revisions(self) -> dict[str, int] | None:
        """The revisions of the draft's fields that the page has seen.

        None where it does not say.
        """
        try:
            return _read_revisions(self.seen)
        except InvalidInput:
            return None

    def fill_from(self, application: Application) -> None:
        """Shows what an earlier application said."""
        for name in (
            "uscc",
            "legacy_reason",
            "name",
            "legal_representative",
            "industry",
            "region",
            "address",
            "contact_name",
            "contact_email",
            "contact_phone",
        ):
            self[name].data = getattr(application, name)
        self.kind.data, self.grade.data, self.capital.data = (
            application.kind.value,
            f"{application.grade_id}:{application.dues_years}"
            if application.dues_years
            else str(application.grade_id),
            plain(application.capital),
        )

    def offer(self, grades: list[tuple[str, str]]) -> None:
        """Fills the choices."""
        self.kind.choices = [(k.value, label(k)) for k in EnterpriseKind]
        self.industry.choices = {"": [("", "—")], **industry_choices()}
        self.region.choices = {"": [("", "—")], **region_choices()}
        self.grade.choices = grades

    def chosen_grade(self) -> tuple[uuid.UUID, int | None]:
        """The grade, and the years of its term where the schedule has several."""
        grade, _, years = str(self.grade.data).partition(":")
        return uuid.UUID(grade), int(years) if years else None

    def identity(self, licence_file_id: uuid.UUID | None) -> Identity:
        """What was typed, checked; InvalidInput beside the field that cannot be."""
        if self.documents.data is not True:
            raise InvalidInput("documents", N_("Read and accept every document to go on."))
        return Identity(
            uscc=read_legacy_number(self.uscc.data)
            if self.legacy_reason.data
            else read_uscc(self.uscc.data),
            name=self.name.data,
            kind=EnterpriseKind(self.kind.data),
            legal_representative=self.legal_representative.data,
            capital=parse_fen(self.capital.data, "capital"),
            industry=self.industry.data,
            region=self.region.data,
            address=self.address.data,
            licence_file_id=licence_file_id,
        )


_FORM_FIELDS = {"licence_file_id": "licence", "grade_id": "grade"}


class CorrectionForm(ApplicationForm):
    """Exactly the fields of an application that were returned."""

    def keep_only(self, asked: Iterable[str]) -> None:
        """Takes every other field out."""
        kept = {_FORM_FIELDS.get(name, name) for name in asked} | {"form_key", "csrf_token"}
        for name in [
            field.short_name for field in self if field.short_name.removeprefix("kept_") not in kept
        ]:
            del self[name]

    def corrected(self, licence_file_id: uuid.UUID | None) -> dict[str, Any]:
        """What was typed, checked, by the application's columns.

        InvalidInput beside the field that cannot be.
        """
        values: dict[str, Any] = {name: self[name].data for name in FIELD_LABELS if name in self}
        if "capital" in values:
            values["capital"] = parse_fen(values["capital"], "capital")
        if "kind" in values:
            values["kind"] = EnterpriseKind(values["kind"])
        if "grade" in self:
            values["grade_id"], values["dues_years"] = self.chosen_grade()
        if "licence" in self:
            if licence_file_id is None:
                raise InvalidInput("licence", N_("Add a photo or PDF of the business licence."))
            values["licence_file_id"] = licence_file_id
        return values


def _too_much() -> InvalidInput:
    return InvalidInput("fields", N_("This cannot be kept: it is longer than the form."))


class ChangesForm(Form):
    """What a page saves of itself while it is filled in.

    JSON lists of [field, value, revision seen], and the revisions of the other fields.
    """

    form_key = HiddenField()
    changed = HiddenField()
    seen = HiddenField()

    def changes(self) -> list[Change]:
        """The fields that were changed; InvalidInput for what is no such list."""
        read = _read_json(self.changed)
        if not isinstance(read, list) or not all(
            isinstance(x, list) and len(x) == 3 and type(x[2]) is int for x in read
        ):
            raise _too_much()
        return [Change(str(name), clean(str(value)), seen) for name, value, seen in read]

    def seen_revisions(self) -> dict[str, int]:
        """The revision of each field that the page has seen.

        InvalidInput for what is no such thing.
        """
        return _read_revisions(self.seen)


def _read_revisions(field: HiddenField) -> dict[str, int]:
    read = _read_json(field)
    if not isinstance(read, dict) or not all(type(x) is int for x in read.values()):
        raise _too_much()
    return read


def _read_json(field: HiddenField) -> Any:
    try:
        return json.loads(field.data or "")
    except (ValueError, RecursionError) as error:
        raise _too_much() from error


class WithdrawalForm(Form):
    """Why the applicant takes the application back."""

    reason = Text(_l("Reason"), most=500, required=False)
